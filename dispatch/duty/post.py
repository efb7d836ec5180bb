"""One HTTP POST over a socket of its own: a status comes back, or a reason why none did. The loop is never blocked."""

import asyncio
import re
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r?\n)")
_LINES = 100
_lookups = ThreadPoolExecutor(2, "webhook-lookup")
"""Names are looked up in threads of their own: a name server that hangs holds up nobody who writes to the disk."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is HTTP's; without one, `reason` is `no_answer` (in time), `unreachable` or `unreadable`."""

    status: int | None = None
    reason: str | None = None


async def post(url: str, headers: dict[str, str], body: bytes, within_s: float) -> Answer:
    """`body` was posted to `url` and answered, or is known not to have been, within `within_s` real seconds.

    A redirection is an answer like any other and is not followed.
    """
    try:
        async with asyncio.timeout(within_s):
            return await _post(url, headers, body)
    except TimeoutError:
        return Answer(reason="no_answer")
    except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
        return Answer(reason="unreachable")
    except (ValueError, asyncio.LimitOverrunError):
        return Answer(reason="unreadable")


async def _post(url: str, headers: dict[str, str], body: bytes) -> Answer:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    reader, writer = await _connect(host, port, secure=secure)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = {"Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close", **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        await writer.drain()
        return Answer(status=await _status(reader))
    finally:
        writer.transport.abort()


async def _connect(host: str, port: int, *, secure: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_lookups, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    context = ssl.create_default_context() if secure else None
    error: OSError = OSError(f"{host} has no address")
    for _, _, _, _, address in found:
        try:
            return await asyncio.open_connection(
                str(address[0]), port, ssl=context, server_hostname=host if secure else None
            )
        except OSError as one:
            error = one
    raise error


async def _status(reader: asyncio.StreamReader) -> int:
    while True:
        matched = _STATUS.match(await reader.readuntil(b"\n"))
        if matched is None:
            raise ValueError("what answered does not speak HTTP")
        if matched[1] >= b"200":
            return int(matched[1])
        for _ in range(_LINES):  # an interim answer (RFC 9110 15.2): its headers are passed over
            if await reader.readuntil(b"\n") in (b"\r\n", b"\n"):
                break
