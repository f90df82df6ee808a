"""The way in, and what every answer carries. That no route is forgotten is in test_every_route.py."""

import asyncio
import base64
import logging
import secrets
from pathlib import Path
from typing import Any

import pytest
from asgi import CREDENTIAL, HOST, KNOWN, PORT, STRANGER, Answer, ask
from fastapi import FastAPI

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.studio import passwords
from ghostnote.studio.app import Studio, create_app
from ghostnote.studio.passwords import Password, read_password
from ghostnote.studio.security import Access, OneTimeToken, check_exposure, is_loopback, same_secret

PASSWORD = "correct horse battery"


def enter(app: FastAPI, token: str, headers: dict[str, str] = STRANGER) -> Answer:
    return ask(app, "GET", f"/?token={token}", headers)


def test_token_is_exchanged_for_a_cookie_once(app: FastAPI, studio: Studio) -> None:
    answer = enter(app, studio.token.text)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    name_and_value, *flags = answer.headers["set-cookie"].split("; ")
    assert name_and_value == f"ghostnote-{PORT}={CREDENTIAL}"
    assert {flag.lower() for flag in flags} == {"httponly", "samesite=strict", "path=/"}
    assert answer.headers["cache-control"] == "no-store"
    assert ask(app, "GET", "/api/meta", STRANGER | {"cookie": name_and_value}).status == 200
    again = enter(app, studio.token.text)
    assert (again.status, "set-cookie" in again.headers) == (401, False)
    assert enter(app, studio.token.text, KNOWN).headers["location"] == "/", "who is known may open the address again"


@pytest.mark.parametrize("token", ["", "x", CREDENTIAL, "%00", "%ff%fe", "é", "a" * 5000])
def test_wrong_tokens_open_nothing(app: FastAPI, studio: Studio, token: str) -> None:
    answer = enter(app, token)
    assert (answer.status, "set-cookie" in answer.headers) == (401, False)
    assert enter(app, studio.token.text).status == 303, "a wrong one does not spend the right one"


def test_token_opens_only_the_front_door(app: FastAPI, studio: Studio) -> None:
    for method, target in (("GET", "/api/meta"), ("GET", "/js/main.js"), ("POST", "/"), ("HEAD", "/")):
        assert ask(app, method, f"{target}?token={studio.token.text}", STRANGER).status == 401
    assert enter(app, studio.token.text, STRANGER | {"host": "evil.example"}).status == 421
    assert enter(app, studio.token.text).status == 303, "none of these spent it"


def test_a_spent_token_is_spent_for_all_threads() -> None:
    token = OneTimeToken()
    assert [token.spend(token.text) for _ in range(3)] == [True, False, False]
    assert OneTimeToken().text != token.text
    assert len(token.text) >= 43


def test_secrets_are_compared_in_constant_time(app: FastAPI, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Any, Any]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return a == b

    monkeypatch.setattr(secrets, "compare_digest", compare)
    assert same_secret("a", "b") is False
    enter(app, "guess")
    ask(app, "GET", "/", STRANGER | {"cookie": f"ghostnote-{PORT}=guess"})
    assert compared == [(b"a", b"b"), (b"guess", studio.token.text.encode()), (b"guess", CREDENTIAL.encode())]


@pytest.mark.parametrize(
    "cookie", [f"a=b; ghostnote-{PORT}={CREDENTIAL}", f"ghostnote-{PORT}=old; ghostnote-{PORT}={CREDENTIAL}; c=d"]
)
def test_cookie_is_found_among_others(app: FastAPI, cookie: str) -> None:
    assert ask(app, "GET", "/api/meta", STRANGER | {"cookie": cookie}).status == 200


@pytest.mark.parametrize("host", [HOST, f"localhost:{PORT}", f"[::1]:{PORT}", f"LOCALHOST:{PORT}"])
def test_own_hosts_and_their_pages_may_change_things(app: FastAPI, host: str) -> None:
    headers = KNOWN | {"host": host, "origin": f"http://{host.lower()}", "sec-fetch-site": "same-origin"}
    assert ask(app, "DELETE", "/api/jobs/0123456789abcdef", headers).status == 404
    assert ask(app, "DELETE", "/api/jobs/0123456789abcdef", KNOWN | {"sec-fetch-site": "none"}).status == 404
    assert ask(app, "DELETE", "/api/jobs/0123456789abcdef", KNOWN).status == 404, "a program sends neither"


def test_several_hosts_or_origins_are_refused(app: FastAPI) -> None:
    pairs = list(KNOWN.items())
    assert ask(app, "GET", "/", [*pairs, ("host", HOST)]).status == 421
    origins = [("origin", f"http://{HOST}"), ("origin", "https://evil.example")]
    assert ask(app, "DELETE", "/api/jobs/0123456789abcdef", [*pairs, *origins]).status == 403


def test_who_comes_without_a_cookie_is_told_what_to_do(app: FastAPI) -> None:
    answer = ask(app, "GET", "/", STRANGER)
    assert answer.headers["content-type"].startswith("text/html")
    assert b"ghostnote studio" in answer.body
    assert "www-authenticate" not in answer.headers
    assert ask(app, "GET", "/api/meta", STRANGER).kind == "NotAllowed"


def test_what_was_not_foreseen_tells_no_internals(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        raise ZeroDivisionError("/home/someone/secret.py")

    app.get("/api/broken")(broken)
    app.routes.insert(0, app.routes.pop())  # before the static files, which answer to any path
    with caplog.at_level(logging.ERROR, "ghostnote.studio"):
        answer = ask(app, "GET", "/api/broken")
    assert (answer.status, answer.kind) == (500, "Internal")
    assert b"secret" not in answer.body
    assert b"ZeroDivision" not in answer.body
    assert "secret.py" in caplog.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_api_answers_are_not_stored_and_pages_are_checked(app: FastAPI) -> None:
    assert ask(app, "GET", "/api/meta").headers["cache-control"] == "no-store"
    assert ask(app, "GET", "/").headers["cache-control"] == "no-cache"
    assert ask(app, "GET", "/nothing").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "safe"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("studio.example.org", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_other_machines_need_a_password(host: str, safe: bool) -> None:
    assert is_loopback(host) == safe
    if safe:
        check_exposure(host, None)
    else:
        with pytest.raises(InvalidParameter, match="--password-file"):
            check_exposure(host, None)
    check_exposure(host, Password(PASSWORD))


def _basic(password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()}


@pytest.fixture
def exposed(studio: Studio) -> FastAPI:
    access = Access(CREDENTIAL, PORT, names=frozenset({"studio.example.org"}), password=Password(PASSWORD))
    return create_app(Studio(studio.home, studio.workers, access))


def test_password_is_asked_for_at_the_front_door_only(exposed: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_WRONG_SECONDS", 0.0)
    host = {"host": f"studio.example.org:{PORT}"}
    door = ask(exposed, "GET", "/", host)
    assert (door.status, door.headers["www-authenticate"].split()[0]) == (401, "Basic")
    for wrong in ({}, _basic("wrong horse battery"), _basic(""), {"authorization": "Basic %"}, {"authorization": "x"}):
        assert ask(exposed, "GET", "/", host | wrong).status == 401
    assert "set-cookie" in ask(exposed, "GET", "/", host | _basic(PASSWORD)).headers
    inside = ask(exposed, "GET", "/api/meta", host | _basic(PASSWORD))
    assert (inside.status, "www-authenticate" in inside.headers) == (401, False)


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        (f"studio.example.org:{PORT}", f"http://studio.example.org:{PORT}", 404),
        ("studio.example.org", "https://studio.example.org", 404),
        ("studio.example.org", "https://evil.example", 403),
        ("studio.example.org.evil.example", "https://studio.example.org.evil.example", 421),
        ("192.168.1.5", "http://192.168.1.5", 421),
    ],
)
def test_names_that_were_given_are_hosts_too(exposed: FastAPI, host: str, origin: str, status: int) -> None:
    headers = KNOWN | {"host": host, "origin": origin}
    assert ask(exposed, "DELETE", "/api/jobs/0123456789abcdef", headers).status == status


def test_wrong_passwords_wait_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    password = Password(PASSWORD)
    monkeypatch.setattr(asyncio, "sleep", sleep)

    async def guess() -> list[bool]:
        return [await password.opens(_basic(text)["authorization"]) for text in ("a", PASSWORD, "é")]

    assert asyncio.run(guess()) == [False, True, False]
    assert waited == [1.0, 1.0]


def test_password_files(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\nsecond line\n", encoding="utf-8")
    assert read_password(path).text == PASSWORD
    assert PASSWORD not in repr(read_password(path))
    path.write_text("short\n", encoding="utf-8")
    with pytest.raises(InvalidParameter, match="12 letters"):
        read_password(path)
    path.write_bytes(b"")
    with pytest.raises(InvalidParameter):
        read_password(path)
    for broken in (tmp_path / "none", tmp_path):
        with pytest.raises(StorageError, match="password file"):
            read_password(broken)
