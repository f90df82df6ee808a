"""The server as a process: its socket, its address, its limits on the wire, its end."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from studio_process import StudioProcess

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.studio.passwords import Password
from ghostnote.studio.serving import PORTS_TRIED, bind, open_studio

SECONDS = 30.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    server = StudioProcess(tmp_path_factory.mktemp("studio") / "home")
    server.start()
    yield server
    if server.process is not None:
        server.stop()


def say(server: StudioProcess, request: bytes, *, known: bool = True) -> tuple[int, bytes]:
    """Send bytes, as they are; return the status and everything that came."""
    cookie = f"Cookie: {server.cookie['name']}={server.cookie['value']}\r\n".encode() if known else b""
    with socket.create_connection(("127.0.0.1", server.port), SECONDS) as connection:
        connection.sendall(
            request.replace(b"\n", b"\r\n").replace(
                b"HOST\r\n", f"Host: 127.0.0.1:{server.port}\r\n".encode() + cookie + b"Connection: close\r\n", 1
            )
        )
        came = b""
        try:
            while part := connection.recv(65_536):
                came += part
        except ConnectionResetError:  # it closed while we still sent
            pass
    return int(came.split(b" ")[1]), came


def test_it_answers_from_its_address(server: StudioProcess) -> None:
    assert say(server, b"GET / HTTP/1.1\nHOST\n\n", known=False)[0] == 401
    status, came = say(server, f"GET /?token={server.token} HTTP/1.1\nHOST\n\n".encode(), known=False)
    assert (status, b"HttpOnly" in came, b"server:" in came.lower()) == (303, True, False)
    assert say(server, b"GET /api/meta HTTP/1.1\nHOST\n\n")[0] == 200


@pytest.mark.parametrize(
    "path", ["/../../app.py", "/..%2f..%2fapp.py", "//app.py", "/%00", "/js/%2e%2e/%2e%2e/app.py", "http://x/app.py"]
)
def test_paths_are_tricky_on_the_wire_too(server: StudioProcess, path: str) -> None:
    assert say(server, f"GET {path} HTTP/1.1\nHOST\n\n".encode())[0] in (400, 404)


@pytest.mark.parametrize("version", [b"HTTP/1.0\n\n", b"HTTP/1.1\nHost: evil.example\nConnection: close\n\n"])
def test_hosts_on_the_wire(server: StudioProcess, version: bytes) -> None:
    assert say(server, b"GET / " + version)[0] == 421


def test_a_websocket_is_no_way_in(server: StudioProcess) -> None:
    upgrade = b"Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n"
    upgrade += b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n"
    for known in (False, True):
        status, came = say(server, b"GET /api/meta HTTP/1.1\nHOST\n" + upgrade + b"\n", known=known)
        assert status == (200 if known else 401), "answered as any request is, and never upgraded"
        assert b" 101 " not in came


def test_chunks_without_a_length_are_bounded(server: StudioProcess) -> None:
    head = b"POST /api/nothing HTTP/1.1\nHOST\nTransfer-Encoding: chunked\n\n"
    assert say(server, head + b"5\nhello\n0\n\n")[0] == 405
    assert say(server, b"POST /api/nothing HTTP/1.1\nHOST\nContent-Length: 99999999999\n\n")[0] == 405


def test_a_long_address_may_come_in_pieces(server: StudioProcess) -> None:
    request = f"GET /api/sounds/audio?sound={'A' * 25_000} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
    request += f"Cookie: {server.cookie['name']}={server.cookie['value']}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), SECONDS) as connection:
        connection.sendall(request[:20_000].encode())
        assert say(server, b"GET /api/meta HTTP/1.1\nHOST\n\n")[0] == 200, "and it has read the first piece by then"
        connection.sendall(request[20_000:].encode())
        came = connection.recv(65_536)
    assert came.startswith(b"HTTP/1.1 422 "), came


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc")
def test_it_ends_in_order_and_leaves_no_process(server: StudioProcess) -> None:
    assert server.process is not None
    family = [server.process.pid, *children_of(server.process.pid)]
    assert len(family) >= 3, "the server and two workers"
    with closing(socket.create_connection(("127.0.0.1", server.port), SECONDS)):  # a browser that keeps it open
        assert server.stop() == 0
    wait_for_end(family)
    assert "everything is kept" in "".join(server.printed)
    assert not [line for line in server.printed if "Traceback" in line]


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc")
def test_killed_it_leaves_no_process_and_comes_back(server: StudioProcess) -> None:
    if server.process is None:
        server.start()
    assert server.process is not None
    port, cookie, token = server.port, server.cookie, server.token
    family = [server.process.pid, *children_of(server.process.pid)]
    server.kill()
    wait_for_end(family)
    server.start()
    assert (server.port, server.cookie) == (port, cookie), "a page that is open goes on"
    assert server.token != token
    assert say(server, b"GET /api/meta HTTP/1.1\nHOST\n\n")[0] == 200


def children_of(pid: int) -> list[int]:
    """Return the processes that `pid` started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def wait_for_end(pids: list[int]) -> None:
    """Return once none of them runs."""
    until = time.monotonic() + SECONDS
    while alive := [pid for pid in pids if _runs(pid)]:
        assert time.monotonic() < until, f"still there: {alive}"
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_port_that_is_taken_is_passed_by() -> None:
    first = bind("127.0.0.1", 0)
    with closing(first.socket):
        try:
            second = bind("127.0.0.1", first.port)
        except StorageError:
            pytest.skip("eleven ports in a row are taken here")
        with closing(second.socket):
            assert first.port < second.port < first.port + PORTS_TRIED
            assert second.address == f"http://127.0.0.1:{second.port}/"


def test_when_all_ports_are_taken_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ghostnote.studio.serving.PORTS_TRIED", 1)
    first = bind("127.0.0.1", 0)
    with closing(first.socket), pytest.raises(StorageError, match="--port"):
        bind("127.0.0.1", first.port)


@pytest.mark.parametrize(
    ("host", "port"), [("256.1.1.1", 0), ("no such host.", 0), ("192.0.2.1", 0), ("127.0.0.1", 70_000)]
)
def test_hosts_that_can_not_be(host: str, port: int) -> None:
    with pytest.raises(InvalidParameter, match=r"host|port"):
        bind(host, port)


def test_listening_to_others_without_a_password_is_refused(tmp_path: Path) -> None:
    bound = bind("0.0.0.0", 0)
    with closing(bound.socket):
        with pytest.raises(InvalidParameter, match="password"):
            open_studio(tmp_path, bound)
        studio = open_studio(tmp_path, bound, password=Password("correct horse battery"), names=frozenset({"studio"}))
        assert studio.access.origins(f"studio:{bound.port}")
        assert not studio.access.origins(f"0.0.0.0:{bound.port}")
        assert bound.address == f"http://127.0.0.1:{bound.port}/"


def test_the_name_it_listens_on_is_allowed(tmp_path: Path) -> None:
    bound = bind("127.0.0.1", 0)
    with closing(bound.socket):
        studio = open_studio(tmp_path, bound)
        assert studio.access.origins(f"127.0.0.1:{bound.port}") == {f"http://127.0.0.1:{bound.port}"}
        assert (tmp_path / "credential").read_text() == studio.credential


if os.name == "posix":

    def test_start_up_imports_nothing_heavy() -> None:
        import subprocess
        import sys

        program = "import sys, json, ghostnote.studio.serving; print(json.dumps(sorted(sys.modules)))"
        modules = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
        assert not {"numpy", "scipy", "onnxruntime", "torch", "sqlalchemy"} & set(modules)
