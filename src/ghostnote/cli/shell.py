"""What all commands share: exit codes, messages on stderr, `-` for streams, progress."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ghostnote.errors import GhostnoteError, InvalidParameter, MissingExtra, StorageError

if TYPE_CHECKING:
    from ghostnote.groove import DrumTrack

USAGE, BAD_INPUT, IO_FAILED = 2, 3, 4
STREAM = "-"
_QUIET_SECONDS = 1.0


@dataclass(frozen=True)
class Shell:
    """Runs a command and turns its errors into one line and an exit code."""

    command: click.Command

    def run(self, arguments: list[str] | None = None) -> None:
        """Run with `arguments` (those of the process if None); always exits."""
        # Several threads on few busy cores make small networks many times slower.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        for stream in (sys.stdout, sys.stderr):
            # A terminal may not know the letters of a track's name.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            self.command.main(arguments, standalone_mode=False)
        except click.exceptions.Exit as done:
            sys.exit(done.exit_code)
        except click.Abort:
            sys.exit("ghostnote: stopped")
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except BrokenPipeError:
            # The reader of our output went away, as `head` does; there is nobody left to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(IO_FAILED)
        except (GhostnoteError, OSError) as error:
            say(f"ghostnote: {describe_error(error)}")
            sys.exit(exit_code_of(error))
        sys.exit(0)


def number_of(count: int, noun: str, plural: str | None = None) -> str:
    """Return `count` with its noun, such as `1 loop` or `1,200 loops`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def exit_code_of(error: BaseException) -> int:
    """Return the exit code that stands for `error`."""
    if isinstance(error, (InvalidParameter, MissingExtra)):
        return USAGE
    if isinstance(error, OSError):
        return IO_FAILED
    return BAD_INPUT


def describe_error(error: BaseException) -> str:
    """Return one line about `error`, without control characters of hostile file names."""
    if isinstance(error, OSError) and not isinstance(error, StorageError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    else:
        text = str(error)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def say(message: str) -> None:
    """Print `message` on stderr: stdout belongs to results."""
    click.echo(message, err=True)


def warn(warnings: Iterable[str]) -> None:
    """Print each warning on stderr."""
    for warning in warnings:
        say(f"warning: {warning}")


def print_json(value: object, *, to_stderr: bool = False) -> None:
    """Print `value` as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False), err=to_stderr)


def read_track(source: str, channel: int | None = None, map_name: str | None = None) -> DrumTrack:
    """Return the drum track in the file `source`, or in stdin for `-`, and pass its warnings on."""
    from ghostnote.midi import drum_map, read_midi

    track = read_midi(
        _stdin() if source == STREAM else source,
        channel=channel,
        drum_map=None if map_name is None else drum_map(map_name),
    )
    warn(track.warnings)
    return track


def read_taps(source: str, channel: int | None = None, track: int | None = None) -> DrumTrack:
    """Return the onsets of a part of the file `source`, or of stdin for `-`, and pass its warnings on."""
    from ghostnote.midi import read_rhythm

    rhythm = read_rhythm(_stdin() if source == STREAM else source, channel=channel, track=track)
    warn(rhythm.warnings)
    return rhythm


def check_target(target: str, *, force: bool, stream: bool = True, folder: bool = True) -> None:
    """Raise unless `target` may be written; called before any work is done.

    Args:
        target: name of a file, or `-`.
        force: whether a file that is there may be overwritten.
        stream: whether `-` stands for stdout.
        folder: whether the folder must be there already.

    Raises:
        InvalidParameter: `-` where no stream can be written.
        StorageError: it is there already and `force` is not given, or its folder is not there.
    """
    if target == STREAM:
        if stream:
            return
        raise InvalidParameter("the output must be a file; only MIDI can go to stdout with '-'")
    path = Path(target)
    if path.is_dir():
        raise StorageError(f"{target} is a folder; give the name of a file")
    if path.exists() and not force:
        raise StorageError(f"{target} is there already; use --force to overwrite it")
    if folder and not path.parent.is_dir():
        raise StorageError(f"the folder {path.parent} is not there; make it first")


def check_audio_target(target: str, *, force: bool) -> None:
    """Raise unless sound may be written to `target`; see `check_target`.

    Raises:
        InvalidParameter: it ends in no suffix of audio that can be written.
        StorageError: as `check_target`, or its folder can not be written to.
    """
    from ghostnote.audio.files import check_suffix

    check_target(target, force=force, stream=False)
    check_suffix(target)
    if not os.access(Path(target).parent, os.W_OK):
        raise StorageError(f"the folder {Path(target).parent} can not be written to. Choose another")


def write_track(track: DrumTrack, target: str, *, force: bool) -> None:
    """Write `track` to the file `target`, or to stdout for `-`."""
    from ghostnote.midi import write_midi

    if target == STREAM:
        write_midi(track, _stdout())
    else:
        write_midi(track, target, overwrite=force)


@dataclass
class Meter:
    """Progress of long work on stderr; silent for the first second."""

    label: str
    began: float = field(default_factory=time.monotonic)
    told: int = -1

    def __call__(self, done: int, total: int) -> None:
        """Tell that `done` of `total` is done."""
        percent = 100 * done // max(total, 1)
        step = percent if sys.stderr.isatty() else percent // 10 * 10
        if time.monotonic() - self.began < _QUIET_SECONDS or step <= self.told:
            return
        self.told = step
        if sys.stderr.isatty():
            click.echo(f"\r{self.label} {percent:3d} %", err=True, nl=percent >= 100)
        else:
            say(f"{self.label} {step} %")

    def end(self) -> None:
        """Leave the cursor on a fresh line."""
        if self.told >= 0 and sys.stderr.isatty():
            say("")


def _stdin() -> BinaryIO:
    if sys.stdin is None or sys.stdin.isatty():
        raise InvalidParameter("stdin must be a MIDI file for '-'; got a terminal or nothing. Pipe a file in")
    return sys.stdin.buffer


def _stdout() -> BinaryIO:
    if sys.stdout is None or sys.stdout.isatty():
        raise InvalidParameter("stdout must be open and no terminal for '-'; pipe it on, or give a file name")
    return sys.stdout.buffer
