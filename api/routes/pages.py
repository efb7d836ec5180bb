"""The screens, as the front end's build left them."""

import re

from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from api.context import Here
from api.problem import Problem

router = APIRouter(include_in_schema=False)

_TYPES = {".webmanifest": "application/manifest+json"}
"""What not every system's table of types knows."""

_PAGE = re.compile(r"[a-z][a-z-]{0,30}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(?:js|css|svg|png|ico|json|webmanifest|woff2|mp3|ogg|wav|txt)")

_NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>FireGrid</title>
<h1>The screens are not built 页面尚未构建</h1>
<p>Run <code>npm ci &amp;&amp; npm run build</code> in <code>api/screens</code>, or <code>make demo</code>.
The interfaces work without them: <a href="/api/docs">/api/docs</a>."""


@router.get("/")
async def index() -> Response:
    """The command page, which asks for a sign-in where there was none."""
    return RedirectResponse("/command", 307)


@router.get("/assets/{name}")
async def asset(name: str, here: Here) -> Response:
    """A built file whose name changes with its content."""
    return _file(here, name, "assets")


@router.get("/{name}")
async def page(name: str, here: Here) -> Response:
    """A screen by its name, or a file beside the screens."""
    if not _PAGE.fullmatch(name):
        return _file(here, name)
    path = here.static / f"{name}.html"
    if path.is_file():
        return FileResponse(path, media_type="text/html; charset=utf-8")
    if not here.static.is_dir():
        return HTMLResponse(_NOT_BUILT, 503)
    raise Problem(404, f"there is no page {name!r}")


def _file(here: Here, name: str, *folders: str) -> Response:
    path = here.static.joinpath(*folders, name)
    if not _FILE.fullmatch(name) or not path.is_file():
        raise Problem(404, f"there is no file {name[:80]!r}")
    return FileResponse(path, media_type=_TYPES.get(path.suffix))
