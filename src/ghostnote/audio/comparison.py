"""Before and after by ear: two tracks on one kit, joined so that the difference can be heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.kit import Kit, OneShots
from ghostnote.audio.render import Rendering, render
from ghostnote.errors import InvalidParameter
from ghostnote.groove import Clock, DrumTrack
from ghostnote.groove.grid import bar_lines

LONGEST_WHOLE_BARS = 8
"""Tracks up to here are played whole, one after the other; longer ones phrase by phrase."""

_EARLY_SECONDS = 0.06
"""A phrase is cut this far before its bar line, so that a downbeat played early is not lost."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two renderings of equal loudness and what to listen to.

    Args:
        before, after: each track by itself.
        joined: `(frames, 2)`, see `render_comparison`.
        sample_rate_hz: of all.
        order: `(seconds, label)` of each phrase in `joined`, such as `(0.0, "before, bars 1-4")`.
    """

    before: Rendering
    after: Rendering
    joined: NDArray[np.float32]
    sample_rate_hz: int
    order: tuple[tuple[float, str], ...]


def render_comparison(
    before: DrumTrack,
    after: DrumTrack,
    kit: Kit,
    *,
    phrase_bars: int | None = None,
    sample_rate_hz: int = 44_100,
    loudness_lufs: float | None = -16.0,
    ceiling_dbfs: float = -1.0,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Return both tracks on the same kit, takes and loudness, joined in pairs of phrases.

    Memory for a feel lasts a few seconds, so a long song is not played twice in a row: each phrase is heard before,
    then at once after, in one unbroken beat; then a bar of silence, so that the ear knows that the next phrase starts
    with before again. A short track, up to 8 bars, is one phrase with a bar of silence between the two as well.

    Loudness is matched because the louder of two is taken for the better one. The takes are the same ones, so what
    differs is timing, velocity and the timbre that follows from it.

    Args:
        before, after: tracks; bars are those of `before`.
        kit: what both are played on.
        phrase_bars: length of a phrase; None means whole up to 8 bars and 4 bars beyond.
        sample_rate_hz, loudness_lufs, ceiling_dbfs, seed, progress: as in `render`.

    Raises:
        InvalidParameter: `phrase_bars` is less than 1, or as `render`.
    """
    if phrase_bars is not None and phrase_bars < 1:
        raise InvalidParameter(f"phrase_bars must be at least 1; got {phrase_bars}")
    one_shots = OneShots(kit, sample_rate_hz)
    first, second = (
        render(
            track,
            kit,
            sample_rate_hz=sample_rate_hz,
            loudness_lufs=loudness_lufs,
            ceiling_dbfs=ceiling_dbfs,
            seed=seed,
            one_shots=one_shots,
            progress=progress,
        )
        for track in (before, after)
    )
    bars = bar_lines(before)
    last_beat = max(
        (note.tick / track.ticks_per_beat for track in (before, after) for note in track.notes), default=0.0
    )
    count = max(1, int(np.searchsorted(bars.starts_beats, last_beat, side="right")))
    whole = phrase_bars is None and count <= LONGEST_WHOLE_BARS
    step = count if whole else (phrase_bars or 4)
    lines = Clock.of(before).tick_to_seconds(bars.starts_beats * before.ticks_per_beat)
    bar_seconds = float(lines[1] - lines[0]) if len(lines) > 1 else 2.0

    pieces: list[NDArray[np.float32]] = []
    order: list[tuple[float, str]] = []
    rest = np.zeros((round(bar_seconds * sample_rate_hz), 2), dtype=np.float32)
    for start in range(0, count, step):
        stop = min(start + step, count)
        for label, rendering in (("before", first), ("after", second)):
            begin = float(lines[start])
            # The last phrase rings out; all others end where the next one begins.
            end = float(lines[stop]) if stop < count else rendering.duration_seconds + _EARLY_SECONDS
            frames = sum(len(piece) for piece in pieces)
            order.append((frames / sample_rate_hz, f"{label}, bars {start + 1}-{stop}"))
            pieces.append(_cut(rendering.audio, begin - _EARLY_SECONDS, end - _EARLY_SECONDS, sample_rate_hz))
            if label == "after" or whole or stop == count:
                pieces.append(rest)
    joined = np.concatenate(pieces[:-1])
    return Comparison(first, second, joined, sample_rate_hz, tuple(order))


def join_to_compare(before: Rendering, after: Rendering, *, pause_seconds: float = 2.0) -> NDArray[np.float32]:
    """Return `before`, a pause, then `after`, whole: `(frames, 2)`.

    For short loops that are rendered already; `render_comparison` joins long songs phrase by phrase.

    Args:
        before, after: of one sample rate.
        pause_seconds: between them; a bar of 4/4 at 120 bpm by default.

    Raises:
        InvalidParameter: the rates differ, or the pause is negative.
    """
    if before.sample_rate_hz != after.sample_rate_hz:
        raise InvalidParameter(
            f"both renderings must have one sample rate; got {before.sample_rate_hz} and {after.sample_rate_hz}"
        )
    if not 0.0 <= pause_seconds <= 60.0:
        raise InvalidParameter(f"pause_seconds must lie in 0…60; got {pause_seconds}")
    pause = np.zeros((round(pause_seconds * before.sample_rate_hz), 2), dtype=np.float32)
    return np.concatenate([before.audio, pause, after.audio])


def _cut(audio: NDArray[np.float32], begin: float, end: float, sample_rate_hz: int) -> NDArray[np.float32]:
    first, last = max(0, round(begin * sample_rate_hz)), round(end * sample_rate_hz)
    piece = audio[first:last].copy()
    fade = min(len(piece), round(0.004 * sample_rate_hz))
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)[:, None]
        if first > 0:
            piece[:fade] *= ramp
        piece[len(piece) - fade :] *= ramp[::-1]
    return piece
