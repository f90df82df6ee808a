"""Bars out of any audio, loops or songs: what critics can hear beside loops of ours.

A short file whose length makes whole bars of four at a usual tempo, to which its onsets keep, is a loop. In anything
else beats are sought, and bars lie from downbeat to downbeat. Where there is no beat, pieces of a fixed length serve.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from ghostnote.audio.files import AudioLimits, read_audio
from ghostnote.critic.beats import (
    BEATS_PER_BAR,
    FASTEST_BPM,
    SLOWEST_BPM,
    USUAL_BPM,
    Mono,
    count_onsets,
    find_onsets,
    pulse,
    track_beats,
)
from ghostnote.critic.hearing import hear_bar
from ghostnote.critic.spectrum import BANDS, FRAMES_PER_STEP, HEARD_RATE_HZ, Array
from ghostnote.errors import InvalidAudio
from ghostnote.sounds.recordings import mix_to_mono
from ghostnote.storage import check_is_file

SONG_LIMITS = AudioLimits(size_bytes=200 * 2**20, seconds=600.0, frames=600 * 48_000)
"""Ten minutes; less above 48 kHz, so that a small file can not ask for more memory."""

STEPS = 16
MOST_BARS = 16
FIXED_SECONDS = 2.0
_LONGEST_LOOP_SECONDS = 40.0
_SHORTEST_SECONDS = 0.1
_LEAST_OF_PULSE = 0.8
"""A loop's pulse, beside the strongest of any tempo; a length by chance fits worse."""

_LEAST_PULSE = 0.06
_LEAST_ONSETS = 2
"""One hit is a one-shot, whatever its length."""

_SILENT = 1e-3
"""Beside the loudest bar, in amplitude; and as a peak."""

Way = Literal["loop", "beats", "fixed"]


@dataclass(frozen=True, eq=False)
class AudioBar:
    """A bar of audio that goes round.

    Args:
        audio: `(frames,)` at `HEARD_RATE_HZ`.
        start_seconds: where it lies in the file.
    """

    audio: Mono
    start_seconds: float

    @property
    def step_seconds(self) -> float:
        """Length of a 16th."""
        return len(self.audio) / HEARD_RATE_HZ / STEPS


@dataclass(frozen=True, eq=False)
class BarsOfAudio:
    """The bars of one file.

    Args:
        bars: at least one, at most `MOST_BARS`, evenly spread, none silent.
        way: how they were found: the file is a `loop` of whole bars, by `beats`, or of a `fixed` length.
        tempo_bpm: of the beats; None where there are none.
        warnings: of the file.
    """

    bars: tuple[AudioBar, ...]
    way: Way
    tempo_bpm: float | None
    warnings: tuple[str, ...] = ()


def read_bars(path: str | os.PathLike[str]) -> BarsOfAudio:
    """Return the bars of the audio in a file.

    Args:
        path: WAV, FLAC, AIFF or OGG of at most 200 MiB, 10 minutes (2.5 above 48 kHz), 2 channels, 8…192 kHz.

    Raises:
        InvalidAudio: the bytes are not one of the formats, are broken, beyond a limit, too short, or silent.
        StorageError: the file can not be read, or is no file.
    """
    check_is_file(path)
    clip = read_audio(path, limits=SONG_LIMITS)
    mono = mix_to_mono(clip.audio)
    if clip.sample_rate_hz != HEARD_RATE_HZ:
        import soxr  # loads its library, which few commands need

        mono = soxr.resample(mono, clip.sample_rate_hz, HEARD_RATE_HZ, quality="HQ")
    try:
        found = cut_bars(mono)
    except InvalidAudio as error:
        raise InvalidAudio(f"{path}: {error}") from error
    return BarsOfAudio(found.bars, found.way, found.tempo_bpm, clip.warnings)


def cut_bars(audio: Mono) -> BarsOfAudio:
    """Return the bars of `audio`.

    Args:
        audio: `(frames,)` at `HEARD_RATE_HZ`, finite.

    Raises:
        InvalidAudio: it is silent, or shorter than 0.1 s.
    """
    if len(audio) < _SHORTEST_SECONDS * HEARD_RATE_HZ:
        raise InvalidAudio(
            f"audio must last at least {_SHORTEST_SECONDS:g} s; it lasts {len(audio) / HEARD_RATE_HZ:.3f} s"
        )
    if float(np.abs(audio).max()) < _SILENT:
        raise InvalidAudio("audio must not be silent; its peak is below -60 dBFS")
    tempo_bpm = loop_tempo(audio)
    if tempo_bpm is not None:
        return BarsOfAudio(_spread(_of_loop(audio, tempo_bpm)), "loop", tempo_bpm)
    beats = track_beats(audio)
    if beats is not None:
        starts = np.round(beats.seconds[beats.downbeat :: BEATS_PER_BAR] * HEARD_RATE_HZ).astype(np.int64)
        starts = np.clip(starts, 0, len(audio))
        bars = [_bar(audio, int(start), int(end)) for start, end in pairwise(starts)]
        if kept := _spread(bars):
            return BarsOfAudio(kept, "beats", beats.tempo_bpm)
    frames = round(FIXED_SECONDS * HEARD_RATE_HZ)
    if len(audio) < frames:
        audio = np.pad(audio, (0, frames - len(audio)))
    pieces = [_bar(audio, start, start + frames) for start in range(0, len(audio) - frames + 1, frames)]
    return BarsOfAudio(_spread(pieces), "fixed", None)


def loop_tempo(audio: Mono) -> float | None:
    """Return the tempo at which `audio` is a loop of whole bars of four (or half a bar, or a quarter), or None.

    Of those tempos whose bars are a power of two, the one nearest to 120 bpm is taken; its beats must be about as
    strong as those of any tempo, the file's end being followed by its beginning.
    """
    seconds = len(audio) / HEARD_RATE_HZ
    if seconds > _LONGEST_LOOP_SECONDS:
        return None
    per_bar = 60.0 * BEATS_PER_BAR
    fitting = per_bar / seconds * 2.0 ** np.arange(-2, 6)
    fitting = fitting[(fitting >= SLOWEST_BPM) & (fitting <= FASTEST_BPM)]
    if not len(fitting):
        return None
    tempo_bpm = float(fitting[np.abs(np.log2(fitting / USUAL_BPM)).argmin()])
    onsets = find_onsets(audio, goes_round=True)
    if count_onsets(onsets) < _LEAST_ONSETS:
        return None
    any_tempo = np.asarray(np.geomspace(SLOWEST_BPM, FASTEST_BPM, 400), dtype=np.float64)
    fits = float(pulse(onsets, np.asarray(fitting, dtype=np.float64)).max())
    if fits < _LEAST_PULSE or fits < _LEAST_OF_PULSE * float(pulse(onsets, any_tempo).max()):
        return None
    return tempo_bpm


def hear_bars(bars: Sequence[AudioBar]) -> Array:
    """Return the levels of bars, `(bars, frames, BANDS)`, for `Encoder.embed`."""
    levels = np.empty((len(bars), STEPS * FRAMES_PER_STEP, BANDS), dtype=np.float32)
    for index, bar in enumerate(bars):
        levels[index] = hear_bar(bar.audio, STEPS, bar.step_seconds)
    return levels


def _of_loop(audio: Mono, tempo_bpm: float) -> list[AudioBar]:
    count = len(audio) / HEARD_RATE_HZ * tempo_bpm / 60.0 / BEATS_PER_BAR
    if count < 0.9:
        return [AudioBar(np.tile(audio, round(1 / count)), 0.0)]
    edges = np.round(np.linspace(0, len(audio), round(count) + 1)).astype(np.int64)
    return [_bar(audio, int(start), int(end)) for start, end in pairwise(edges)]


def _bar(audio: Mono, start: int, end: int) -> AudioBar:
    return AudioBar(audio[start:end], start / HEARD_RATE_HZ)


def _spread(bars: Sequence[AudioBar]) -> tuple[AudioBar, ...]:
    """Return the bars that are not silent, at most `MOST_BARS` of them, evenly spread."""
    loudness = np.array([float(np.sqrt(np.mean(np.square(bar.audio), dtype=np.float64))) for bar in bars])
    heard = np.flatnonzero(loudness > _SILENT * loudness.max(initial=_SILENT))
    if len(heard) > MOST_BARS:
        heard = heard[np.round(np.linspace(0, len(heard) - 1, MOST_BARS)).astype(np.int64)]
    return tuple(bars[int(index)] for index in heard)
