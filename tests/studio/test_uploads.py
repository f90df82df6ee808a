"""Bodies are bounded while they stream, however they are sent."""

import asyncio
from collections.abc import Iterator

import pytest
from asgi import KNOWN, ask
from fastapi import FastAPI, Request

from ghostnote.studio.app import Studio
from ghostnote.studio.uploads import body_in_file, read_body

LIMIT = 1000
JSON = KNOWN | {"content-type": "application/json"}


@pytest.fixture
def taken(app: FastAPI, studio: Studio) -> list[bytes]:
    taken: list[bytes] = []

    async def raw(request: Request) -> int:
        taken.append(await read_body(request, LIMIT))
        return len(taken[-1])

    async def large(request: Request) -> int:
        return len(await read_body(request, 3 * 2**20))

    async def in_file(request: Request) -> int:
        async with body_in_file(request, LIMIT, studio.places) as path:
            taken.append(path.read_bytes())
            if path.read_bytes() == b"keep":
                path.rename(studio.places.samples / "kept")
            return len(taken[-1])

    async def as_json(body: dict[str, str]) -> int:
        return len(body)

    for name, route in (("raw", raw), ("large", large), ("file", in_file), ("json", as_json)):
        app.post(f"/api/{name}")(route)
        app.routes.insert(0, app.routes.pop())
    return taken


def parts(count: int, size: int, drawn: list[int]) -> Iterator[bytes]:
    """Yield a body bit by bit, and note how far it was read."""
    for number in range(count):
        drawn.append(number)
        yield b"x" * size


@pytest.mark.parametrize("path", ["/api/raw", "/api/file"])
def test_up_to_the_limit_it_is_taken(app: FastAPI, studio: Studio, taken: list[bytes], path: str) -> None:
    assert ask(app, "POST", path, body=b"x" * LIMIT).json() == LIMIT
    assert ask(app, "POST", path, body=[b"x" * 300, b"", b"y" * 700]).json() == LIMIT
    assert ask(app, "POST", path).json() == 0
    assert taken == [b"x" * LIMIT, b"x" * 300 + b"y" * 700, b""]
    assert not list(studio.places.uploads.iterdir())


@pytest.mark.parametrize("path", ["/api/raw", "/api/file"])
def test_beyond_it_nothing_is_read_on(app: FastAPI, studio: Studio, taken: list[bytes], path: str) -> None:
    drawn: list[int] = []
    answer = ask(app, "POST", path, body=parts(1000, 400, drawn))
    assert (answer.status, answer.kind) == (413, "TooLarge")
    assert "1,000 bytes" in answer.json()["error"]["message"]
    assert len(drawn) <= 4, "reading stops where the limit is passed"
    assert not taken
    assert not list(studio.places.uploads.iterdir()), "nothing of it is kept"


def test_a_length_beyond_it_is_refused_unread(app: FastAPI, taken: list[bytes]) -> None:
    drawn: list[int] = []
    answer = ask(app, "POST", "/api/raw", KNOWN | {"content-length": "1001"}, parts(9, 1, drawn))
    assert (answer.status, drawn) == (413, [])


@pytest.mark.parametrize("length", ["5", "-1", "x", "", "٣"])
def test_a_length_that_lies_changes_nothing(app: FastAPI, taken: list[bytes], length: str) -> None:
    headers = [*KNOWN.items()] + ([("content-length", length)] if length.isascii() else [])
    assert ask(app, "POST", "/api/raw", headers, parts(9, 400, [])).status == 413


def test_routes_may_take_more_than_json_does(app: FastAPI, taken: list[bytes]) -> None:
    assert ask(app, "POST", "/api/large", body=b"x" * 2 * 2**20).json() == 2 * 2**20
    assert ask(app, "POST", "/api/large", body=parts(5, 2**20, [])).status == 413


def test_json_is_bounded_without_anybody_asking(app: FastAPI, taken: list[bytes]) -> None:
    assert ask(app, "POST", "/api/json", JSON, b'{"a": "b"}').json() == 1
    drawn: list[int] = []
    answer = ask(app, "POST", "/api/json", JSON, parts(100, 2**18, drawn))
    assert (answer.status, answer.kind) == (413, "TooLarge")
    assert len(drawn) <= 6
    assert ask(app, "POST", "/api/json", JSON, b'{"a": "' + b"x" * 2**20 + b'"}').status == 413


def test_a_file_may_be_moved_away(app: FastAPI, studio: Studio, taken: list[bytes]) -> None:
    assert ask(app, "POST", "/api/file", body=b"keep").json() == 4
    assert (studio.places.samples / "kept").read_bytes() == b"keep"


def test_bodies_that_are_not_bounded_are_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="BoundedBodies"):
        asyncio.run(read_body(Request({"type": "http", "headers": []}), LIMIT))
