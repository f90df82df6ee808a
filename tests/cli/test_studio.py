"""`ghostnote studio` as it is typed; what it serves is tested in tests/studio."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ghostnote.cli.studio import command
from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.studio import serving


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have been served."""
    served: list[Any] = []

    def serve(studio: Any, bound: Any) -> None:
        served.append((studio, bound))
        with socket.create_connection(("127.0.0.1", bound.port), 10):  # a browser may ask before anything is served
            bound.socket.close()

    monkeypatch.setattr(serving, "serve", serve)
    return served


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    opened: list[str] = []

    class Now:
        """In place of a thread."""

        def __init__(self, target: Callable[[str], None], args: tuple[str], daemon: bool) -> None:
            self.start = lambda: target(*args)

    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("ghostnote.cli.studio.Thread", Now)
    return opened


def test_prints_the_address_and_opens_it(served: list[Any], opened: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--port", "0", "--home", str(tmp_path)], catch_exceptions=False)
    studio, bound = served[0]
    address = f"http://127.0.0.1:{bound.port}/?token={studio.token.text}"
    assert result.stdout == f"Ghostnote studio: {address}\n"
    assert opened == [address]
    assert studio.home == tmp_path


def test_opens_no_browser_when_told(served: list[Any], opened: list[str], tmp_path: Path) -> None:
    CliRunner().invoke(command, ["--port", "0", "--home", str(tmp_path), "--no-browser"], catch_exceptions=False)
    assert len(served) == 1
    assert opened == []


def test_says_that_a_port_is_taken(served: list[Any], opened: list[str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        arguments = ["--port", str(port), "--home", str(tmp_path), "--no-browser"]
        result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert f"port {port} is taken; {served[0][1].port} is used instead" in result.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "studio.example.org"])
def test_refuses_other_machines_without_a_password(served: list[Any], host: str, tmp_path: Path) -> None:
    arguments = ["--port", "0", "--host", host, "--home", str(tmp_path), "--no-browser"]
    with pytest.raises(InvalidParameter, match="--password-file"):
        CliRunner().invoke(command, arguments, catch_exceptions=False)
    with pytest.raises(StorageError, match="password file"):
        CliRunner().invoke(command, [*arguments, "--password-file", str(tmp_path / "none")], catch_exceptions=False)
    assert served == []


def test_lets_other_machines_in_with_one(served: list[Any], tmp_path: Path) -> None:
    (tmp_path / "password").write_text("correct horse battery\n")
    arguments = ["--port", "0", "--host", "0.0.0.0", "--home", str(tmp_path / "home"), "--no-browser"]
    arguments += ["--password-file", str(tmp_path / "password"), "--name", "Studio.example.org"]
    CliRunner().invoke(command, arguments, catch_exceptions=False)
    studio, _ = served[0]
    assert studio.access.password.text == "correct horse battery"
    assert studio.access.names == {"studio.example.org"}
