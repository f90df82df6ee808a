"""Where everything of the studio lies: the one helper that turns ids and names into paths."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ghostnote import locations
from ghostnote.errors import StorageError
from ghostnote.studio.errors import NotFound

_ID = re.compile(r"[a-z0-9]{12,32}")
_ID_BYTES = 8
_CREDENTIAL = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST_NAME = 100
_DAY_SECONDS = 86_400.0
_BEATS_KEPT_SECONDS = 30 * _DAY_SECONDS
_WINDOWS_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)

SESSION_SUFFIX = ".ghostnote"


def default_home() -> Path:
    """Return the folder of the studio where none is given."""
    return locations.data_dir() / "studio"


def new_id() -> str:
    """Return a new random id."""
    return secrets.token_hex(_ID_BYTES)


def checked_id(text: str) -> str:
    """Return `text` if it has the form of an id.

    Raises:
        NotFound: it has not, so nothing can be there.
    """
    if _ID.fullmatch(text) is None:
        raise NotFound(f"id must be 12 to 32 letters a-z and digits; got {text[:40]!r}")
    return text


def safe_name(text: str, fallback: str = "ghostnote") -> str:
    """Return `text` as the name of a file on any system: no separators, control characters or leading dots.

    >>> safe_name("../my: beat?.mid")
    'my beat.mid'
    """
    kept = "".join(c for c in text.replace("/", " ").replace("\\", " ") if c.isprintable() and c not in '<>:"|?*')
    name = " ".join(kept.split()).strip(". ")
    stem, dot, suffix = name.rpartition(".")
    if dot and len(suffix) <= 10:
        name = f"{stem[: _LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    name = name[:_LONGEST_NAME]
    if not name or _WINDOWS_DEVICES.fullmatch(name):
        return fallback
    return name


@dataclass(frozen=True)
class Places:
    """Paths below the home of a studio."""

    home: Path

    @property
    def sessions(self) -> Path:
        """Folder of the sessions."""
        return self.home / "sessions"

    @property
    def beats(self) -> Path:
        """Folder of the beats."""
        return self.home / "beats"

    @property
    def kits(self) -> Path:
        """Folder of kits that were set up."""
        return self.home / "kits"

    @property
    def samples(self) -> Path:
        """Folder of the user's one-shots."""
        return self.home / "samples"

    @property
    def downloads(self) -> Path:
        """Folder of finished files, each in a folder of its own."""
        return self.home / "downloads"

    @property
    def uploads(self) -> Path:
        """Folder of what is coming in and not looked at yet."""
        return self.home / "uploads"

    def session(self, id: str) -> Path:
        """Return the path of a session's file."""
        return self.sessions / f"{checked_id(id)}{SESSION_SUFFIX}"

    def beat(self, id: str) -> Path:
        """Return the path of a beat's MIDI file."""
        return self.beats / f"{checked_id(id)}.mid"

    def kit(self, id: str) -> Path:
        """Return the path of a kit's settings."""
        return self.kits / f"{checked_id(id)}.json"

    def new_download(self, name: str) -> tuple[str, Path]:
        """Make room for a finished file; return the id of its folder, and its path. Its URL is `download_url`."""
        id = new_id()
        folder = self.downloads / id
        folder.mkdir(parents=True, mode=0o700)
        return id, folder / safe_name(name)

    def download(self, id: str, name: str) -> Path:
        """Return the path of a finished file.

        Raises:
            NotFound: there is none.
        """
        path = self.downloads / checked_id(id) / name
        if safe_name(name, fallback="") != name or not path.is_file() or path.is_symlink():
            raise NotFound(f"download must be one that was made in the last day; got {name[:40]!r}. Export it again")
        return path

    def ensure(self) -> None:
        """Make the folders, for this user alone; drop old downloads and uploads, and beats that are not used.

        Raises:
            StorageError: they can not be made.
        """
        folders = (self.sessions, self.beats, self.kits, self.samples, self.downloads, self.uploads)
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in folders:
                folder.mkdir(exist_ok=True, mode=0o700)
            self._forget_old()
            self._forget_beats()
        except OSError as error:
            raise StorageError(f"home must be a folder that can be written; {self.home}: {error.strerror}") from error

    def _forget_old(self) -> None:
        oldest = time.time() - _DAY_SECONDS
        for path in (*self.downloads.iterdir(), *self.uploads.iterdir()):
            if path.lstat().st_mtime < oldest:
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()

    def _forget_beats(self) -> None:
        """Drop beats that were neither made nor asked for in 30 days, and what is told of them."""
        oldest = time.time() - _BEATS_KEPT_SECONDS
        for path in sorted(self.beats.iterdir()):
            beat = path.with_suffix(".mid")
            if path.is_file() and (beat if beat.is_file() else path).stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def mark_used(path: Path) -> None:
    """Let a beat count as used today. Its file's own time is for that: of access times, many systems keep none."""
    with suppress(OSError):  # a home that can only be read has beats all the same
        if path.stat().st_mtime < time.time() - _DAY_SECONDS:
            os.utime(path)


def download_url(id: str, path: Path) -> str:
    """Return the address, on the server, of a file that `Places.new_download` made room for."""
    from urllib.parse import quote

    return f"/api/downloads/{id}/{quote(path.name)}"


def read_credential(home: Path) -> str:
    """Return the secret of this home, which the cookie of its pages holds; made when it is not there.

    Raises:
        StorageError: it can not be read or written.
    """
    path = home / "credential"
    try:
        secret = _read_secret(path)
        if secret is None:
            path.unlink(missing_ok=True)
            _write_secret(path, secrets.token_urlsafe(32))
            secret = _read_secret(path)
    except OSError as error:
        raise StorageError(
            f"credential of the studio must be readable and writable; {path}: {error.strerror}"
        ) from error
    if secret is None:
        raise StorageError(f"credential of the studio must be for this user alone; {path} stays open to others")
    return secret


def _read_secret(path: Path) -> str | None:
    """Return what the file holds; None if it is not there, is damaged, or was open to others and so is no secret."""
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            return None
        text = path.read_bytes().decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    return text if _CREDENTIAL.fullmatch(text) else None


def _write_secret(path: Path, secret: str) -> None:
    """Write a file that only this user can read from its first byte on; one that came meanwhile is kept."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(secret.encode())
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
        except OSError:  # no hard links on this file system
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
