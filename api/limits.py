"""What surrounds every request: how large it may be, what browsers are told, what is counted."""

import time
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import metrics, problem
from api.why import Why
from dispatch.facts.refused import Refused

MOST_BODY = 1024 * 1024

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def policy(pictures: str | None = None) -> str:
    """What a browser may load: everything from this server, and pictures from this other origin if there is one."""
    # styles: Leaflet and Svelte set them on elements; everything else comes from this server or not at all
    images = "img-src 'self' data: blob:" + (f" {pictures}" if pictures is not None else "")
    return (
        f"default-src 'self'; style-src 'self' 'unsafe-inline'; {images}; "
        "media-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


class BodyLimit:
    """A larger body is answered with 413, whether it says its length or not. `wider`: path -> what is taken there."""

    def __init__(self, app: ASGIApp, most: int = MOST_BODY, wider: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._most = most
        self._wider = dict(wider or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._wider.get(scope["path"], self._most)
        said = Headers(scope=scope).get("content-length", "0")
        if said.isdecimal() and int(said) > most:
            refused = problem.response(problem.Problem(413, _too_large(most), {"Connection": "close"}))
            await refused(scope, receive, send)
            return
        had = 0

        async def counted() -> Message:
            nonlocal had
            message = await receive()
            had += len(message.get("body", b""))
            if had > most:
                raise HTTPException(413, _too_large(most))
            return message

        await self._app(scope, counted, send)


def _too_large(most: int) -> str:
    return Refused(Why.TOO_LARGE, f"a request's body has at most {most} bytes here", most=most)


class Surround:
    """Every answer carries the security headers and a caching rule, and is counted by its route.

    `pictures`: the other origin that pages may load pictures of a map from.
    """

    def __init__(self, app: ASGIApp, pictures: str | None = None) -> None:
        self._app = app
        self._headers = {"Content-Security-Policy": policy(pictures), **_HEADERS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and watches the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", _caching(scope["path"], status))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            metrics.REQUESTS.labels(_method(scope["method"]), route, str(status)).inc()
            metrics.ANSWER_S.labels(route).observe(time.monotonic() - started)


def _caching(path: str, status: int) -> str:
    if path.startswith("/api/"):
        return "no-store"
    # built assets carry a digest of their content in their names
    return "public, max-age=31536000, immutable" if path.startswith("/assets/") and status in {200, 304} else "no-cache"


def _method(method: str) -> str:
    return method if method in {"GET", "HEAD", "POST", "PUT", "DELETE"} else "other"
