"""An explicit download of the dataset: resumable, bounded, and checked before anything else sees it."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from ghostnote.data.archive import GROOVE, Published, check_archive
from ghostnote.errors import InvalidArchive, InvalidParameter, StorageError

ATTEMPTS = 3
BLOCK = 2**16
TIMEOUT_SECONDS = 30.0

Progress = Callable[[int, int], None]


class _Interrupted(Exception):
    """The connection failed; what came so far is kept."""


def fetch(
    target_dir: str | os.PathLike[str],
    *,
    url: str | None = None,
    progress: Progress | None = None,
    published: Published = GROOVE,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Path:
    """Download the archive into `target_dir` and return its path; if it is there already, only check it.

    An interrupted download leaves a file `….part`, and the next call goes on from there.

    Args:
        target_dir: made if it is missing.
        url: http or https; the official address by default.
        progress: called with bytes so far and bytes in all.
        published: what must come.
        timeout_seconds: for which the server may be silent.

    Raises:
        InvalidArchive: what came is not the published archive; it is deleted.
        InvalidParameter: `url` is not http or https.
        StorageError: the server can not be reached, broke off, or the file can not be written.
    """
    address = url or published.url
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise InvalidParameter(f"url must start with http:// or https://; got {address!r}")
    target = Path(target_dir) / published.file_name
    part = target.with_name(target.name + ".part")
    if target.is_file() and _is_good(target, published):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if _size(part) >= published.size and not _is_good(part, published):
            part.unlink()
        _download(address, part, published, progress, timeout_seconds)
        _check(part, published)
        part.replace(target)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"{part} can not be written: {error.strerror or error}") from error
    return target


def _download(address: str, part: Path, published: Published, progress: Progress | None, timeout: float) -> None:
    failure: Exception | None = None
    for _ in range(ATTEMPTS):
        if _size(part) >= published.size:
            return
        try:
            _continue(address, part, published, progress, timeout)
            failure = None
        except _Interrupted as error:
            failure = error
    if (done := _size(part)) < published.size:
        reason = f" ({failure})" if failure else ""
        raise StorageError(
            f"the download from {address} broke off after {done:,} of {published.size:,} bytes{reason}. "
            "Run it again to go on from there, or use a local copy with --archive PATH"
        ) from failure


def _continue(address: str, part: Path, published: Published, progress: Progress | None, timeout: float) -> None:
    """Add to `part` what one connection brings."""
    done = _size(part)
    with closing(_ask(address, done, timeout)) as response:
        if response.status != 206 or not _starts_at(response.headers.get("Content-Range"), done):
            # The server sends the whole file, whatever was asked for.
            done = 0
        with part.open("ab" if done else "wb") as stream:
            for block in _blocks(response):
                # A server that never stops must not fill the disk: the rest is cut off, and the hash decides.
                kept = block[: published.size - done]
                stream.write(kept)
                done += len(kept)
                if progress is not None:
                    progress(done, published.size)
                if done >= published.size:
                    break
            _sync(stream)


def _ask(address: str, done: int, timeout: float) -> http.client.HTTPResponse:
    """Return the server's answer, asked to start at byte `done`."""
    headers = {"User-Agent": "ghostnote", "Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
    try:
        answer = urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416 and done:
                return _ask(address, 0, timeout)
            if error.code < 500:
                raise StorageError(
                    f"the server must offer the archive at {address}; it answered {error.code} {error.reason}. "
                    "Is the address right?"
                ) from error
        raise _Interrupted(f"the server answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(getattr(error, "reason", None) or error) from error
    if not isinstance(answer, http.client.HTTPResponse):
        raise StorageError(f"the archive must come over http; {address} answered otherwise")
    return answer


def _blocks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while block := response.read(BLOCK):
            yield block
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(error) from error


def _starts_at(content_range: str | None, start: int) -> bool:
    return content_range is not None and content_range.strip().startswith(f"bytes {start}-")


def _sync(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_good(path: Path, published: Published) -> bool:
    try:
        check_archive(path, published=published)
    except InvalidArchive:
        return False
    return True


def _check(part: Path, published: Published) -> None:
    try:
        check_archive(part, published=published)
    except InvalidArchive:
        part.unlink()
        raise
