"""The clips of a listening test: found, checked, rendered with one kit, and brought to one loudness and length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio import AudioLimits, integrated_loudness_lufs, load_kit, read_audio, render
from ghostnote.audio.kit import OneShots
from ghostnote.errors import GhostnoteError, InvalidInput, StorageError
from ghostnote.groove import Clock
from ghostnote.midi import read_midi
from ghostnote.study.design import ANCHOR, PairwiseDesign

if TYPE_CHECKING:
    from ghostnote.groove import DrumTrack

SPOILT = "spoilt"
"""Stands for the system of a catch trial's bad clip."""

AUDIO_SUFFIXES = (".wav", ".flac", ".aiff", ".aif", ".ogg")
MIDI_SUFFIXES = (".mid", ".midi")
LIMITS = AudioLimits(size_bytes=200 * 2**20, seconds=300.0)
WANTED_LUFS, CEILING_DBFS = -16.0, -1.0
_TAIL_SECONDS = 1.0
_SILENT_PEAK = 1e-4
_SHORTEST_SECONDS = 0.3
_ANCHOR_HZ = 3_500.0
"""Of the low-pass anchor of ITU-R BS.1534."""

_SPOILT_HZ = 400.0

Stereo = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Clip:
    """What can be heard in a trial.

    Args:
        system: whose it is; the anchor's or `spoilt` for what is made of others.
        item: what is played; the same in each system.
        audio: `(frames, 2)`, full scale 1.
        sample_rate_hz: of `audio`.
        source: where it comes from, for messages.
        gain_db: that brought it to the common loudness.
    """

    system: str
    item: str
    audio: Stereo
    sample_rate_hz: int
    source: str
    gain_db: float = 0.0

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.audio) / self.sample_rate_hz


def make_clips(design: PairwiseDesign) -> tuple[Clip, ...]:
    """Return all clips of a listening test, ready to be heard, those of anchor and catch trials among them.

    Raises:
        InvalidInput: a folder is empty, a clip is silent, damaged or of another length than its partners, an item is
            missing in a system, or there are too few pairs for the trials.
        StorageError: a file or the dataset is not there.
    """
    raw = list(_raw(design))
    for clip in raw:
        check_clip(clip)
    if design.trials.matched:
        _check_items(raw, design)
    _check_lengths(raw, design)
    _check_enough(raw, design)
    raw = _padded(raw)
    items = sorted({clip.item for clip in raw})
    if design.form == "mushra" and design.anchor == ANCHOR:
        raw += [_filtered(clip, ANCHOR, _ANCHOR_HZ) for clip in raw if clip.system == design.reference]
    elif design.form == "ab" and design.trials.catch:
        first = {clip.item: clip for clip in reversed(raw)}
        raw += [_filtered(first[item], SPOILT, _SPOILT_HZ) for item in items]
    return equally_loud(raw)


def check_clip(clip: Clip) -> None:
    """Raise InvalidInput if `clip` is silent or too short to be judged."""
    peak = float(np.abs(clip.audio).max(initial=0.0))
    if peak < _SILENT_PEAK or not np.isfinite(_loudness(clip)):
        level = f"its peak is {20 * np.log10(peak):.0f} dBFS" if peak else "every sample is 0"
        raise InvalidInput(
            f"a clip of system {clip.system!r} must be heard; {clip.source} is silent: {level}. "
            "Was an empty track exported?"
        )
    if clip.seconds < _SHORTEST_SECONDS:
        raise InvalidInput(
            f"a clip of system {clip.system!r} must last {_SHORTEST_SECONDS} s at least; {clip.source} lasts "
            f"{clip.seconds:.2f} s. Is it a single hit?"
        )


def equally_loud(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """Return `clips` at one loudness: −16 LUFS, or as much less as lets none of them clip. Nothing but a gain."""
    measured = [_loudness(clip) for clip in clips]
    peaks = [20 * np.log10(float(np.abs(clip.audio).max())) for clip in clips]
    room = min(CEILING_DBFS - peak + loudness for peak, loudness in zip(peaks, measured, strict=True))
    target = min(WANTED_LUFS, room)
    return tuple(
        replace(clip, audio=clip.audio * np.float32(10 ** ((target - level) / 20)), gain_db=float(target - level))
        for clip, level in zip(clips, measured, strict=True)
    )


def clip_files(folder: Path) -> list[Path]:
    """Return the files in `folder` that can be clips, by name.

    Raises:
        StorageError: it can not be read.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise StorageError(f"the folder {folder} can not be read: {error.strerror}") from error
    return [path for path in files if path.suffix.lower() in (*AUDIO_SUFFIXES, *MIDI_SUFFIXES)]


def clips_in_folder(folder: Path, system: str, kit: str, sample_rate_hz: int) -> list[Clip]:
    """Return the clips in `folder`, by name, unchecked; MIDI files are rendered with `kit`.

    Raises:
        InvalidInput: there is none, two files have one name, or one can not be read.
    """
    files = clip_files(folder)
    if not files:
        raise InvalidInput(
            f"the folder of system {system!r} must hold clips ({', '.join((*AUDIO_SUFFIXES, *MIDI_SUFFIXES))}); "
            f"{folder} holds none. Is it the right one?"
        )
    clips: dict[str, Clip] = {}
    shots: OneShots | None = None
    for path in files:
        if path.stem in clips:
            raise InvalidInput(
                f"clips of a folder must differ in name without ending; {path.stem!r} is twice in {folder}"
            )
        try:
            if path.suffix.lower() in MIDI_SUFFIXES:
                shots = shots or OneShots(load_kit(kit), sample_rate_hz)
                clips[path.stem] = played(read_midi(path), system, path.stem, shots, str(path))
            else:
                clips[path.stem] = _read(path, system, sample_rate_hz)
        except GhostnoteError as error:
            raise InvalidInput(f"a clip of system {system!r} can not be used: {error}") from error
    return list(clips.values())


def played(
    track: DrumTrack, system: str, item: str, shots: OneShots, source: str, seconds: float | None = None
) -> Clip:
    """Return `track` as a clip, from its first beat to a second after its last hit.

    Args:
        track: what to play.
        system, item, source: see `Clip`.
        shots: that play it.
        seconds: of the music; the clip ends a second after that, wherever its last hit is.
    """
    tail = _TAIL_SECONDS
    if seconds is not None:
        last = float(Clock.of(track).tick_to_seconds(max((note.tick for note in track.notes), default=0)))
        tail = max(0.0, seconds + tail - last)
    sound = render(track, shots.kit, sample_rate_hz=shots.sample_rate_hz, tail_seconds=tail, one_shots=shots)
    return Clip(system, item, sound.audio, shots.sample_rate_hz, source)


def _raw(design: PairwiseDesign) -> Iterable[Clip]:
    rate = design.playing.sample_rate_hz
    real: Mapping[str, DrumTrack] = {}
    shots: OneShots | None = None
    for system in design.systems:
        if system.folder:
            yield from clips_in_folder(design.home / system.folder, system.name, design.material.kit, rate)
            continue
        from ghostnote.study.sources import real_tracks, tracks_of

        material = design.material
        if material.archive:
            material = replace(material, archive=str(design.home / material.archive))
        real = real or real_tracks(material, design.seed)
        shots = shots or OneShots(load_kit(material.kit), rate)
        for item, track in tracks_of(system, real, material, design.seed, design.home).items():
            seconds = float(Clock.of(real[item]).tick_to_seconds(real[item].track_ends[0]))
            yield played(track, system.name, item, shots, f"{item} by {system.source}", seconds)


def _read(path: Path, system: str, sample_rate_hz: int) -> Clip:
    clip = read_audio(path, limits=LIMITS)
    audio = clip.audio if clip.audio.shape[1] == 2 else np.repeat(clip.audio[:, :1], 2, axis=1)
    if clip.sample_rate_hz != sample_rate_hz:
        import soxr

        audio = np.asarray(soxr.resample(audio, clip.sample_rate_hz, sample_rate_hz, quality="HQ"), dtype=np.float32)
    return Clip(system, path.stem, np.ascontiguousarray(audio, dtype=np.float32), sample_rate_hz, str(path))


def _check_items(clips: Sequence[Clip], design: PairwiseDesign) -> None:
    items = {name: {clip.item for clip in clips if clip.system == name} for name in design.names}
    everything = set().union(*items.values())
    for name, there in items.items():
        if missing := sorted(everything - there):
            raise InvalidInput(
                f"every system must have every item where trials.matched is true; {name!r} lacks "
                f"{', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}. Give the files of one item "
                "the same name, or set matched = false"
            )


def _check_lengths(clips: Sequence[Clip], design: PairwiseDesign) -> None:
    """Lengths may differ by the tolerance: within an item where pairs are matched, else among all."""
    groups: dict[str, list[Clip]] = {}
    for clip in clips:
        groups.setdefault(clip.item if design.trials.matched else "", []).append(clip)
    for group in groups.values():
        usual = float(np.median([clip.seconds for clip in group])) if len(group) > 2 else group[0].seconds
        odd = max(group, key=lambda clip: abs(clip.seconds - usual))
        tolerance = design.trials.length_tolerance_seconds
        if abs(odd.seconds - usual) > tolerance:
            raise InvalidInput(
                f"clips that are compared must be of one length, ± {tolerance:g} s; {odd.source}, of system "
                f"{odd.system!r}, lasts {odd.seconds:.2f} s and what it is compared with {usual:.2f} s. "
                "Cut them alike, or raise trials.length_tolerance_seconds: length alone would give them away"
            )


def _check_enough(clips: Sequence[Clip], design: PairwiseDesign) -> None:
    items, systems = len({clip.item for clip in clips}), len(design.systems)
    if design.form == "mushra":
        there = items
    elif design.trials.matched:
        there = items * systems * (systems - 1) // 2
    else:
        counts = [sum(clip.system == name for clip in clips) for name in design.names]
        there = sum(counts[i] * counts[j] for i in range(systems) for j in range(i))
    if design.trials.per_participant > there:
        raise InvalidInput(
            f"trials.per_participant must be at most {there}, so that no pair comes twice; "
            f"got {design.trials.per_participant}. Add clips, or ask for fewer"
        )
    if design.trials.catch > items:
        raise InvalidInput(
            f"trials.catch must be at most the {items} items, so that none comes twice; got {design.trials.catch}. "
            "Add clips, or ask for fewer"
        )


def _padded(clips: Sequence[Clip]) -> list[Clip]:
    """Return `clips`, those of an item equally long, so that an early end gives none away."""
    longest: dict[str, int] = {}
    for clip in clips:
        longest[clip.item] = max(longest.get(clip.item, 0), len(clip.audio))
    return [replace(c, audio=np.pad(c.audio, ((0, longest[c.item] - len(c.audio)), (0, 0)))) for c in clips]


def _filtered(clip: Clip, system: str, hertz: float) -> Clip:
    """Return `clip` without what lies above `hertz`."""
    from scipy.signal import butter, sosfiltfilt

    sections = butter(6, hertz, fs=clip.sample_rate_hz, output="sos")
    audio = np.asarray(sosfiltfilt(sections, clip.audio, axis=0), dtype=np.float32)
    return replace(clip, system=system, audio=audio, source=f"{clip.source} below {hertz:g} Hz")


def _loudness(clip: Clip) -> float:
    """Return the loudness at full level, less the gain for that: what is quiet lies below the meter's gate."""
    peak = float(np.abs(clip.audio).max(initial=0.0))
    if peak <= 0:
        return -np.inf
    level = integrated_loudness_lufs(clip.audio / np.float32(peak), clip.sample_rate_hz)
    return float(level + 20 * np.log10(peak))
