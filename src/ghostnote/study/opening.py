"""Opening a study: where its data lie, whether all that it names can be used, its clips as rows of its database."""

from __future__ import annotations

import io
import secrets
from pathlib import Path
from typing import Any

import numpy as np

from ghostnote.study.clips import make_clips
from ghostnote.study.design import Design, PreferenceDesign
from ghostnote.study.material import check_material


def data_folder(path: Path) -> Path:
    """Return the folder beside a study's file that holds its data."""
    return path.with_name(f"{path.stem}.data")


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
