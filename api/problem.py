"""Errors as RFC 9457 problem documents, whatever raised them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.why import Why
from dispatch.facts import refused
from dispatch.facts.refused import Refused

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

_SAY = {
    404: "nothing is here; GET /api/docs lists what there is",
    405: "this address takes other methods; see the Allow header",
    413: Refused(Why.TOO_LARGE, "the body is too large"),
}


class Problem(Exception):  # noqa: N818 - the RFC's word
    """The request ends with this status and a `detail` that says what to do. `more` are further members; a detail that
    is `Refused` brings its `code` and `values`.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: object) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = str(detail)
        self.headers = dict(headers or {})
        self.more = refused.members(detail) | more


def document(status: int, detail: str, **more: object) -> bytes:
    """The problem document. `type` is about:blank: status and `detail` say everything."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return msgspec.json.encode(body | more)


def response(problem: Problem) -> Response:
    """The answer a problem is sent as."""
    content = document(problem.status, problem.detail, **problem.more)
    return Response(content, problem.status, problem.headers, MEDIA_TYPE)


def nothing(noun: str, code: str) -> Problem:
    """There is none by this code, or it is not the bearer's to know: the two are not told apart."""
    said = f"no {noun} {code[:80]!r} that you may see"
    return Problem(404, Refused(Why.NOT_FOUND, said, noun=noun, named=code[:80]))


def forbidden(code: Why, detail: str) -> Problem:
    """The bearer is known and may not do this."""
    return Problem(403, Refused(code, detail))


def install(app: FastAPI) -> None:
    """Every error of `app` is answered with a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _broken)


def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - what this handler is registered for
    return response(error)


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what this handler is registered for
    detail = _SAY.get(error.status_code, error.detail)
    return response(Problem(error.status_code, detail, error.headers))


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what this handler is registered for
    errors = [
        {"at": ".".join(str(part) for part in one["loc"]), "reason": str(one["msg"])} for one in error.errors()[:20]
    ]
    said = "; ".join(f"{one['at']}: {one['reason']}" for one in errors[:3])
    names = list(dict.fromkeys(one["at"].rpartition(".")[2] for one in errors))
    return response(Problem(422, Refused(Why.INVALID, said or "the request does not fit", fields=names), errors=errors))


def _broken(request: Request, error: Exception) -> Response:
    log.error("request_broke", path=request.url.path, method=request.method, error=repr(error), exc_info=error)
    return response(Problem(500, Refused(Why.BROKE, "something broke here; the server's log says what, at this time")))
