"""Loops become sound: the bar as it is once it runs, with the tails of its end under its beginning.

So it goes round without a seam, and what is played is what critics score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.loudness import integrated_loudness_lufs
from ghostnote.errors import InvalidParameter
from ghostnote.loops.loop import Loop
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ

HIT_GAIN = 0.5
"""Of a hit of velocity 1, as in Alain et al. 2020."""

PLAYING_LUFS = -16.0
CEILING_DBFS = -1.0
_SILENT_PEAK = 1e-6
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 192_000


def frames_of(loop: Loop, sample_rate_hz: int) -> int:
    """Return the length of the bar in frames."""
    return round(loop.duration_seconds * sample_rate_hz)


def onsets_seconds(loop: Loop) -> NDArray[np.float64]:
    """Return when each cell sounds, `(steps, rows)`, from the bar's start and within it, swing and offsets included."""
    step = np.arange(loop.pattern.steps)[:, None]
    late = loop.swing * (step % 2) + loop.pattern.offsets
    return np.asarray((step + late) * loop.step_seconds % loop.duration_seconds)


def render_rows(loop: Loop, bank: SoundBank, sample_rate_hz: int = MASTER_RATE_HZ) -> NDArray[np.float32]:
    """Return each row by itself, `(rows, frames)`, one steady bar at the mix's own level: they add up to the mix.

    Args:
        loop: to render.
        bank: holds its sounds.
        sample_rate_hz: 8,000…192,000.

    Raises:
        InvalidParameter: the rate is out of range, or a recording is missing.
    """
    if not LOWEST_RATE_HZ <= sample_rate_hz <= HIGHEST_RATE_HZ:
        raise InvalidParameter(f"sample_rate_hz must lie in {LOWEST_RATE_HZ}…{HIGHEST_RATE_HZ}; got {sample_rate_hz}")
    frames = frames_of(loop, sample_rate_hz)
    starts = np.round(onsets_seconds(loop) * sample_rate_hz).astype(np.int64) % frames
    rows = np.zeros((loop.pattern.rows, frames), dtype=np.float32)
    for row, sound in enumerate(loop.sounds):
        steps = np.flatnonzero(loop.pattern.hits[:, row])
        if not len(steps):
            continue
        bar = wrapped(bank.audio(sound, sample_rate_hz), frames)
        for step in steps:
            start, gain = starts[step, row], np.float32(HIT_GAIN * loop.pattern.velocities[step, row])
            rows[row, start:] += gain * bar[: frames - start]
            rows[row, :start] += gain * bar[frames - start :]
    return rows


def render_loop(loop: Loop, bank: SoundBank, sample_rate_hz: int = MASTER_RATE_HZ) -> Mono:
    """Return one steady bar of `loop` at the mix's own level, `(frames,)`; see `render_rows`."""
    return np.asarray(render_rows(loop, bank, sample_rate_hz).sum(axis=0), dtype=np.float32)


def playing_gain(bar: Mono, sample_rate_hz: int) -> float:
    """Return the gain that makes loops equally loud to a listener, and lets none clip; 1 for silence.

    Nothing but a gain: critics hear what is played, to a constant that they take out.

    Args:
        bar: `(frames,)`, one steady bar.
        sample_rate_hz: of `bar`.
    """
    peak = float(np.abs(bar).max(initial=0.0))
    if peak < _SILENT_PEAK:
        return 1.0
    # Measured at full level: whatever is quiet lies below the meter's gate.
    loudness = integrated_loudness_lufs(np.tile(bar / np.float32(peak), 2), sample_rate_hz)
    wanted = PLAYING_LUFS - loudness if np.isfinite(loudness) else CEILING_DBFS
    return float(10 ** (min(wanted, CEILING_DBFS) / 20)) / peak


def play_loop(loop: Loop, bank: SoundBank, sample_rate_hz: int = MASTER_RATE_HZ, *, repeats: int = 1) -> Mono:
    """Return `loop` as a person hears it, `(frames * repeats,)`: steady bars, as loud as all others.

    Raises:
        InvalidParameter: `repeats` is not in 1…64, or as `render_rows`.
    """
    if not 1 <= repeats <= 64:
        raise InvalidParameter(f"repeats must lie in 1…64; got {repeats}")
    bar = render_loop(loop, bank, sample_rate_hz)
    return np.tile(bar * np.float32(playing_gain(bar, sample_rate_hz)), repeats)


def wrapped(sound: Mono, frames: int) -> Mono:
    """Return `sound` laid round a bar of `frames`: what lies beyond its end comes in at its start."""
    whole = -(-len(sound) // frames)
    if whole <= 1:
        return np.pad(sound, (0, frames - len(sound)))
    padded = np.pad(sound, (0, whole * frames - len(sound)))
    return np.asarray(padded.reshape(whole, frames).sum(axis=0), dtype=np.float32)
