"""What a browser hears of an error: `{"error": {"kind", "message"}}` and a status."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ghostnote.errors import GhostnoteError
from ghostnote.studio.errors import encode_error, kind_of, status_of

logger = logging.getLogger("ghostnote.studio")

_LONGEST_SHOWN = 60
_MOST_TOLD = 3
_KINDS_OF_STATUS = {
    400: "InvalidInput",
    401: "NotAllowed",
    403: "NotAllowed",
    404: "NotFound",
    405: "MethodNotAllowed",
    413: "TooLarge",
    421: "WrongHost",
}


def error_answer(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the answer that tells of an error."""
    return JSONResponse({"error": {"kind": kind, "message": message}}, status, headers)


def answer_of(error: BaseException) -> JSONResponse:
    """Return the answer that tells of `error`."""
    told = encode_error(error)
    return error_answer(status_of(told["kind"]), told["kind"], told["message"])


def told_validation(found: Sequence[Mapping[str, Any]]) -> str:
    """Return one line about what pydantic refused: field, rule, what came."""
    lines = []
    for error in found[:_MOST_TOLD]:
        place = [str(part) for part in error.get("loc", ())]
        where = ".".join(place[1:] if len(place) > 1 else place) or "body"
        if error.get("type") == "missing":
            lines.append(f"{where} is missing")
        elif error.get("type") == "json_invalid":
            lines.append(f"body must be JSON ({error.get('ctx', {}).get('error', 'it can not be read')})")
        else:
            rule = str(error.get("msg", "is wrong")).removeprefix("Input ").removeprefix("Value error, ")
            lines.append(f"{where} {rule[:1].lower()}{rule[1:]}; got {_short(error.get('input'))}")
    if len(found) > _MOST_TOLD:
        lines.append(f"and {len(found) - _MOST_TOLD} more")
    return "; ".join(lines)


def install_handlers(app: FastAPI) -> None:
    """Make `app` answer errors in our form. What is unforeseen is left to the guard, which is around everything."""

    async def on_known(request: Request, error: Exception) -> JSONResponse:
        del request
        if kind_of(error) == "Internal":
            logger.error("internal error: %s", error, exc_info=error)
        return answer_of(error)

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            raise error
        kind = _KINDS_OF_STATUS.get(error.status_code, "InvalidInput")
        message = str(error.detail)
        if error.status_code == 404 and message == "Not Found":
            message = f"there is nothing at {_short(request.url.path)}"
        elif error.status_code == 405:
            message = f"{request.method} is not possible at {_short(request.url.path)}"
        status = 422 if error.status_code == 400 else error.status_code
        return error_answer(status, kind, message, error.headers)

    async def on_validation(request: Request, error: Exception) -> JSONResponse:
        del request
        if not isinstance(error, RequestValidationError):
            raise error
        return error_answer(422, "InvalidParameter", told_validation(error.errors()))

    app.add_exception_handler(GhostnoteError, on_known)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
