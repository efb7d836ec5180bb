"""A gateway for SMS and voice: takes what is posted, and answers as it is told to."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Gateway:
    """`answers`: one for each request, a status or `hang`, `hang_up`, `nonsense`; then 204. `taken`: what came."""

    url: str = ""
    answers: list[int | str] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for headers, _ in self.taken]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.taken]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            assert head[0].startswith("POST /")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
            body = await reader.readexactly(int(headers["content-length"]))
            self.taken.append((headers, body))
            match self.answers.pop(0) if self.answers else 204:
                case "hang":
                    await reader.read()
                case "hang_up":
                    pass
                case "nonsense":
                    writer.write(b"220 mail is taken here\r\n")
                case status:
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    writer.write(f"HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def gateway(*answers: int | str) -> AsyncIterator[Gateway]:
    """A gateway on the loopback."""
    one = Gateway(answers=list(answers))
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/send?token=x"
    async with server:
        yield one
