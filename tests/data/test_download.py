"""Downloads from a server on this machine that can be told to misbehave."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from groove_archives import KICK, archive, info, midi_file, published, row

from ghostnote.data import GROOVE, Published, fetch
from ghostnote.errors import InvalidArchive, InvalidParameter, StorageError

# Larger than the blocks in which the download is read, so that there is something to interrupt.
FILLING = bytes(range(256)) * 1600
GOOD = archive(
    {
        "groove/info.csv": info(row("a")),
        "groove/drummer1/a.mid": midi_file([(0, KICK, 100)]),
        "groove/filling": b"".join(bytes([i % 251]) + FILLING[i * 97 % 4096 :][:96] for i in range(20_000)),
    }
)

Respond = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """An HTTP server of which `respond` is the behaviour; `asked` lists the Range header of each request."""

    def __init__(self) -> None:
        self.respond: Respond = send_whole
        self.asked: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.headers.get("Range"))
                outer.respond(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/groove.zip"


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    thread = threading.Thread(target=found.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.http.shutdown()
    thread.join()
    found.http.server_close()


@pytest.fixture
def expected() -> Published:
    return published(GOOD)


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, *, declared: int, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(declared))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    with contextlib.suppress(ConnectionError):  # the client may have enough
        handler.wfile.write(body)


def send_whole(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, GOOD, declared=len(GOOD))


def send_range(handler: BaseHTTPRequestHandler) -> None:
    asked = handler.headers.get("Range")
    if asked is None:
        return send_whole(handler)
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    rest = GOOD[start:]
    return send(handler, 206, rest, declared=len(rest), Content_Range=f"bytes {start}-{len(GOOD) - 1}/{len(GOOD)}")


def break_off(handler: BaseHTTPRequestHandler) -> None:
    """Declare the whole and send a third."""
    send(handler, 200, GOOD[: len(GOOD) // 3], declared=len(GOOD))


def test_fetch_downloads_checks_and_reports_progress(server: Server, expected: Published, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = fetch(
        tmp_path / "new" / "folder",
        url=server.url,
        published=expected,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert path.name == GROOVE.file_name
    assert path.read_bytes() == GOOD
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[-1] == (len(GOOD), len(GOOD))
    assert list(path.parent.iterdir()) == [path]


def test_address_of_the_published_archive_is_the_default(server: Server, expected: Published, tmp_path: Path) -> None:
    fetch(tmp_path, published=dataclasses.replace(expected, url=server.url))
    assert server.asked == [None]


def test_fetch_does_not_ask_for_what_is_there(server: Server, expected: Published, tmp_path: Path) -> None:
    fetch(tmp_path, url=server.url, published=expected)
    fetch(tmp_path, url=server.url, published=expected)
    assert len(server.asked) == 1


def test_fetch_replaces_a_damaged_copy(server: Server, expected: Published, tmp_path: Path) -> None:
    (tmp_path / GROOVE.file_name).write_bytes(GOOD[:-1] + b"?")
    assert fetch(tmp_path, url=server.url, published=expected).read_bytes() == GOOD


def test_interrupted_download_goes_on_where_it_was(server: Server, expected: Published, tmp_path: Path) -> None:
    third = len(GOOD) // 3
    answers = iter([break_off, send_range])
    server.respond = lambda handler: next(answers)(handler)
    assert fetch(tmp_path, url=server.url, published=expected).read_bytes() == GOOD
    assert server.asked == [None, f"bytes={third}-"]


def test_download_goes_on_in_a_later_call(server: Server, expected: Published, tmp_path: Path) -> None:
    server.respond = break_off
    with pytest.raises(StorageError, match=r"broke off after .* Run it again"):
        fetch(tmp_path, url=server.url, published=expected)
    part = tmp_path / (GROOVE.file_name + ".part")
    kept = part.stat().st_size
    assert 0 < kept < len(GOOD)
    server.respond, server.asked = send_range, []
    assert fetch(tmp_path, url=server.url, published=expected).read_bytes() == GOOD
    assert server.asked == [f"bytes={kept}-"]
    assert not part.exists()


def test_server_that_ignores_range_is_read_from_the_start(server: Server, expected: Published, tmp_path: Path) -> None:
    (tmp_path / (GROOVE.file_name + ".part")).write_bytes(GOOD[:1000])
    assert fetch(tmp_path, url=server.url, published=expected).read_bytes() == GOOD
    assert server.asked == ["bytes=1000-"]


def test_server_that_answers_another_range_is_read_from_the_start(
    server: Server, expected: Published, tmp_path: Path
) -> None:
    (tmp_path / (GROOVE.file_name + ".part")).write_bytes(GOOD[:1000])
    server.respond = lambda handler: send(handler, 206, GOOD, declared=len(GOOD), Content_Range="bytes 0-9/10")
    assert fetch(tmp_path, url=server.url, published=expected).read_bytes() == GOOD


def test_range_that_can_not_be_served_is_dropped(server: Server, expected: Published, tmp_path: Path) -> None:
    (tmp_path / (GROOVE.file_name + ".part")).write_bytes(GOOD[:1000])

    def refuse_ranges(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("Range"):
            send(handler, 416, b"", declared=0)
        else:
            send_whole(handler)

    server.respond = refuse_ranges
    assert fetch(tmp_path, url=server.url, published=expected).read_bytes() == GOOD
    assert server.asked == ["bytes=1000-", None]


def test_wrong_content_is_refused_and_deleted(server: Server, expected: Published, tmp_path: Path) -> None:
    server.respond = lambda handler: send(handler, 200, bytes(len(GOOD)), declared=len(GOOD))
    with pytest.raises(InvalidArchive, match="sha256"):
        fetch(tmp_path, url=server.url, published=expected)
    assert list(tmp_path.iterdir()) == []


def test_damaged_rest_of_an_earlier_download_does_not_stay_in_the_way(
    server: Server, expected: Published, tmp_path: Path
) -> None:
    (tmp_path / (GROOVE.file_name + ".part")).write_bytes(bytes(len(GOOD) + 5))
    assert fetch(tmp_path, url=server.url, published=expected).read_bytes() == GOOD


def test_endless_body_is_cut_off(server: Server, expected: Published, tmp_path: Path) -> None:
    def never_stop(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            handler.wfile.write(GOOD)
            for _ in range(10_000):
                handler.wfile.write(bytes(2**16))
        except ConnectionError:
            stopped.set()

    stopped = threading.Event()
    server.respond = never_stop
    seen: list[int] = []
    path = fetch(tmp_path, url=server.url, published=expected, progress=lambda done, _: seen.append(done))
    assert path.read_bytes() == GOOD
    assert max(seen) == len(GOOD)
    assert stopped.wait(10), "the connection must be closed, not drained"


def test_missing_address_is_not_tried_again(server: Server, expected: Published, tmp_path: Path) -> None:
    server.respond = lambda handler: send(handler, 404, b"no", declared=2)
    with pytest.raises(StorageError, match="answered 404"):
        fetch(tmp_path, url=server.url, published=expected)
    assert len(server.asked) == 1


def test_failing_server_is_tried_again(server: Server, expected: Published, tmp_path: Path) -> None:
    answers = iter([lambda handler: send(handler, 503, b"", declared=0), send_whole])
    server.respond = lambda handler: next(answers)(handler)
    assert fetch(tmp_path, url=server.url, published=expected).read_bytes() == GOOD


def test_silent_server_times_out(server: Server, expected: Published, tmp_path: Path) -> None:
    release = threading.Event()
    server.respond = lambda handler: release.wait(10) and None
    with pytest.raises(StorageError, match="broke off after 0"):
        fetch(tmp_path, url=server.url, published=expected, timeout_seconds=0.05)
    release.set()


def test_unreachable_server_is_a_storage_error(server: Server, expected: Published, tmp_path: Path) -> None:
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(StorageError, match="broke off after 0"):
        fetch(tmp_path, url=server.url, published=expected)


def test_target_that_can_not_be_written_is_a_storage_error(server: Server, expected: Published, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="can not be written"):
        fetch(tmp_path / "file", url=server.url, published=expected)


@pytest.mark.parametrize("url", ["file:///etc/hosts", "ftp://host/groove.zip", "groove.zip"])
def test_only_http_addresses_are_asked(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="http"):
        fetch(tmp_path, url=url)
