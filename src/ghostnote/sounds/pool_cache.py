"""The samples of a pool of our sounds, kept between processes: making them takes seconds, reading them a moment."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np

from ghostnote.locations import cache_dir
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.families import SYNTHESIS_VERSION, synthesize
from ghostnote.sounds.sound import LONGEST_SECONDS, MASTER_RATE_HZ, SynthSound
from ghostnote.storage import writing

FILES_KEPT = 4
"""So many pools are kept; whichever was not used for longest goes."""

MOST_SOUNDS = 1_000
"""Of a larger pool the first so many are filled in; the bank makes the others when they are asked for."""

_LONGEST_FRAMES = round(LONGEST_SECONDS * MASTER_RATE_HZ)


def fill_bank(
    bank: SoundBank,
    sounds: Sequence[SynthSound],
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Put the samples of `sounds` into `bank`: out of a file, or made anew and kept in one for the next time.

    They are the same samples either way. Nothing is lost with a file: where one is damaged or none can be written, the
    sounds are made again.

    Args:
        bank: to fill.
        sounds: a pool of ours, of which at most `MOST_SOUNDS` are filled in.
        folder: of the files; `sounds` in Ghostnote's cache if None.
        progress: is told how many sounds of how many are made; not called where they are read.

    Raises:
        InvalidParameter: see `ghostnote.sounds.families.synthesize`.
    """
    pool = sounds[:MOST_SOUNDS]
    if not pool:
        return
    identity = sha256("\n".join((str(SYNTHESIS_VERSION), *(sound.key for sound in pool))).encode())
    place = folder or cache_dir() / "sounds"
    path = place / f"pool-{identity.hexdigest()}.npz"
    samples = _read_samples(path, identity.digest(), len(pool))
    if samples is None:
        samples = []
        for done, sound in enumerate(pool, 1):
            samples.append(synthesize(sound))
            if progress is not None:
                progress(done, len(pool))
        # A full disk or a folder that is read-only: then without.
        with suppress(OSError):
            _write_samples(path, identity.digest(), samples)
            _remove_oldest(place)
    for sound, audio in zip(pool, samples, strict=True):
        bank.add(sound, audio)


def _write_samples(path: Path, identity: bytes, samples: Sequence[Mono]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path, overwrite=True) as stream:
        np.savez(
            stream,
            identity=np.frombuffer(identity, dtype=np.uint8),
            lengths=np.array([len(audio) for audio in samples], dtype=np.int64),
            audio=np.concatenate(samples, dtype=np.float32),
        )


def _read_samples(path: Path, identity: bytes, count: int) -> list[Mono] | None:
    """Return the samples in the file at `path`, or None if it is not there, not whole, or not of this pool."""
    try:
        if not path.is_file():
            return None
        # Given a path, numpy leaves the file of a broken archive open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            whose, lengths, audio = kept["identity"], kept["lengths"], kept["audio"]
    except Exception:  # noqa: BLE001  (whatever readers of zip and npy say of damaged bytes, the answer is the same)
        return None
    if whose.tobytes() != identity or (lengths.dtype, lengths.shape) != (np.int64, (count,)):
        return None
    if lengths.min() < 1 or lengths.max() > _LONGEST_FRAMES:
        return None
    if (audio.dtype, audio.shape) != (np.float32, (lengths.sum(),)):
        return None
    with suppress(OSError):
        os.utime(path)
    return np.split(audio, np.cumsum(lengths)[:-1])


def _remove_oldest(folder: Path) -> None:
    """Keep the files that were used last; what killed writers left is among the others before long."""
    files = sorted(folder.glob("*pool-*"), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-FILES_KEPT]:
        path.unlink(missing_ok=True)
