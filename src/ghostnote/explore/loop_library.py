"""Loops from MIDI files that the user owns: their bars, with a sound of the right role per row."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ghostnote.errors import GhostnoteError, InvalidInput, InvalidParameter, StorageError
from ghostnote.explore.bars import Arrangement, Bar, arrange, bars_of_track
from ghostnote.explore.generators import (
    DEFAULT_ROWS,
    DEFAULT_STEPS,
    Range,
    check_shape,
    check_swing,
    check_tempo,
    draw_seed,
    draw_swing,
    draw_tempo,
    nearest_swing,
)
from ghostnote.explore.pool import SoundPool
from ghostnote.groove import DrumMap, DrumTrack
from ghostnote.loops.loop import Loop
from ghostnote.midi import read_midi
from ghostnote.sounds.sound import Sound
from ghostnote.storage import check_is_file

MOST_FILES = 10_000
_SUFFIXES = (".mid", ".midi", ".smf")


@dataclass(frozen=True)
class LibraryReport:
    """What came of a library's files and bars: `found` bars are `kept`, `empty`, `other_length` or `duplicates`.

    Args:
        files: how many files or tracks were read.
        kept: bars to draw from.
        empty: bars without a hit.
        other_length: bars of another number of steps, or in triplets.
        duplicates: bars whose hits another bar has already.
        unreadable: name and reason of each file that could not be read.
    """

    files: int
    kept: int
    empty: int
    other_length: int
    duplicates: int
    unreadable: tuple[tuple[str, str], ...] = ()

    @property
    def found(self) -> int:
        """Bars in all."""
        return self.kept + self.empty + self.other_length + self.duplicates


@dataclass(frozen=True, eq=False)
class OwnBars:
    """The different bars of the user's files, of one length.

    Args:
        bars: at least one.
        report: what came of files and bars.
    """

    bars: tuple[Bar, ...]
    report: LibraryReport


class LoopLibrary:
    """Bars cut from the user's MIDI files; `report` says what became of each.

    Args:
        source: a folder, searched with all folders in it; or tracks; or bars of `steps` steps.
        pool: sounds to draw from, by role.
        steps: 8…32; bars of other lengths, or in triplets, are left out.
        rows: 1…8; the voices that matter most in each bar get them.
        tempo_bpm: lowest and highest tempo; drawn evenly. None keeps each bar's own, brought into 60…200.
        swing: least and most swing in steps; drawn evenly. None keeps each bar's own, to the nearest `SWING_STEP`.
        velocities: whether hits keep their loudness.
        microtiming: whether hits keep what their offsets say beyond the swing.
        drum_map: of the files; General MIDI if None.

    Raises:
        InvalidParameter: a number is out of range.
        InvalidInput: there is no bar to draw from; or more than 10,000 files.
        StorageError: the folder can not be read.
    """

    locked_rows: tuple[int, ...] = ()
    locked_hits: tuple[int, ...] = ()

    def __init__(
        self,
        source: str | os.PathLike[str] | Sequence[DrumTrack] | OwnBars,
        pool: SoundPool | Sequence[Sound],
        *,
        steps: int = DEFAULT_STEPS,
        rows: int = DEFAULT_ROWS,
        tempo_bpm: Range | None = None,
        swing: Range | None = None,
        velocities: bool = True,
        microtiming: bool = False,
        drum_map: DrumMap | None = None,
    ) -> None:
        check_shape(steps, rows)
        self.pool = SoundPool.of(pool)
        self._tempo_bpm = None if tempo_bpm is None else check_tempo(tempo_bpm)
        self._swing = None if swing is None else check_swing(swing)
        own = source if isinstance(source, OwnBars) else collect_bars(source, steps, drum_map)
        self._bars, self.report = own.bars, own.report
        self._rows, self._velocities, self._microtiming = rows, velocities, microtiming
        self._arranged: dict[int, Arrangement] = {}

    def draw(self, rng: np.random.Generator) -> Loop:
        """Return any of the bars, with sounds by role."""
        bar = self.draw_bar(rng)
        return bar.loop(
            lambda voice: self.pool.draw_for(voice, rng),
            tempo_bpm=None if self._tempo_bpm is None else draw_tempo(self._tempo_bpm, rng),
            swing=nearest_swing(bar.swing) if self._swing is None else draw_swing(self._swing, rng),
            seed=draw_seed(rng),
        )

    def draw_bar(self, rng: np.random.Generator) -> Arrangement:
        """Return any of the bars, all equally likely."""
        index = int(rng.integers(len(self._bars)))
        if index not in self._arranged:
            self._arranged[index] = arrange(
                self._bars[index], self._rows, velocities=self._velocities, microtiming=self._microtiming
            )
        return self._arranged[index]

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return a sound of the same role."""
        return self.pool.draw_for(self.pool.role(sound), rng)


def collect_bars(
    source: str | os.PathLike[str] | Sequence[DrumTrack], steps: int, drum_map: DrumMap | None = None
) -> OwnBars:
    """Return the different bars of `steps` steps.

    Args:
        source: a folder, whose MIDI files are read, those in folders within it too; or drum tracks.
        steps: 8…32.
        drum_map: of the files; General MIDI if None.

    Raises:
        InvalidInput: there is no bar to draw from, or there are too many files.
        StorageError: the folder can not be read.
    """
    unreadable: list[tuple[str, str]] = []
    if isinstance(source, str | os.PathLike):
        source = _read_all(Path(source), drum_map, unreadable)
    bars, report = _collect(source, steps, unreadable)
    if not bars:
        raise InvalidInput(
            f"a library of loops needs a bar of {steps} steps with a hit; files read: {report.files}, not readable: "
            f"{len(unreadable)}; bars found: {report.found}, empty: {report.empty}, of another length or in triplets: "
            f"{report.other_length}. Is this the right folder, or number of steps?"
        )
    return OwnBars(bars, report)


def _read_all(folder: Path, drum_map: DrumMap | None, unreadable: list[tuple[str, str]]) -> list[DrumTrack]:
    """Return the drum tracks of all MIDI files in `folder`, in the order of their paths."""
    tracks = []
    for path in _midi_files(folder):
        try:
            check_is_file(path)
            track = read_midi(path, drum_map=drum_map)
        except GhostnoteError as error:
            unreadable.append((str(path.relative_to(folder)), str(error)))
        else:
            tracks.append(track)
    return tracks


def _midi_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise StorageError(f"a library of loops must be a folder; {folder} is none. Is the path right?")

    def fail(error: OSError) -> None:
        raise StorageError(f"the folder {error.filename} can not be read: {error.strerror}") from error

    found: list[Path] = []
    for where, _, names in os.walk(folder, onerror=fail):
        found += [Path(where, name) for name in names if name.lower().endswith(_SUFFIXES)]
        if len(found) > MOST_FILES:
            raise InvalidInput(f"a library of loops may hold at most {MOST_FILES:,} files; {folder} holds more")
    return sorted(found)


def _collect(
    tracks: Sequence[DrumTrack], steps: int, unreadable: list[tuple[str, str]]
) -> tuple[tuple[Bar, ...], LibraryReport]:
    kept: dict[bytes, Bar] = {}
    empty = other_length = full = 0
    files = len(tracks)
    for number, track in enumerate(tracks):
        try:
            cut = bars_of_track(track, steps)
        except InvalidParameter:
            raise
        except InvalidInput as error:
            unreadable.append((f"track {number + 1}", str(error)))
            files -= 1
            continue
        empty, other_length, full = empty + cut.empty, other_length + cut.other_length, full + len(cut.bars)
        for bar in cut.bars:
            kept.setdefault(bar.hits.tobytes(), bar)
    report = LibraryReport(files, len(kept), empty, other_length, full - len(kept), tuple(unreadable))
    return tuple(kept.values()), report
