from pathlib import Path

import pytest
from asgi import KNOWN, ask
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from ghostnote.studio.routes.static import FOLDER, TYPES, find_file

TRICKS = (
    "..",
    "../app.py",
    "..%2fapp.py",
    "%2e%2e/app.py",
    "js/../../app.py",
    "js/..%2f..%2fapp.py",
    "..%5capp.py",
    "//etc/passwd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "index.html%00",
    "index.html%00.js",
    "%00",
    "index.html/",
    ".",
    "js",
    "js/",
    "./index.html",
    "js//main.js",
    ".git/config",
    "js/.hidden.js",
    "C:/index.html",
    "index.html::$DATA",
    "INDEX.PY",
    "a" * 5000,
    "%ff%fe",
)


def test_the_page_is_at_the_root(app: FastAPI) -> None:
    answer = ask(app, "GET", "/")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.body == (FOLDER / "index.html").read_bytes()
    assert ask(app, "GET", "/index.html").body == answer.body


@pytest.mark.parametrize("path", sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*")))
def test_every_file_of_the_page_is_served_with_its_type(path: str) -> None:
    file = find_file(path)
    assert file.read_bytes() == (FOLDER / path).read_bytes()
    assert TYPES[file.suffix]


def test_scripts_have_a_type_that_browsers_run(app: FastAPI) -> None:
    assert ask(app, "GET", "/js/main.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert ask(app, "GET", "/css/tokens.css").headers["content-type"] == "text/css; charset=utf-8"


def test_what_has_not_changed_is_not_sent_again(app: FastAPI) -> None:
    first = ask(app, "GET", "/js/main.js")
    assert first.headers["cache-control"] == "no-cache"
    for known in (first.headers["etag"], f'"x", W/{first.headers["etag"]}'):
        again = ask(app, "GET", "/js/main.js", KNOWN | {"if-none-match": known})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert ask(app, "GET", "/js/main.js", KNOWN | {"if-none-match": '"other"'}).status == 200
    assert ask(app, "HEAD", "/js/main.js").headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("trick", TRICKS)
def test_nothing_else_is_served(app: FastAPI, trick: str) -> None:
    answer = ask(app, "GET", f"/{trick}")
    assert (answer.status, answer.kind) == (404, "NotFound")


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    page = tmp_path / "page"
    page.mkdir()
    (page / "own.txt").write_text("own")
    (page / "link.txt").symlink_to(tmp_path / "secret.txt")
    (page / "code.py").touch()
    assert find_file("own.txt", page).read_text() == "own"
    for wrong in ("link.txt", "code.py", "none.txt"):
        with pytest.raises(HTTPException):
            find_file(wrong, page)
