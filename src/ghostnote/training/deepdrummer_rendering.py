"""Which bar of a loop DeepDrummer's critics hear, row by row, so that only rows that changed are rendered again.

The released program renders four repeats from silence, learns from the second bar and scores the first, which lacks the
tails of the bar before. What it should hear is the steady bar of `ghostnote.loops.rendering`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.loops.loop import Loop
from ghostnote.loops.rendering import HIT_GAIN, frames_of, onsets_seconds
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ
from ghostnote.training.deepdrummer_features import BAR_FRAMES

FIRST_BAR, SECOND_BAR, STEADY_BAR = 0, 1, 1_000
"""How many bars were played before the one that is heard."""

NINE_SECONDS = 9 * MASTER_RATE_HZ
REPEATS = 4


@dataclass(frozen=True, eq=False)
class HeardBar:
    """A loop and how its bar sounds.

    Args:
        loop: what is played.
        rows: each `(BAR_FRAMES,)`; they add up to `audio`.
        audio: `(BAR_FRAMES,)`.
    """

    loop: Loop
    rows: tuple[Mono, ...]
    audio: Mono


def hear(loop: Loop, bank: SoundBank, bars_before: int, before: HeardBar | None = None) -> HeardBar:
    """Return how a bar of `loop` sounds.

    Args:
        loop: two seconds at 120 bpm.
        bank: holds its sounds.
        bars_before: `FIRST_BAR`, `SECOND_BAR` or `STEADY_BAR`.
        before: another loop's, whose rows are taken over where they are the same.

    Raises:
        InvalidParameter: the loop does not last as long as the network's input.
    """
    if frames_of(loop, MASTER_RATE_HZ) != BAR_FRAMES:
        raise InvalidParameter(
            f"a loop for this critic must last 2 s; got {loop.duration_seconds:g} s. Has it 16 steps at 120 bpm?"
        )
    starts = _starts(loop)
    rows = tuple(
        before.rows[row]
        if before is not None and _same_row(loop, before.loop, row)
        else _row_bar(loop, row, starts[:, row], bank, bars_before)
        for row in range(loop.pattern.rows)
    )
    audio = rows[0].copy()
    for row_audio in rows[1:]:
        audio += row_audio
    return HeardBar(loop, rows, audio)


def render_nine_seconds(loop: Loop, bank: SoundBank) -> Mono:
    """Return four repeats from silence and a second for tails, `(NINE_SECONDS,)`, as the released program renders."""
    audio = np.zeros(NINE_SECONDS, dtype=np.float32)
    starts = _starts(loop)
    for row, sound in enumerate(loop.sounds):
        samples = bank.audio(sound)
        for step in np.flatnonzero(loop.pattern.hits[:, row]):
            hit = np.float32(HIT_GAIN * loop.pattern.velocities[step, row]) * samples
            for repeat in range(REPEATS):
                start = repeat * BAR_FRAMES + starts[step, row]
                audio[start : start + len(hit)] += hit[: NINE_SECONDS - start]
    return audio


def _starts(loop: Loop) -> NDArray[np.int64]:
    return np.round(onsets_seconds(loop) * MASTER_RATE_HZ).astype(np.int64) % BAR_FRAMES


def _same_row(loop: Loop, other: Loop, row: int) -> bool:
    if loop.pattern.rows != other.pattern.rows or loop.swing != other.swing or loop.sounds[row] != other.sounds[row]:
        return False
    pairs = (
        (loop.pattern.hits, other.pattern.hits),
        (loop.pattern.velocities, other.pattern.velocities),
        (loop.pattern.offsets, other.pattern.offsets),
    )
    return all(np.array_equal(mine[:, row], theirs[:, row]) for mine, theirs in pairs)


def _row_bar(loop: Loop, row: int, starts: NDArray[np.int64], bank: SoundBank, bars_before: int) -> Mono:
    """Return one row of the bar: each hit from its start, and what is left of it from the bars before."""
    audio = np.zeros(BAR_FRAMES, dtype=np.float32)
    steps = np.flatnonzero(loop.pattern.hits[:, row])
    if not len(steps):
        return audio
    samples = bank.audio(loop.sounds[row])
    gains = np.float32(HIT_GAIN) * loop.pattern.velocities[:, row]
    scaled = {gain: samples * gain for gain in {np.float32(gain) for gain in gains[steps]}}
    for step in steps:
        hit, start = scaled[np.float32(gains[step])], int(starts[step])
        for first in range(-start, min(len(hit), (bars_before + 1) * BAR_FRAMES - start), BAR_FRAMES):
            at = max(0, -first)
            piece = hit[max(0, first) : first + BAR_FRAMES]
            audio[at : at + len(piece)] += piece
    return audio
