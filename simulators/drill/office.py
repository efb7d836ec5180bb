"""FireGrid's HTTP side, as the drill's conductor uses it."""

import asyncio
import http.client
import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

TIMEOUT_S = 10.0
PAGE = 500


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of this program
    """FireGrid answered no; the message says what was asked and why it was refused."""


class Office:
    """Requests with one token."""

    def __init__(self, url: str, token: str) -> None:
        self._parts = urlsplit(url)
        self._token = token

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """What FireGrid answers, decoded.

        Raises Refusal when it says no, OSError when it does not answer.
        """
        return await asyncio.to_thread(self._call, method, path, body)

    async def every(self, what: str, **filters: str) -> list[dict[str, Any]]:
        """All items of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.call("GET", f"/api/{what}?{urlencode({'limit': str(PAGE), **filters, **cursor})}")
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:  # noqa: ANN401 - JSON
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "127.0.0.1", self._parts.port, timeout=TIMEOUT_S)
        try:
            headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
            data = None if body is None else json.dumps(body)
            connection.request(method, quote(self._parts.path.rstrip("/")) + path, data, headers)
            answer = connection.getresponse()
            text = answer.read()
        except http.client.HTTPException as error:
            raise OSError(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise Refusal(f"{method} {path}: {answer.status} {_reason(text)}")
        return json.loads(text) if text else None


def _reason(text: bytes) -> str:
    """What a problem document says, or the start of whatever came."""
    try:
        problem = json.loads(text)
        return str(problem.get("detail") or problem.get("title"))
    except (ValueError, AttributeError):
        return text[:120].decode(errors="replace")
