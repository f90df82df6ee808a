"""A study as a data set for others: answers, loops as patterns, sound and MIDI, critics, and a card that explains it.

Nobody is in it but as a number. Ids of participants, which open their pages, stay behind; so do names of files and
folders, which may hold names of people, and dates: times are seconds since a participant's first answer. What was typed
freely is left out unless it is asked for, since people may have written who they are; of lists of words, those stay
that two participants or more named.
"""

from __future__ import annotations

import datetime
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ghostnote.audio import write_audio
from ghostnote.critic import write_critic
from ghostnote.errors import StorageError
from ghostnote.explore.convert import loop_to_track, voices_of
from ghostnote.loops import Loop, encode_loop, play_loop
from ghostnote.midi import write_midi
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ, FileSound, Sound, encode_sound
from ghostnote.study.anonymous import neutral_items, told_survey, without_places
from ghostnote.study.card import card_of
from ghostnote.study.critics import Embedded, critics_at_stages
from ghostnote.study.design import ORIGINAL, PreferenceDesign
from ghostnote.study.opening import data_folder
from ghostnote.study.original import network_files
from ghostnote.study.results import PairAnswer, Person, Rating, people_of
from ghostnote.study.running import SESSIONS, Study

DATA_FORMAT = 1
RATINGS, PAIRS, SURVEY, PEOPLE, LOOPS, META, CARD = (
    "ratings.jsonl", "pairs.jsonl", "survey.jsonl", "participants.jsonl", "loops.jsonl", "dataset.json", "README.md",
)  # fmt: skip


@dataclass(frozen=True)
class StudyExport:
    """What was written.

    Args:
        folder: where.
        files: names in it, with `/` between their parts, sorted.
    """

    folder: Path
    files: tuple[str, ...]


def export_study(
    study: Study,
    folder: str | os.PathLike[str],
    *,
    licence: str = "CC-BY-4.0",
    free_text: bool = False,
    sound: bool = True,
    critics: bool = True,
    force: bool = False,
) -> StudyExport:
    """Write everything that a study found into `folder`, all of it or nothing.

    Args:
        study: with any number of participants; those who did not finish are marked.
        folder: new or empty, unless it may be replaced.
        licence: of the data, as SPDX names it.
        free_text: whether free answers, and words that one participant alone named, are in it; read them before they
            are published.
        sound: whether each loop is there as WAV and MIDI, too.
        critics: whether the critics of participants are there.
        force: whether a data set that is there may be replaced.

    Raises:
        StorageError: files are in the way, or writing failed.
        InvalidParameter: a recording is missing.
    """
    target = Path(folder).absolute()
    _check_folder(target, force=force)
    people = people_of(study)
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        draft.mkdir()
        _write(study, people, draft, licence=licence, free_text=free_text, sound=sound, critics=critics)
        files = sorted(path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file())
        _put_in_place(draft, target)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"the data can not be written to {target}: {error.strerror}. Is the disk full?") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return StudyExport(target, tuple(files))


def _write(
    study: Study, people: Sequence[Person], folder: Path, *, licence: str, free_text: bool, sound: bool, critics: bool
) -> None:
    design = study.design
    (folder / "study.toml").write_text(without_places(study.store.design()), encoding="utf-8")
    surveys = [person.survey for person in people] if free_text else told_survey(design, people)
    _lines(
        folder / PEOPLE,
        (
            {"participant": person.number, "finished": person.finished, "seconds": _finite(person.seconds)}
            | ({"pause": person.pause} if free_text else {})
            for person in people
        ),
    )
    _lines(
        folder / SURVEY,
        (
            {"participant": person.number, "question": question, "answer": answer}
            for person, survey in zip(people, surveys, strict=True)
            for question, answer in survey.items()
        ),
    )
    if isinstance(design, PreferenceDesign):
        loops = {rating.loop.key: rating.loop for person in people for rating in person.ratings}
        names = {key: f"loop-{number:05d}" for number, key in enumerate(loops, 1)}
        _lines(folder / RATINGS, (_rating(person, rating, names) for person in people for rating in person.ratings))
        _lines(folder / LOOPS, _loops(loops, names, study.bank, folder, sound=sound))
        if critics:
            _critics(study, people, folder / "critics")
            _networks(study, people, folder / "critics")
    else:
        items = neutral_items(row.item for row in study.store.clips())
        _lines(folder / PAIRS, (_pair(person, answer, items) for person in people for answer in person.pairs))
        _clips(study, items, folder)
    meta = {"format": DATA_FORMAT, "protocol": design.protocol, "licence": licence, "free_text": free_text}
    (folder / META).write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")
    (folder / CARD).write_text(card_of(design, people, licence, free_text=free_text), encoding="utf-8")


def _rating(person: Person, rating: Rating, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "participant": person.number,
        "trial": rating.number,
        "phase": rating.phase,
        "arm": rating.arm,
        "repeats": rating.repeats,
        "loop": names[rating.loop.key],
        "liked": rating.liked,
        "at_seconds": _since(person, rating.answered_at),
        "seconds": _finite(rating.seconds),
        "played_seconds": _finite(rating.played_seconds),
        "origin": rating.origin,
        "score": rating.score,
    }


def _pair(person: Person, answer: PairAnswer, items: Mapping[str, str]) -> dict[str, Any]:
    return {
        "participant": person.number,
        "trial": answer.number,
        "kind": answer.kind,
        "systems": list(answer.systems),
        "items": [items[item] for item in answer.items],
        "choice": answer.choice,
        "ratings": list(answer.ratings) or None,
        "correct": answer.correct,
        "at_seconds": _since(person, answer.answered_at),
        "seconds": _finite(answer.seconds),
    }


def _loops(
    loops: Mapping[str, Loop], names: Mapping[str, str], bank: SoundBank, folder: Path, *, sound: bool
) -> Iterable[dict[str, Any]]:
    """Yield what is told of each loop, and write its sound, its MIDI and the recordings that it plays."""
    written: dict[str, str] = {}
    for name in ("wav", "midi") if sound else ():
        (folder / name).mkdir()
    for key, loop in loops.items():
        voices = voices_of(loop, bank)
        entry: dict[str, Any] = {"loop": names[key], "voices": [voice.value for voice in voices]}
        for one in loop.sounds:
            if isinstance(one, FileSound) and one.key not in written:
                written[one.key] = f"sounds/{one.digest}.wav"
                (folder / "sounds").mkdir(exist_ok=True)
                _write_sound(folder / written[one.key], bank.audio(one))
        entry["sounds"] = [_sound(one, written) for one in loop.sounds]
        value = encode_loop(loop)
        value["sounds"] = [encode_sound(_nameless(one)) for one in loop.sounds]
        entry["pattern"] = value
        if sound:
            entry |= {"wav": f"wav/{names[key]}.wav", "midi": f"midi/{names[key]}.mid"}
            write_audio(folder / entry["wav"], play_loop(loop, bank), MASTER_RATE_HZ, sample_format="pcm16")
            write_midi(loop_to_track(loop, voices), folder / entry["midi"])
        yield entry


def _sound(one: Sound, written: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(one, FileSound):
        return {"kind": "file", "digest": one.digest, "file": written[one.key]}
    return encode_sound(one)


def _nameless(one: Sound) -> Sound:
    """Return a sound without what its file was called: names of files may hold names of people."""
    return FileSound(one.digest, f"recording {one.digest[:6]}") if isinstance(one, FileSound) else one


def _write_sound(path: Path, audio: Mono) -> None:
    loud = float(np.abs(audio).max(initial=0.0)) > 1.0
    write_audio(path, audio, MASTER_RATE_HZ, sample_format="float" if loud else "pcm24")


def _critics(study: Study, people: Sequence[Person], folder: Path) -> None:
    embedded = Embedded(people, study.bank)
    for person in people:
        for stage, critic in critics_at_stages(person, embedded).items():
            folder.mkdir(exist_ok=True)
            write_critic(critic, folder / f"participant-{person.number:03d}-{stage}.json")


def _networks(study: Study, people: Sequence[Person], folder: Path) -> None:
    """Copy what the original critic's own network was at each stage that it reached, where there is one."""
    ids = {row.number: row.id for row in study.store.participants()}  # somebody may have come in meanwhile
    for person in people:
        for stage, path in network_files(data_folder(study.path) / SESSIONS, ids[person.number]).items():
            if path.is_file():
                shutil.copyfile(path, folder / f"participant-{person.number:03d}-{stage}-{ORIGINAL}.safetensors")


def _clips(study: Study, items: Mapping[str, str], folder: Path) -> None:
    (folder / "clips").mkdir()
    entries = []
    for row in study.store.clips():
        item = items[row.item]
        name = f"clips/{row.system}--{item}.flac"
        (folder / name).write_bytes(study.store.clip_flac(row.id))
        entries.append(
            {"system": row.system, "item": item, "file": name, "seconds": row.seconds, "gain_db": row.gain_db}
        )
    _lines(folder / "clips.jsonl", entries)


def _check_folder(target: Path, *, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise StorageError(f"{target} is a file; give the name of a folder")
    if not target.parent.is_dir():
        raise StorageError(f"the folder {target.parent} is not there; make it first")
    if target.is_dir() and any(target.iterdir()):
        if not force:
            raise StorageError(f"the folder {target} must be new or empty; it holds files. Choose another")
        if not (target / META).exists():
            raise StorageError(f"the folder {target} holds other files than a data set; choose another")


def _put_in_place(draft: Path, target: Path) -> None:
    """Make `draft` the folder `target`; what is there goes only once that is done, and stays if it can not be."""
    if not target.exists():
        draft.rename(target)
        return
    old = draft.with_suffix(".old")
    target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _lines(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for entry in entries:
            stream.write(json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n")


def _since(person: Person, at: str) -> float:
    """Return seconds from a participant's first answer of a trial: no date is told."""
    moments = [rating.answered_at for rating in person.ratings] + [pair.answered_at for pair in person.pairs]
    first = min(moments, default=at)
    then, now = (datetime.datetime.fromisoformat(text) for text in (first, at))
    return round((now - then).total_seconds(), 3)


def _finite(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None
