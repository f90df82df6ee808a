"""Playing a loop on this machine, if it can: through sounddevice, or a program that most systems have."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ghostnote.errors import GhostnoteError

if TYPE_CHECKING:
    from ghostnote.sounds.bank import Mono

PROGRAMS: tuple[tuple[str, ...], ...] = (
    ("pw-play",),
    ("paplay",),
    ("afplay",),
    ("aplay", "-q"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet"),
)
"""Programs that play a WAV file, with what they need before its name; the best first."""

_REFUSES_SECONDS = 0.4
"""A program that has no device to play on ends sooner than this."""


class NoSound(GhostnoteError):
    """This machine has nothing to play on."""


class Speaker(Protocol):
    """Plays one loop at a time."""

    def play(self, path: Path, bar: Mono, sample_rate_hz: int) -> None:
        """Play the loop, instead of what was playing.

        Args:
            path: of a WAV file in which it goes round for a while.
            bar: `(frames,)`, once.
            sample_rate_hz: of both.

        Raises:
            NoSound: it can not be played.
        """
        ...

    def stop(self) -> None:
        """Play nothing."""
        ...


def find_speaker() -> Speaker | None:
    """Return what can play here; None if nothing is there. Whether there is a device shows when it plays."""
    try:
        return _DeviceSpeaker()
    except NoSound:
        pass
    if sys.platform == "win32":
        return _WindowsSpeaker()
    for name, *options in PROGRAMS:
        if (found := shutil.which(name)) is not None:
            return _ProgramSpeaker((found, *options))
    return None


class _DeviceSpeaker:
    """The optional library sounddevice: the bar goes round without end."""

    def __init__(self) -> None:
        try:
            import sounddevice

            sounddevice.query_devices(kind="output")
        except (ImportError, OSError, ValueError) as error:  # not installed, no PortAudio
            raise NoSound(str(error)) from error
        except Exception as error:
            if type(error).__name__ != "PortAudioError":
                raise
            raise NoSound(str(error)) from error
        self._library = sounddevice

    def play(self, path: Path, bar: Mono, sample_rate_hz: int) -> None:
        del path
        try:
            self._library.play(bar, sample_rate_hz, loop=True)
        except self._library.PortAudioError as error:
            raise NoSound(str(error)) from error

    def stop(self) -> None:
        self._library.stop()


class _ProgramSpeaker:
    """A program that plays a file, as a process of ours."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._plays = False

    def play(self, path: Path, bar: Mono, sample_rate_hz: int) -> None:
        del bar, sample_rate_hz
        self.stop()
        nothing = subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(
                [*self._command, str(path)], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
            )
        except OSError as error:
            raise NoSound(f"{self._command[0]} can not be started: {error.strerror}") from error
        if self._plays:
            return
        try:
            code = self._process.wait(_REFUSES_SECONDS)
        except subprocess.TimeoutExpired:
            self._plays = True
            return
        self._process = None
        raise NoSound(f"{Path(self._command[0]).name} has nothing to play on (it ended with {code})")

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


if sys.platform == "win32":  # pragma: no cover

    class _WindowsSpeaker:
        """What Windows has: the file goes round without end."""

        def play(self, path: Path, bar: Mono, sample_rate_hz: int) -> None:
            del bar, sample_rate_hz
            import winsound

            try:
                winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_LOOP)
            except RuntimeError as error:
                raise NoSound(str(error)) from error

        def stop(self) -> None:
            import winsound

            winsound.PlaySound(None, 0)
