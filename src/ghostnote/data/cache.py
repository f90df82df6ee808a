"""The parsed dataset as one file of arrays, so that later starts take a fraction of a second.

The file is named after the archive's hash and the format's version. Whatever is wrong with it, it is made again; where
it can not be written, the archive is read anew each time.
"""

from __future__ import annotations

import json
import logging
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ghostnote.data.performances import Performance
from ghostnote.locations import cache_dir
from ghostnote.storage import writing

FORMAT_VERSION = 1
_NOTES = ("ticks", "pitches", "velocities")
_META = tuple(field.name for field in fields(Performance) if field.name not in _NOTES)
_log = logging.getLogger(__name__)


def cache_path(digest: str) -> Path:
    """Return where the recordings of the archive with this SHA-256 are cached."""
    return cache_dir() / f"performances-v{FORMAT_VERSION}-{digest[:32]}.npz"


def read_cache(digest: str) -> list[Performance] | None:
    """Return the cached recordings, or None where there is no cache or it is damaged."""
    path = cache_path(digest)
    try:
        # Opened here, because numpy leaves a damaged file open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return _decode({name: arrays[name] for name in ("meta", "starts", *_NOTES)})
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        _log.warning("the cache %s is damaged and will be made again (%s)", path, error)
        return None


def write_cache(digest: str, performances: list[Performance]) -> None:
    """Write the cache; other processes see either none or the whole of it."""
    path = cache_path(digest)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with writing(path, overwrite=True) as stream:
            np.savez(stream, allow_pickle=False, **_encode(performances))
    except OSError as error:
        _log.warning("the cache %s can not be written; the archive will be read again next time (%s)", path, error)


def _encode(performances: list[Performance]) -> dict[str, NDArray[np.generic]]:
    meta = [{name: getattr(p, name) for name in _META} for p in performances]
    text = json.dumps(meta, ensure_ascii=False).encode()
    return {
        "meta": np.frombuffer(text, dtype=np.uint8),
        "starts": np.cumsum([0, *(len(p.ticks) for p in performances)]),
        "ticks": np.concatenate([p.ticks for p in performances]),
        "pitches": np.concatenate([p.pitches for p in performances]),
        "velocities": np.concatenate([p.velocities for p in performances]),
    }


def _decode(arrays: dict[str, NDArray[np.generic]]) -> list[Performance]:
    """Return the recordings, or raise ValueError, KeyError or TypeError if the arrays do not hold them."""
    meta = json.loads(arrays["meta"].tobytes())
    starts = arrays["starts"].astype(np.int64)
    ticks, pitches = arrays["ticks"].astype(np.int64), arrays["pitches"].astype(np.uint8)
    velocities = arrays["velocities"].astype(np.uint8)
    whole = starts[0] == 0 and int(starts[-1]) == len(ticks) == len(pitches) == len(velocities)
    if len(starts) != len(meta) + 1 or not whole or (np.diff(starts) < 0).any():
        raise ValueError("its arrays do not fit together")
    found = []
    for row, start, end in zip(meta, starts, starts[1:], strict=False):
        row["styles"] = tuple(row["styles"])
        found.append(
            Performance(**row, ticks=ticks[start:end], pitches=pitches[start:end], velocities=velocities[start:end])
        )
    return found
