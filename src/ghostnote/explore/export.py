"""What a session found, as files for any other program: WAV, MIDI, JSON, and the sounds themselves."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ghostnote.audio import write_audio
from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.explore.convert import loop_to_track, pitches_of, voices_of
from ghostnote.explore.records import HistoryItem, Proposal
from ghostnote.groove import DrumMap
from ghostnote.loops import encode_loop, play_loop, playing_gain, render_rows
from ghostnote.midi import write_midi
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ
from ghostnote.storage import likely_fix

EXPORT_FORMAT = 1
LISTING = "loops.json"
SOUNDS, STEMS = "sounds", "stems"
_LONGEST_NAME = 40
_MOST_WORDS = 3


@dataclass(frozen=True)
class Export:
    """What was written.

    Args:
        folder: where.
        files: names in it, with `/` between their parts, sorted.
    """

    folder: Path
    files: tuple[str, ...]


@dataclass(frozen=True)
class ExportOptions:
    """How to export.

    Args:
        repeats: bars in each file, 1…64; one bar goes round without a seam, and so do several.
        sample_rate_hz: 8,000…192,000, of the loops; sounds keep their own.
        stems: whether each row also gets a file of its own; together they are the loop.
        drum_map: gives the pitches; General MIDI if None.
        force: whether files that are there may be replaced.
    """

    repeats: int = 1
    sample_rate_hz: int = MASTER_RATE_HZ
    stems: bool = False
    drum_map: DrumMap | None = None
    force: bool = False


def export_loops(
    items: Sequence[HistoryItem], bank: SoundBank, folder: str | os.PathLike[str], options: ExportOptions
) -> Export:
    """Write loops into `folder`, all of them or none.

    Each gets `01-kick-snare.wav` and `01-kick-snare.mid`, in the order given. `loops.json` tells everything of them,
    the pitch of each row too, with each loop as `ghostnote.loops.decode_loop` reads it. `sounds` holds the one-shots.

    Args:
        items: what to export; at least one.
        bank: holds the sounds.
        folder: new or empty, unless files may be replaced; others in it are left alone.
        options: how.

    Raises:
        InvalidParameter: there is nothing to export, a number is out of range, or a recording is missing.
        StorageError: there are files in the folder already, or writing failed.
    """
    if not items:
        raise InvalidParameter("loops to export must be at least one; got none. Like one first, or give its number")
    target = Path(folder).absolute()
    _check(target, force=options.force)
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        draft.mkdir()
        _write(items, bank, draft, options)
        files = sorted(path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file())
        _move(draft, target, files)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(
            f"the loops can not be written to {target}: {error.strerror}. {likely_fix(error)}"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Export(target, tuple(files))


def safe_name(text: str) -> str:
    """Return `text` as a part of a file's name that every system takes: a-z, 0-9 and hyphens, at most 40.

    >>> safe_name("Größe: Kick/2 …")
    'grosse-kick-2'
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_NAME].strip("-") or "unnamed"


def name_of(proposal: Proposal, number: int) -> str:
    """Return the name of a loop's files without their endings: its place, and what plays in it."""
    kinds = (re.sub(r"[\d\s]+$", "", sound.name) or sound.name for sound in proposal.loop.sounds)
    words = list(dict.fromkeys(safe_name(kind)[:12].strip("-") for kind in kinds))[:_MOST_WORDS]
    return f"{number:02d}-{'-'.join(words)}"


def _check(target: Path, *, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise StorageError(f"{target} is a file; give the name of a folder")
    if not target.parent.is_dir():
        raise StorageError(f"the folder {target.parent} is not there; make it first")
    if target.is_dir() and not force and any(target.iterdir()):
        raise StorageError(
            f"the folder {target} must be new or empty; it holds files. Choose another, or allow replacing"
        )


def _write(items: Sequence[HistoryItem], bank: SoundBank, folder: Path, options: ExportOptions) -> None:
    sounds = list({s.key: s for item in items for s in item.proposal.loop.sounds}.values())
    files = {sound.key: f"{SOUNDS}/{number:02d}-{safe_name(sound.name)}.wav" for number, sound in enumerate(sounds, 1)}
    (folder / SOUNDS).mkdir()
    for sound in sounds:
        _write_sound(folder / files[sound.key], bank.audio(sound))
    told = []
    for number, item in enumerate(items, start=1):
        name = name_of(item.proposal, number)
        loop = item.proposal.loop
        audio = play_loop(loop, bank, options.sample_rate_hz, repeats=options.repeats)
        write_audio(folder / f"{name}.wav", audio, options.sample_rate_hz, overwrite=False)
        voices = voices_of(loop, bank)
        pitches = pitches_of(voices, options.drum_map)
        track = loop_to_track(loop, voices, repeats=options.repeats, drum_map=options.drum_map)
        write_midi(track, folder / f"{name}.mid", overwrite=False)
        stems = _write_stems(item.proposal, bank, folder, name, options) if options.stems else [None] * len(voices)
        rows = [
            {"sound": files[s.key], "name": s.name, "voice": voice.value, "midi_pitch": pitch, "stem": stem}
            for s, voice, pitch, stem in zip(loop.sounds, voices, pitches, stems, strict=True)
        ]
        told.append(_told(item, name) | {"rows": rows})
    listing = {
        "format": EXPORT_FORMAT,
        "repeats": options.repeats,
        "sample_rate_hz": options.sample_rate_hz,
        "drum_map": track.drum_map.name,
        "loops": told,
    }
    (folder / LISTING).write_text(json.dumps(listing, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _told(item: HistoryItem, name: str) -> dict[str, Any]:
    proposal = item.proposal
    return {
        "id": proposal.id,
        "wav": f"{name}.wav",
        "midi": f"{name}.mid",
        "score": proposal.score,
        "uncertainty": proposal.uncertainty,
        "origin": proposal.origin,
        "liked": item.liked,
        "skipped": item.skipped,
        "proposed_at": proposal.made_at,
        "judged_at": item.judged_at,
        "loop": encode_loop(proposal.loop),
    }


def _write_stems(proposal: Proposal, bank: SoundBank, folder: Path, name: str, options: ExportOptions) -> list[str]:
    rows = render_rows(proposal.loop, bank, options.sample_rate_hz)
    gain = np.float32(playing_gain(rows.sum(axis=0), options.sample_rate_hz))
    (folder / STEMS / name).mkdir(parents=True)
    names = []
    for number, (row, sound) in enumerate(zip(rows, proposal.loop.sounds, strict=True), start=1):
        names.append(f"{STEMS}/{name}/{number}-{safe_name(sound.name)}.wav")
        _write_sound(folder / names[-1], np.tile(row * gain, options.repeats), options.sample_rate_hz)
    return names


def _write_sound(path: Path, audio: Mono, sample_rate_hz: int = MASTER_RATE_HZ) -> None:
    """Write what may be louder than full scale by itself."""
    loud = float(np.abs(audio).max(initial=0.0)) > 1.0
    write_audio(path, audio, sample_rate_hz, overwrite=False, sample_format="float" if loud else "pcm24")


def _move(draft: Path, target: Path, files: Sequence[str]) -> None:
    """Bring `draft` to `target`: at once where nothing is there, else file by file."""
    if target.is_dir() and not any(target.iterdir()):
        target.rmdir()
    if not target.exists():
        draft.rename(target)
        return
    for name in files:
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        (draft / name).replace(place)
