"""How a musician changes one voice of a kit: its pitch, its length, its place, another drum of its make, or a sample.

What is struck (`shaped_hit`) is changed before the kit's own level, pan and room; `level_db` and `pan` act behind them,
as a channel of a mixing desk does, so that they can be turned while the sound plays. docs/kits.md has the exact rules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.loudness import hit_loudness_lufs
from ghostnote.audio.synthesis import Design, strike
from ghostnote.audio.synthesis.elements import T60_NEPERS
from ghostnote.audio.synthesis.mutation import lengthened, mutated
from ghostnote.errors import InvalidParameter

MOST_TUNE_SEMITONES = 12.0
LEAST_DECAY, MOST_DECAY = 0.2, 2.0
LEAST_LEVEL_DB, MOST_LEVEL_DB = -24.0, 12.0

_MOST_LIFT_DB = 30.0
"""A sample's tail is raised by no more: below it, a recording is noise."""

_HIGHEST_PEAK = 1.25
"""Of a sample or a mutated design at its channel's level; the shipped sounds stay below it by themselves."""

_SHORTEST_T60_SECONDS = 0.02
_FADE_SECONDS = 0.005

Mono = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sample:
    """A one-shot of the user's.

    Args:
        audio: `(frames,)` float32, starting at the strike.
        sample_rate_hz: of `audio`.

    Raises:
        InvalidParameter: it has another shape, no frames, or samples that are not finite.
    """

    audio: Mono
    sample_rate_hz: int

    def __post_init__(self) -> None:
        if self.audio.ndim != 1 or not len(self.audio) or not np.isfinite(self.audio).all():
            raise InvalidParameter(f"a sample must be finite and of shape (frames,); got {self.audio.shape}")
        if self.sample_rate_hz < 1:
            raise InvalidParameter(f"sample_rate_hz must be at least 1; got {self.sample_rate_hz}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """What is changed of one voice; the defaults change nothing, not a bit of it.

    Args:
        tune_semitones: -12…12; the sound is resampled, so that a lower one is also longer.
        decay: 0.2…2; multiplies the times in which the sound dies away.
        level_db: -24…12, behind all else.
        pan: -1 left … 1 right, as a balance behind all else; see `balance`.
        sample: sounds instead of the voice's design, at every pitch of the voice.
        mutation: ≥ 0, which sibling of the design is struck; None strikes the design. A sample has no siblings.

    Raises:
        InvalidParameter: a number is out of range.
    """

    tune_semitones: float = 0.0
    decay: float = 1.0
    level_db: float = 0.0
    pan: float = 0.0
    sample: Sample | None = None
    mutation: int | None = field(default=None)

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("tune_semitones", self.tune_semitones, -MOST_TUNE_SEMITONES, MOST_TUNE_SEMITONES),
            ("decay", self.decay, LEAST_DECAY, MOST_DECAY),
            ("level_db", self.level_db, LEAST_LEVEL_DB, MOST_LEVEL_DB),
            ("pan", self.pan, -1.0, 1.0),
        ):
            if not low <= value <= high:
                raise InvalidParameter(f"{name} of a voice must lie in {low:g}…{high:g}; got {value:g}")
        if self.mutation is not None and not 0 <= self.mutation < 2**63:
            raise InvalidParameter(f"mutation of a voice must lie in 0…2^63 - 1; got {self.mutation}")

    @property
    def changes_sound(self) -> bool:
        """Whether another sound is struck; level and pan alone leave it as it is."""
        return bool(self.tune_semitones or self.decay != 1.0 or self.sample is not None or self.mutation is not None)

    @property
    def sides(self) -> NDArray[np.float32]:
        """Gains of left and right, `(2,)`."""
        return np.float32(10 ** (self.level_db / 20)) * balance(self.pan)


def balance(pan: float) -> NDArray[np.float32]:
    """Return the gains of left and right, `(2,)`: the side that `pan` turns away from falls linearly, the other stays.

    >>> balance(0.25)
    array([0.75, 1.  ], dtype=float32)
    """
    return np.array([min(1.0, 1.0 - pan), min(1.0, 1.0 + pan)], dtype=np.float32)


def shaped_hit(
    design: Design,
    shape: Shape,
    velocity: float,
    level_lufs: float,
    *,
    sample_rate_hz: int,
    seed: tuple[int, ...],
    identity: tuple[int, ...],
) -> Mono:
    """Return one hit of `design` after `shape`, dry and in mono, `(frames,)`.

    The gain is that which brings the hit *before* tune and decay to `level_lufs`: a shorter or lower hit begins as hard
    as the whole one, and is therefore softer to the meter. A sample's peak, and that of a mutated design, stays below
    1.25 all the same.

    Args:
        design: what is struck, unless `shape` has a sample.
        shape: what to change; level and pan are not applied.
        velocity: in (0, 1], of the strike; a sample sounds the same at all.
        level_lufs: momentary loudness.
        sample_rate_hz: of the result.
        seed: of this take.
        identity: of the voice and its articulation, which `shape.mutation` changes; the same for all its takes.
    """
    if shape.sample is not None:
        return _shaped_sample(shape.sample, shape, level_lufs, sample_rate_hz)
    if shape.mutation is not None:
        design = mutated(design, np.random.default_rng([shape.mutation, *identity]))
    rng = np.random.default_rng(seed)
    whole = strike(design, velocity, sample_rate_hz=sample_rate_hz, rng=rng)
    # Half a decibel stays as human unevenness, as in takes that nobody shaped.
    gain_db = level_lufs + rng.normal(0.0, 0.35) - hit_loudness_lufs(whole, sample_rate_hz)
    gain = 10 ** (gain_db / 20)
    if shape.mutation is not None:
        gain = min(gain, _HIGHEST_PEAK / float(np.abs(whole).max()))
    if shape.decay != 1.0:
        longer = lengthened(design, shape.decay)
        whole = strike(longer, velocity, sample_rate_hz=sample_rate_hz, rng=np.random.default_rng(seed))
    return _tuned(whole * np.float32(gain), shape.tune_semitones, sample_rate_hz)


def _shaped_sample(sample: Sample, shape: Shape, level_lufs: float, sample_rate_hz: int) -> Mono:
    audio = sample.audio.astype(np.float32)
    if sample.sample_rate_hz != sample_rate_hz:
        audio = _resampled(audio, sample.sample_rate_hz, sample_rate_hz)
    peak = float(np.abs(audio).max())
    if peak == 0.0:
        return audio
    loudness = hit_loudness_lufs(audio / peak, sample_rate_hz)
    wanted = float(10 ** ((level_lufs - loudness) / 20)) if np.isfinite(loudness) else _HIGHEST_PEAK
    audio = audio * np.float32(min(wanted, _HIGHEST_PEAK) / peak)
    if shape.decay != 1.0:
        audio = _with_decay(audio, shape.decay, sample_rate_hz)
    return _tuned(audio, shape.tune_semitones, sample_rate_hz)


def _with_decay(audio: Mono, factor: float, sample_rate_hz: int) -> Mono:
    """Return `audio` under an exponential that makes its T60 `factor` times as long; no longer than it is recorded."""
    t60 = t60_seconds(audio, sample_rate_hz)
    nepers = T60_NEPERS / t60 * (1.0 - 1.0 / factor) * np.arange(len(audio)) / sample_rate_hz
    gain = np.exp(np.minimum(nepers, _MOST_LIFT_DB / 20 * math.log(10)))
    shaped = (audio * gain).astype(np.float32)
    # A raised tail may end on more than silence.
    fade = min(len(shaped), round(_FADE_SECONDS * sample_rate_hz))
    shaped[len(shaped) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return shaped


def t60_seconds(audio: Mono, sample_rate_hz: int) -> float:
    """Return the time in which `audio` dies away by 60 dB, from how its energy runs out between -5 and -25 dB.

    Args:
        audio: `(frames,)`, not silent.
        sample_rate_hz: of `audio`.

    Source: backward integration, Schroeder 1965; T20 of ISO 3382-1.
    """
    left = np.cumsum(np.square(audio[::-1], dtype=np.float64))[::-1]
    level = 10 * np.log10(np.maximum(left / left[0], 1e-12))
    start, end = (int(np.argmax(level <= db)) for db in (-5.0, -25.0))
    if end <= start:  # it breaks off before it has died away
        end = len(audio) - 1
    fall = max(float(level[start] - level[end]), 1e-3)
    return max(_SHORTEST_T60_SECONDS, 60.0 / fall * (end - start) / sample_rate_hz)


def _tuned(audio: Mono, semitones: float, sample_rate_hz: int) -> Mono:
    if not semitones:
        return audio
    return _resampled(audio, sample_rate_hz * 2.0 ** (semitones / 12.0), sample_rate_hz)


def _resampled(audio: Mono, from_hz: float, to_hz: float) -> Mono:
    import soxr  # loads its library, which few calls need

    return np.asarray(soxr.resample(audio, from_hz, to_hz, quality="HQ"), dtype=np.float32)
