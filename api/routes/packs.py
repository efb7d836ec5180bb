"""A whole district pack, up and down. It is read in a process of its own: the desk does not wait for it."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import msgspec
import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from api import admin_log, answer
from api.access import Verb
from api.context import Caller, Context, Here, away
from api.packing import Question
from api.problem import Problem
from api.why import Why
from dispatch.facts.refused import Refused

log = structlog.get_logger()

PATH = "/api/packs"
PIECE = 256 * 1024
WITHIN_S = 600.0
"""A district of a hundred thousand devices with its streets took less than a minute."""


def router(most: int, folder: Path) -> APIRouter:
    """`most`: bytes of a pack, as it comes and unpacked; `folder`: where it lies while it is read."""
    made = APIRouter(prefix=PATH, tags=["administration"])
    one_at_a_time = asyncio.Semaphore(1)

    @made.post("", openapi_extra={"requestBody": {"content": {"application/zip": {}}, "required": True}})
    async def upload(
        request: Request,
        who: Caller,
        here: Here,
        *,
        apply: Annotated[bool, Query(description="false: only say what would change")] = False,
        crs: Literal["wgs84", "gcj02"] = "wgs84",
        keep: Annotated[bool, Query(description="files that it lacks stay as they are registered")] = False,
        version: Annotated[
            int | None, Query(ge=0, description="apply only while the registry has this version")
        ] = None,
    ) -> Response:
        """A ZIP archive of a pack's files: its `faults` (file, line, reason), or what changes. All of it or nothing.

        422 with faults, also when told to apply; 409 when the registry has changed since `version`.
        """
        here.area(who, Verb.EDIT)
        async with _alone(one_at_a_time), _scratch(folder) as path:
            await _save(request, path)
            told = await _ask(
                here,
                task="import",
                path=str(path),
                who=admin_log.who(who),
                crs=crs,
                keep=keep,
                apply=apply,
                version=version,
                most=most,
            )
        if told.get("moved"):
            raise Problem(
                409, f"the registry has changed since version {version}: look at the changes again, then apply"
            )
        if told["faults"]:
            said = f"{told['total']} faults, nothing was applied: correct them and upload again"
            raise Problem(422, said, **told)
        return answer.json(told)

    @made.get("")
    async def download(who: Caller, here: Here) -> Response:
        """The whole registry with its streets as a ZIP archive that imports to the same again."""
        here.area(who, Verb.EDIT)
        async with _alone(one_at_a_time), _scratch(folder) as path:
            told = await _ask(here, task="export", path=str(path))
            made = path.open("rb")  # the name goes, the file stays until it is sent
        name = f"district-{told['version']}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(_pieces(made), media_type="application/zip", headers=headers)

    return made


@asynccontextmanager
async def _alone(one_at_a_time: asyncio.Semaphore) -> AsyncIterator[None]:
    if one_at_a_time.locked():
        said = Refused(Why.PACK_BUSY, "another pack is being read; try again in a moment")
        raise Problem(409, said, {"Retry-After": "5"})
    async with one_at_a_time:
        yield


@asynccontextmanager
async def _scratch(folder: Path) -> AsyncIterator[Path]:
    path = _fresh(folder)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _fresh(folder: Path) -> Path:
    """An empty file that only this user reads: a pack names people and their telephones."""
    descriptor, name = tempfile.mkstemp(prefix=".pack-", suffix=".zip", dir=folder)
    os.close(descriptor)
    return Path(name)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


async def _save(request: Request, path: Path) -> None:
    with path.open("wb") as file:
        async for piece in request.stream():
            await asyncio.to_thread(file.write, piece)


async def _ask(here: Context, **question: Any) -> dict[str, Any]:  # noqa: ANN401 - the members of a Question
    """What the process beside answers.

    Raises Problem 503 when it does not.
    """
    asked = Question(database=here.reachable.url, at=here.clock(), **question)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "api.packing",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(WITHIN_S):
            said, why = await child.communicate(msgspec.json.encode(asked))
    except TimeoutError:
        late = f"the pack was not read within {WITHIN_S:.0f} s; nothing was applied"
        raise Problem(503, Refused(Why.PACK_SLOW, late, seconds=WITHIN_S)) from None
    finally:
        with suppress(ProcessLookupError):
            if child.returncode is None:
                child.kill()
    if child.returncode != 0:
        log.error("pack_broke", status=child.returncode, error=why.decode(errors="replace")[-2000:])
        if b"OperationalError" in why:
            raise away()
        raise Problem(500, "reading the pack broke here; the server's log says what, at this time. Nothing was applied")
    return dict(msgspec.json.decode(said))
