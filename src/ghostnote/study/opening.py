"""Opening a study: where its data lie, whether all that it names can be used, its clips as rows of its database."""

from __future__ import annotations

import hashlib
import io
import secrets
from pathlib import Path
from typing import Any

import numpy as np

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.study.clips import clip_files, make_clips
from ghostnote.study.design import Design, PreferenceDesign
from ghostnote.study.design_file import decode_design, read_design
from ghostnote.study.material import check_material
from ghostnote.study.store import StudyStore

DATABASE = "study.sqlite"


def data_folder(path: Path) -> Path:
    """Return the folder beside a study's file that holds its data."""
    return path.with_name(f"{path.stem}.data")


def open_store(path: Path, at: str) -> StudyStore:
    """Return the database of the study in the file at `path`.

    Until somebody takes part, all that the file names is looked at each time, and clips are made anew when their files
    changed. After that everything is in the database: what it was made of may be gone.

    Args:
        path: of the TOML file.
        at: time, if it is begun now.

    Raises:
        InvalidInput: the file, or what it names, can not be used.
        InvalidParameter: it changed since participants take part.
        StorageError: something can not be read or written.
    """
    design = read_design(path, folders=False)
    text = path.read_text(encoding="utf-8")
    database = data_folder(path) / DATABASE
    store = StudyStore(database, text, at) if database.exists() else None
    if store is None or not store.participants():
        decode_design(text, path.parent, str(path))  # and whatever it names is there
        sources = sources_of(design)  # before the clips: a file that changes meanwhile is noticed the next time
        same = store is not None and store.sources() == sources and _begun(store, path) == design
        clips = checked_material(design) if not same or isinstance(design, PreferenceDesign) else []
        if store is None:
            try:
                database.parent.mkdir(exist_ok=True)
            except OSError as error:
                raise StorageError(f"{database.parent} can not be made: {error.strerror}") from error
            store = StudyStore(database, text, at)
        if not same:
            store.begin(text, sources, clips)
    begun = _begun(store, path)
    if begun != design:
        raise InvalidParameter(
            f"{path} can not change any more: people take part already. "
            f"Put {what_differs(begun, design)} back, or begin another study under another name"
        )
    return store


def sources_of(design: Design) -> str:
    """Return a digest of the files that the clips of a listening test are made of."""
    digest = hashlib.sha256()
    if isinstance(design, PreferenceDesign):
        return digest.hexdigest()
    for system in design.systems:
        named = (system.weights, design.material.archive if system.source else "")
        files = clip_files(design.home / system.folder) if system.folder else [design.home / n for n in named if n]
        for file in files:
            try:
                with file.open("rb") as stream:
                    content = hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError as error:
                raise StorageError(f"{file} can not be read: {error.strerror}") from error
            digest.update(f"{system.name}/{file.name}: {content}\n".encode())
    return digest.hexdigest()


def _begun(store: StudyStore, path: Path) -> Design:
    return decode_design(store.design(), path.parent, str(path), folders=False)


def wav_bytes(audio: np.ndarray[Any, np.dtype[np.float32]], sample_rate_hz: int, kind: str = "WAV") -> bytes:
    """Return `audio`, within full scale, as the bytes of a WAV or FLAC file of 16 bits."""
    import soundfile

    stream = io.BytesIO()
    soundfile.write(stream, np.clip(audio, -1.0, 1.0), sample_rate_hz, "PCM_16", format=kind)
    return stream.getvalue()


def checked_material(design: Design) -> list[dict[str, Any]]:
    """Return the rows of the clips of a listening test, in an order of chance; raise if anything can not be used."""
    if isinstance(design, PreferenceDesign):
        check_material(design)
        return []
    clips = make_clips(design)
    return [
        {
            "id": secrets.token_hex(8),
            "system": clip.system,
            "item": clip.item,
            "seconds": clip.seconds,
            "gain_db": clip.gain_db,
            "flac": wav_bytes(clip.audio, clip.sample_rate_hz, "FLAC"),
        }
        for clip in clips
    ]


def what_differs(kept: Design, design: Design) -> str:
    """Return the names of the fields in which two designs differ, to be told."""
    if type(kept) is not type(design):
        return "the protocol"
    names = [name for name in vars(kept) if name != "home" and getattr(kept, name) != getattr(design, name)]
    return ", ".join(names) or "the protocol"
