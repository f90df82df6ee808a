"""A drum track and a kit become stereo sound: hits placed, mixed, brought to a loudness, limited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.kit import Kit, OneShots
from ghostnote.audio.limiter import apply_gain, limiter_gain, true_peak_dbfs
from ghostnote.audio.loudness import integrated_loudness_lufs
from ghostnote.audio.synthesis.strike import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Clock, DrumTrack, Voice

MAX_FRAMES = 60_000_000  # of all buffers together, about 23 minutes of 44.1 kHz: half a gigabyte a buffer
MAX_SECONDS = 3_700.0
"""The hour that MIDI input may last, and its tail."""

CHOKE_SECONDS = 0.025
"""How long a closing hi-hat takes to silence an open one."""

SAME_STROKE_SECONDS = 0.01
"""A closed hi-hat so soon after an open one is the same stroke, and does not silence it."""

_MOST_MAKE_UP_DB = 3.0

Stereo = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Rendering:
    """A rendered track.

    Args:
        audio: `(frames, 2)` float32, full scale 1.
        sample_rate_hz: of `audio`.
        loudness_lufs: measured on `audio`, as it is after the limiter; minus infinity for silence.
        peak_dbfs, true_peak_dbfs: the same, on the samples and between them.
        gain_db: with which the mix was brought to its loudness.
        limited_db: the deepest that the limiter reached, at most 0.
        unrendered_notes: MIDI pitch → number of notes that the track's drum map knows no voice for.
        stems: each voice that plays, `(frames, 2)`, under the same gain and limiter as the mix, so that they add up to
            it; none unless asked for.
    """

    audio: Stereo
    sample_rate_hz: int
    loudness_lufs: float
    peak_dbfs: float
    true_peak_dbfs: float
    gain_db: float
    limited_db: float
    unrendered_notes: Mapping[int, int] = field(default_factory=dict)
    stems: Mapping[Voice, Stereo] | None = None

    @property
    def duration_seconds(self) -> float:
        """Length of `audio`."""
        return len(self.audio) / self.sample_rate_hz


def render(
    track: DrumTrack,
    kit: Kit,
    *,
    sample_rate_hz: int = 44_100,
    loudness_lufs: float | None = -16.0,
    ceiling_dbfs: float = -1.0,
    tail_seconds: float | None = None,
    seed: int = 0,
    stems: bool = False,
    one_shots: OneShots | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Rendering:
    """Return `track` played on `kit`.

    Onsets follow the track's tempo changes and are rounded to the nearest sample, at 44.1 kHz within 0.012 ms. Time 0
    is tick 0. A closed or pedal hi-hat cuts open ones that began more than 10 ms before it.

    The mix is brought to `loudness_lufs`, then limited. What the limiter takes is made up by at most 3 dB of further
    gain; a mix that needs more stays quieter than asked, and `Rendering.loudness_lufs` says how loud it came out.

    Args:
        track: what to play; notes of pitches outside its drum map are counted and not heard.
        kit: what to play it on.
        sample_rate_hz: 8,000…192,000.
        loudness_lufs: integrated loudness to aim at; None keeps the kit's own level.
        ceiling_dbfs: true peak that the limiter aims at; no sample exceeds it.
        tail_seconds: length after the last hit; None lets every sound end by itself.
        seed: of the order of takes; per voice, so that a note that moves between other voices keeps its take.
        stems: whether to keep each voice by itself, which costs as much memory again for each.
        one_shots: sounds already made, of the same kit and rate; what is missing is added to them.
        progress: called with (voices done, voices in all), the master counting as one.

    Raises:
        InvalidParameter: a number is out of range, `one_shots` belong to another kit or rate, or the track lasts more
            than an hour.
    """
    if not LOWEST_RATE_HZ <= sample_rate_hz <= HIGHEST_RATE_HZ:
        raise InvalidParameter(f"sample_rate_hz must lie in {LOWEST_RATE_HZ}…{HIGHEST_RATE_HZ}; got {sample_rate_hz}")
    if seed < 0:
        raise InvalidParameter(f"seed must be at least 0; got {seed}")
    if loudness_lufs is not None and not -70.0 < loudness_lufs <= 0.0:
        raise InvalidParameter(f"loudness_lufs must lie in (-70, 0]; got {loudness_lufs}. Is the sign missing?")
    if tail_seconds is not None and not 0.0 <= tail_seconds <= 60.0:
        raise InvalidParameter(f"tail_seconds must lie in 0…60; got {tail_seconds}")
    if one_shots is None:
        one_shots = OneShots(kit, sample_rate_hz)
    elif one_shots.kit is not kit or one_shots.sample_rate_hz != sample_rate_hz:
        raise InvalidParameter("one_shots must be of the same kit and sample_rate_hz as the render")

    hits = place_hits(track, kit, sample_rate_hz, seed)
    frames = _length(track, hits, one_shots, tail_seconds)
    buffers = 1 + (len(set(hits.columns.tolist())) if stems else 0)
    if frames * buffers > MAX_FRAMES:
        raise InvalidParameter(
            f"the sound must be shorter than {MAX_FRAMES / buffers / sample_rate_hz / 60:.0f} minutes at this rate"
            f"{' with stems' if stems else ''}; got {frames / sample_rate_hz / 60:.0f}. Render it in parts"
        )
    mix = np.zeros((frames, 2), dtype=np.float32)
    parts: dict[Voice, Stereo] = {}
    for voice in VOICES:
        if progress is not None:
            progress(voice.column, len(VOICES) + 1)
        chosen = np.flatnonzero(hits.columns == voice.column)
        if not len(chosen):
            continue
        target = mix
        if stems:
            parts[voice] = target = np.zeros_like(mix)
        _mix_in(target, hits, chosen, voice, one_shots)
        if stems:
            mix += target
    if tail_seconds is not None:
        # Sounds that the asked length cuts off must not end in a click.
        fade = min(frames, round(0.02 * sample_rate_hz))
        for buffer in (mix, *parts.values()):
            buffer[frames - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None]

    master = _master(mix, sample_rate_hz, loudness_lufs, ceiling_dbfs)
    peak = max(float(master.audio.max(initial=0.0)), -float(master.audio.min(initial=0.0)))
    for part in parts.values():
        part *= _factor(master.gain_db)
        part *= master.curve[:, None]
    return Rendering(
        audio=master.audio,
        sample_rate_hz=sample_rate_hz,
        loudness_lufs=master.loudness_lufs,
        peak_dbfs=float(20 * np.log10(peak)) if peak > 0 else -np.inf,
        true_peak_dbfs=true_peak_dbfs(master.audio),
        gain_db=master.gain_db,
        limited_db=float(20 * np.log10(master.curve.min(initial=1.0))),
        unrendered_notes=MappingProxyType(dict(sorted(hits.unrendered.items()))),
        stems=MappingProxyType(parts) if stems else None,
    )


@dataclass(frozen=True, eq=False)
class Hits:
    """Notes as a sampler sees them, all `(hits,)`, in the order of the track.

    Args:
        starts: first sample.
        stops: sample at which a choke begins, or a huge number.
        columns: `Voice.column`.
        pitches, velocities: of the note.
        takes: which round robin.
        unrendered: pitch → number of notes without a voice.
    """

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    columns: NDArray[np.int64]
    pitches: NDArray[np.int64]
    velocities: NDArray[np.int64]
    takes: NDArray[np.int64]
    unrendered: Mapping[int, int]


NEVER = np.iinfo(np.int64).max


def place_hits(track: DrumTrack, kit: Kit, sample_rate_hz: int, seed: int) -> Hits:
    """Return where each note of `track` sounds, which take of its sound, and where it is choked.

    Raises:
        InvalidParameter: the track lasts more than an hour.
    """
    voiced = [(note, voice) for note in track.notes if (voice := track.voice_of(note)) is not None]
    unrendered = Counter(note.pitch for note in track.notes if track.voice_of(note) is None)
    table = np.array(
        [(note.tick, voice.column, note.pitch, note.velocity) for note, voice in voiced], dtype=np.int64
    ).reshape(-1, 4)
    ticks, columns, pitches, velocities = table.T
    seconds = Clock.of(track).tick_to_seconds(ticks)
    if len(seconds) and seconds[-1] > MAX_SECONDS:
        raise InvalidParameter(f"a track must last at most {MAX_SECONDS:g} s to be rendered; got {seconds[-1]:.0f} s")
    starts = np.rint(seconds * sample_rate_hz).astype(np.int64)

    takes = np.zeros(len(starts), dtype=np.int64)
    for voice in VOICES:
        of_voice = np.flatnonzero(columns == voice.column)
        takes[of_voice] = choose_takes(voice, len(of_voice), kit.round_robins, seed)

    stops = np.full(len(starts), NEVER)
    closings = starts[columns == Voice.CLOSED_HIHAT.column]
    opened = np.flatnonzero(columns == Voice.OPEN_HIHAT.column)
    if len(closings) and len(opened):
        same_stroke = round(SAME_STROKE_SECONDS * sample_rate_hz)
        following = np.searchsorted(closings, starts[opened] + same_stroke, side="right")
        cut = following < len(closings)
        stops[opened[cut]] = closings[following[cut]]
    return Hits(starts, stops, columns, pitches, velocities, takes, unrendered)


def choose_takes(voice: Voice, hits: int, takes: int, seed: int) -> NDArray[np.int64]:
    """Return which take each hit of `voice` gets, `(hits,)`: random, and never the same twice in a row.

    Args:
        voice: whose hits.
        hits: how many.
        takes: how many there are of each sound.
        seed: of the render; longer renders of one seed begin alike.
    """
    if takes == 1:
        return np.zeros(hits, dtype=np.int64)
    # Steps of 1…takes - 1 around the circle.
    steps = np.random.default_rng([seed, voice.column]).integers(1, takes, hits)
    return np.asarray(np.cumsum(steps) % takes, dtype=np.int64)


def _length(track: DrumTrack, hits: Hits, one_shots: OneShots, tail_seconds: float | None) -> int:
    rate = one_shots.sample_rate_hz
    last_tick = max((note.tick for note in track.notes), default=0)
    last = round(float(Clock.of(track).tick_to_seconds(last_tick)) * rate)
    if tail_seconds is not None:
        return last + round(tail_seconds * rate)
    end = last
    for i in range(len(hits.starts)):
        end = max(end, _stop(hits, i, len(_sound(hits, i, one_shots)), rate))
    return max(end, round(0.1 * rate))


def _sound(hits: Hits, i: int, one_shots: OneShots) -> Stereo:
    voice, kit = VOICES[hits.columns[i]], one_shots.kit
    return one_shots.sound(voice, kit.layer_of(int(hits.velocities[i])), int(hits.takes[i]), int(hits.pitches[i]))


def _stop(hits: Hits, i: int, frames: int, sample_rate_hz: int) -> int:
    """Return the first frame at which hit `i`, whose sound has `frames`, is silent."""
    start, stop = int(hits.starts[i]), int(hits.stops[i])
    return start + frames if stop == NEVER else min(start + frames, stop + round(CHOKE_SECONDS * sample_rate_hz))


def _mix_in(target: Stereo, hits: Hits, chosen: NDArray[np.int64], voice: Voice, one_shots: OneShots) -> None:
    rate = one_shots.sample_rate_hz
    fade = round(CHOKE_SECONDS * rate)
    closing = (0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, fade))).astype(np.float32)[:, None]
    for i in chosen:
        sound = _sound(hits, i, one_shots)
        gain = np.float32(one_shots.gain(voice, int(hits.velocities[i]), int(hits.pitches[i])))
        start = int(hits.starts[i])
        end = min(_stop(hits, i, len(sound), rate), len(target))
        if end <= start:
            continue
        played = sound[: end - start] * gain
        if hits.stops[i] < end:
            at = int(hits.stops[i]) - start
            played[at:] *= closing[: len(played) - at]
        target[start:end] += played


@dataclass(frozen=True, eq=False)
class _Master:
    """The gain of the whole, the limiter's curve `(frames,)`, and what came out."""

    gain_db: float
    curve: NDArray[np.float32]
    audio: Stereo
    loudness_lufs: float


def _master(mix: Stereo, sample_rate_hz: int, loudness_lufs: float | None, ceiling_dbfs: float) -> _Master:
    """Bring `mix`, in place, to its loudness; limit a copy."""
    gain_db = 0.0
    if loudness_lufs is not None and np.isfinite(own := integrated_loudness_lufs(mix, sample_rate_hz)):
        gain_db = loudness_lufs - own
    most = gain_db + _MOST_MAKE_UP_DB
    applied_db = 0.0
    for _ in range(3):
        mix *= _factor(gain_db - applied_db)
        applied_db = gain_db
        curve = limiter_gain(mix, sample_rate_hz, ceiling_dbfs=ceiling_dbfs)
        audio = apply_gain(mix, curve, ceiling_dbfs)
        loudness = integrated_loudness_lufs(audio, sample_rate_hz)
        if loudness_lufs is None or not np.isfinite(loudness) or curve.min(initial=1.0) == 1.0:
            break
        missing = loudness_lufs - loudness
        if missing < 0.1 or gain_db >= most:
            break
        # The limiter takes part of each further decibel, the more the deeper it already works.
        gain_db = min(most, gain_db + 1.3 * missing)
    return _Master(applied_db, curve, audio, loudness)


def _factor(gain_db: float) -> np.float32:
    return np.float32(10 ** (gain_db / 20))
