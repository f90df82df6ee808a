"""Each error has a kind and a status, in every route and on its way out of a worker."""

from typing import Annotated

import pytest
from asgi import KNOWN, ask
from fastapi import Body, FastAPI
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ghostnote import errors
from ghostnote.errors import GhostnoteError
from ghostnote.studio.errors import (
    Cancelled,
    Conflict,
    Internal,
    NotFound,
    TooLarge,
    WorkerLost,
    decode_error,
    encode_error,
    kind_of,
    status_of,
)


class _Nearby(NotFound):
    pass


class _Unknown(GhostnoteError):
    pass


CASES = [
    (errors.InvalidParameter, "InvalidParameter", 422),
    (errors.InvalidInput, "InvalidInput", 422),
    (errors.InvalidMidi, "InvalidMidi", 422),
    (errors.InvalidAudio, "InvalidAudio", 422),
    (errors.MissingExtra, "MissingExtra", 501),
    (errors.StorageError, "StorageError", 507),
    (NotFound, "NotFound", 404),
    (_Nearby, "NotFound", 404),
    (Conflict, "Conflict", 409),
    (TooLarge, "TooLarge", 413),
    (Cancelled, "Cancelled", 410),
    (WorkerLost, "WorkerLost", 503),
    (_Unknown, "InvalidInput", 422),
]


@pytest.mark.parametrize(("error", "kind", "status"), CASES)
def test_kinds_and_statuses(app: FastAPI, error: type[GhostnoteError], kind: str, status: int) -> None:
    async def route() -> None:
        raise error("steps must be 1 to 64; got 0")

    _add(app, route)
    answer = ask(app, "POST", "/api/x")
    assert answer.status == status
    assert answer.json() == {"error": {"kind": kind, "message": "steps must be 1 to 64; got 0"}}


def test_every_error_of_ghostnote_has_a_status() -> None:
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, GhostnoteError) and error is not GhostnoteError:
            assert kind_of(error("x")) == error.__name__


@pytest.mark.parametrize("error", [errors.InvalidMidi("a"), NotFound("b"), Conflict("c"), errors.StorageError("d")])
def test_errors_travel(error: GhostnoteError) -> None:
    back = decode_error(encode_error(error))
    assert (type(back), str(back)) == (type(error), str(error))


def test_what_is_unforeseen_travels_without_internals() -> None:
    told = encode_error(KeyError("/home/someone"))
    assert told["kind"] == "Internal"
    assert "someone" not in told["message"]
    assert isinstance(decode_error({"kind": "GhostnoteError", "message": "x"}), Internal)
    assert status_of("no such kind") == 500


class _Tap(BaseModel):
    velocity: float = Field(ge=0, le=1)


class _Taps(BaseModel):
    taps: list[_Tap]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"taps": [{"velocity": "loud"}]}', "taps.0.velocity should be a valid number"),
        (b'{"taps": [{"velocity": 2}]}', "taps.0.velocity should be less than or equal to 1; got 2"),
        (b"{}", "taps is missing"),
        (b"[]", "body should be a valid dictionary"),
        (b"{", "body must be JSON"),
        (b"", "body is missing"),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
        (b'{"taps": [' + b"{}," * 50 + b"{}]}", "and 48 more"),
        (b'{"taps": "' + b"x" * 5000 + b'"}', "got 'xxxx"),
    ],
)
def test_json_that_is_refused_says_field_rule_and_what_came(app: FastAPI, body: bytes, message: str) -> None:
    async def route(taps: _Taps) -> None: ...

    _add(app, route)
    answer = ask(app, "POST", "/api/x", KNOWN | {"content-type": "application/json"}, body)
    assert answer.status == 422
    told = answer.json()["error"]
    assert message in told["message"]
    assert set(told) == {"kind", "message"}
    assert len(told["message"]) < 500


def test_wrong_method_and_path(app: FastAPI) -> None:
    answer = ask(app, "POST", "/api/meta")
    assert (answer.status, answer.kind) == (405, "MethodNotAllowed")
    assert ask(app, "GET", "/api/nothing").kind == "NotFound"


def test_errors_of_the_framework_have_our_form(app: FastAPI) -> None:
    async def route(value: Annotated[int, Body()]) -> None:
        raise HTTPException(418, "no coffee")

    _add(app, route)
    answer = ask(app, "POST", "/api/x", KNOWN | {"content-type": "application/json"}, b"1")
    assert (answer.status, answer.json()) == (418, {"error": {"kind": "InvalidInput", "message": "no coffee"}})


def _add(app: FastAPI, route: object) -> None:
    app.post("/api/x")(route)  # type: ignore[arg-type]
    app.routes.insert(0, app.routes.pop())
