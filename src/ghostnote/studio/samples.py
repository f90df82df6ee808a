"""The user's own one-shots: files in the studio's folder, named by their content, found by it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ghostnote.errors import InvalidAudio, StorageError
from ghostnote.explore.building import Library
from ghostnote.sounds.bank import Mono
from ghostnote.sounds.recordings import Recording, read_recording
from ghostnote.sounds.sound import FileSound
from ghostnote.storage import writing

_NAMED = re.compile(r"([0-9a-f]{32})_(.{1,80})\.sample")


@dataclass(frozen=True)
class SampleFolder:
    """The one-shots in a folder, and further places to look in. A `ghostnote.explore.building.Library`.

    Args:
        folder: of the files.
        elsewhere: is asked for what is not there; None for nothing.
    """

    folder: Path
    elsewhere: Library | None = None

    def add(self, content: bytes, name: str) -> Recording:
        """Keep a one-shot.

        Args:
            content: of an audio file.
            name: what a person calls it.

        Raises:
            InvalidAudio: it can not be used.
            StorageError: it can not be written.
        """
        draft = self.folder / f".{os.urandom(8).hex()}.tmp"
        try:
            draft.write_bytes(content)
            recording = read_recording(draft, name=name)
        except InvalidAudio as error:
            raise InvalidAudio(str(error).replace(str(draft), name)) from error
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(f"the one-shot can not be kept in {self.folder}: {error.strerror}") from error
        finally:
            draft.unlink(missing_ok=True)
        sound = recording.sound
        if self.path_of(sound) is None:
            safe = re.sub(r"[/\\\0]", " ", sound.name)[:80] or "unnamed"
            with writing(self.folder / f"{sound.digest}_{safe}.sample", overwrite=True) as stream:
                stream.write(content)
        return recording

    def sounds(self) -> tuple[FileSound, ...]:
        """Return all one-shots of the folder, by name."""
        found = (_NAMED.fullmatch(path.name) for path in self.folder.glob("*.sample"))
        return tuple(sorted((FileSound(m[1], m[2]) for m in found if m), key=lambda s: (s.name.lower(), s.digest)))

    def path_of(self, sound: FileSound) -> Path | None:
        """Return the file that holds `sound`; None if there is none."""
        path = next(self.folder.glob(f"{sound.digest}_*.sample"), None)
        return path or (None if self.elsewhere is None else self.elsewhere.path_of(sound))

    def read(self, sound: FileSound) -> Mono | None:
        """Return the samples of `sound`; None if no file holds them any more."""
        path = next(self.folder.glob(f"{sound.digest}_*.sample"), None)
        if path is not None:
            try:
                recording = read_recording(path)
            except (InvalidAudio, StorageError):  # changed by somebody: another place may hold the same
                recording = None
            if recording is not None and recording.sound == sound:
                return recording.audio
        return None if self.elsewhere is None else self.elsewhere.read(sound)
