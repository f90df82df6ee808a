"""Recordings become windows: the nine-voice, loudest-hit view on 16ths that models train on and metrics compare."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.data.archive import GROOVE, Published
from ghostnote.data.loading import load_performances
from ghostnote.data.performances import DRUM_MAP, Performance
from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Grid, Groove, GrooveBatch
from ghostnote.midi import drum_map

STEPS_PER_BEAT = 4


@dataclass(frozen=True, eq=False)
class WindowIndex:
    """Where windows lie in recordings.

    Args:
        places: `(windows,)`, which of the given recordings, from 0.
        start_bars: `(windows,)`, the bar that the window starts with.
        bars: length of each window.
    """

    places: NDArray[np.int64]
    start_bars: NDArray[np.int64]
    bars: int

    def __len__(self) -> int:
        return len(self.places)


def load_windows(
    split: str | None,
    *,
    archive: str | os.PathLike[str] | None = None,
    metre: str = "4-4",
    bars: int = 2,
    hop_bars: int = 1,
    pad_short: bool = True,
    published: Published | None = GROOVE,
) -> GrooveBatch:
    """Return the windows of a split of the dataset.

    Args:
        split: `train`, `validation` or `test`; None for all.
        archive: where it lies; see `find_archive`.
        metre: of the recordings to take; windows of different metres do not fit in one batch.
        bars, hop_bars: length of a window and distance between starts, ≥ 1.
        pad_short: whether recordings shorter than a window give one that ends in silence, or none.
        published: what the archive must be; None accepts any that is laid out alike.

    Returns:
        In 4/4, 2 bars with a hop of 1: 16,940 / 2,110 / 2,124 windows (padded) or 16,537 / 2,055 / 2,084.

    Raises:
        InvalidArchive, StorageError: as `load_performances`.
        InvalidParameter: no such split or metre, or a length below 1.
    """
    performances = load_performances(split, archive=archive, metre=metre, published=published)
    if not performances:
        raise InvalidParameter(
            f"metre must be one that the split has recordings in; got {metre!r}. 4-4 is the usual one"
        )
    return windows_of(performances, bars=bars, hop_bars=hop_bars, pad_short=pad_short)


def windows_of(
    performances: Sequence[Performance], *, bars: int = 2, hop_bars: int = 1, pad_short: bool = True
) -> GrooveBatch:
    """Return the windows of `performances`, all in one metre, in order of recording and bar."""
    index = index_windows(performances, bars=bars, hop_bars=hop_bars, pad_short=pad_short)
    return _cut(_lay_out(performances, bars), performances, index)


def index_windows(
    performances: Sequence[Performance], *, bars: int = 2, hop_bars: int = 1, pad_short: bool = True
) -> WindowIndex:
    """Return which windows `windows_of` cuts, and so which window belongs to which recording and bar.

    Raises:
        InvalidParameter: a length is below 1.
    """
    if bars < 1 or hop_bars < 1:
        raise InvalidParameter(f"bars and hop_bars must be at least 1; got {bars} and {hop_bars}")
    lengths = np.array([count_bars(performance) for performance in performances], dtype=np.int64)
    counts = np.maximum(lengths - bars, 0) // hop_bars + 1
    counts[(lengths == 0) | ((lengths < bars) & (not pad_short))] = 0
    places = np.repeat(np.arange(len(lengths)), counts)
    within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    return WindowIndex(places, within * hop_bars, bars)


def cut_windows(grooves: Sequence[Groove], performances: Sequence[Performance], index: WindowIndex) -> GrooveBatch:
    """Return the windows at `index` of whole songs, as a model played them, ready to compare with `windows_of`.

    Args:
        grooves: one for each of `performances`, of the bars that `groove_of` gives, or more.
        performances: the recordings whose scores were played.
        index: from `index_windows(performances)`.

    Raises:
        InvalidParameter: there is not one groove for each recording, or one is too short.
    """
    if len(grooves) != len(performances):
        raise InvalidParameter(
            f"there must be one groove for each performance; got {len(grooves)}, {len(performances)}"
        )
    steps = _steps_per_bar(performances)
    bars = [max(count_bars(performance), index.bars) for performance in performances]
    starts = np.cumsum([0, *bars]) * steps
    sheet = _empty(starts)
    for place, groove in enumerate(grooves):
        needed = count_bars(performances[place]) * steps
        if len(groove.grid) < needed:
            raise InvalidParameter(f"groove {place} must have at least {needed} steps; got {len(groove.grid)}")
        size = min(len(groove.grid), bars[place] * steps)
        rows = slice(starts[place], starts[place] + size)
        sheet.hits[rows], sheet.velocities[rows] = groove.hits[:size], groove.velocities[:size]
        sheet.offsets[rows] = groove.offsets[:size]
    return _cut(sheet, performances, index)


def groove_of(performance: Performance) -> Groove:
    """Return a whole recording as a groove on 16ths, from its first bar to the end of its last.

    Raises:
        InvalidParameter: it holds no note.
    """
    sheet = _lay_out([performance], 1)
    grid = Grid.uniform(
        count_bars(performance),
        tempo_bpm=performance.tempo_bpm,
        bar_beats=performance.bar_beats,
        steps_per_beat=STEPS_PER_BEAT,
    )
    return Groove(sheet.hits, sheet.velocities, sheet.offsets, grid)


def count_bars(performance: Performance) -> int:
    """Return the bars from the start to the last hit, once it is moved to its nearest 16th; 0 without hits."""
    if not len(performance.ticks):
        return 0
    last = int(_nearest_steps(performance.ticks[-1:], performance.ticks_per_beat)[0])
    return last // _steps_per_bar([performance]) + 1


def iterate_batches(
    batch: GrooveBatch, size: int, rng: np.random.Generator, *, drop_last: bool = False
) -> Iterator[GrooveBatch]:
    """Yield all windows of `batch` once, in random order, `size` at a time.

    Args:
        batch: what to go through.
        size: ≥ 1.
        rng: of the order.
        drop_last: whether to leave out the last batch where it would be smaller.

    Raises:
        InvalidParameter: `size` is below 1.
    """
    if size < 1:
        raise InvalidParameter(f"size must be at least 1; got {size}")
    order = rng.permutation(len(batch))
    end = len(order) - len(order) % size if drop_last else len(order)
    return (batch.take(order[start : start + size]) for start in range(0, end, size))


@dataclass(frozen=True, eq=False)
class _Sheet:
    """Recordings one after another: `(steps of all, voices)` each, recording i in rows `starts[i]:starts[i + 1]`."""

    hits: NDArray[np.float32]
    velocities: NDArray[np.float32]
    offsets: NDArray[np.float32]
    starts: NDArray[np.int64]


def _empty(starts: NDArray[np.int64]) -> _Sheet:
    hits, velocities, offsets = np.zeros((3, int(starts[-1]), len(VOICES)), dtype=np.float32)
    return _Sheet(hits, velocities, offsets, starts)


def _lay_out(performances: Sequence[Performance], least_bars: int) -> _Sheet:
    """Return the loudest hit of each voice on each 16th; of equally loud ones, the first.

    Pitches that the kit's map does not know are left out.
    """
    steps_per_bar = _steps_per_bar(performances)
    starts = np.cumsum([0, *(max(count_bars(p), least_bars) * steps_per_bar for p in performances)])
    sheet = _empty(starts)
    columns = _voice_columns()
    counts = [len(p.ticks) for p in performances]
    ticks = np.concatenate([p.ticks for p in performances])
    per_beat = np.repeat([p.ticks_per_beat for p in performances], counts)
    voices = columns[np.concatenate([p.pitches for p in performances])]
    velocities = np.concatenate([p.velocities for p in performances]).astype(np.int64)
    steps = _nearest_steps(ticks, per_beat)
    offsets = ticks * STEPS_PER_BEAT / per_beat - steps
    cells = (steps + np.repeat(starts[:-1], counts)) * len(VOICES) + voices
    order = np.lexsort((-velocities, cells))  # stable: equally loud hits stay in the order of the file
    order = order[voices[order] >= 0]
    loudest = order[np.unique(cells[order], return_index=True)[1]]
    sheet.hits.flat[cells[loudest]] = 1
    sheet.velocities.flat[cells[loudest]] = velocities[loudest] / 127
    sheet.offsets.flat[cells[loudest]] = offsets[loudest]
    return sheet


def _cut(sheet: _Sheet, performances: Sequence[Performance], index: WindowIndex) -> GrooveBatch:
    steps_per_bar = _steps_per_bar(performances)
    first = sheet.starts[index.places] + index.start_bars * steps_per_bar
    rows = first[:, None] + np.arange(index.bars * steps_per_bar)
    tempos = np.array([p.tempo_bpm for p in performances], dtype=np.float64)
    ids = np.array([p.index for p in performances], dtype=np.int64)
    styles = np.array([p.style_id for p in performances], dtype=np.int64)
    return GrooveBatch(
        sheet.hits[rows],
        sheet.velocities[rows],
        sheet.offsets[rows],
        tempos[index.places],
        ids[index.places],
        index.start_bars,
        styles[index.places],
    )


def _nearest_steps(ticks: NDArray[np.int64], ticks_per_beat: int | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return floor(onset + 1/2) in 16ths, in whole numbers: halfway goes up, so that offsets lie in [-0.5, 0.5)."""
    return (2 * STEPS_PER_BEAT * ticks + ticks_per_beat) // (2 * np.asarray(ticks_per_beat, dtype=np.int64))


def _steps_per_bar(performances: Sequence[Performance]) -> int:
    metres = {performance.metre for performance in performances}
    if len(metres) != 1:
        raise InvalidParameter(
            f"performances must be in one metre, at least one; got {', '.join(sorted(metres)) or 'none'}"
        )
    steps = performances[0].bar_beats * STEPS_PER_BEAT
    if steps != int(steps):
        raise InvalidParameter(f"a bar must be a whole number of 16ths; got metre {performances[0].metre!r}")
    return int(steps)


def _voice_columns() -> NDArray[np.int64]:
    """Return the column of each pitch, `(256,)`, -1 where the kit's map knows none."""
    columns = np.full(256, -1, dtype=np.int64)
    for pitch, voice in drum_map(DRUM_MAP).voices.items():
        columns[pitch] = voice.column
    return columns
