"""The most liked loops as files: sound, MIDI and a list."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from ghostnote.audio import write_audio
from ghostnote.errors import StorageError
from ghostnote.explore.convert import loop_to_track, voices_of
from ghostnote.loops import encode_loop, play_loop
from ghostnote.midi import write_midi
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ
from ghostnote.storage import writing
from ghostnote.study.critics import Liked

LISTING, REPEATS = "best.json", 4


def write_best(
    best: Sequence[Liked], bank: SoundBank, folder: str | os.PathLike[str], *, force: bool = False
) -> list[Path]:
    """Write `best` into `folder` as `01.wav`, `01.mid` and on, with `best.json`; return their paths.

    Args:
        best: the loops, the best first.
        bank: holds their sounds.
        folder: is made if it is not there.
        force: whether files there may be replaced.

    Raises:
        StorageError: a file is in the way, or writing failed.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        written, told = [], []
        for number, one in enumerate(best, 1):
            wav, midi = place / f"{number:02d}.wav", place / f"{number:02d}.mid"
            write_audio(wav, play_loop(one.loop, bank, repeats=REPEATS), MASTER_RATE_HZ, overwrite=force)
            write_midi(loop_to_track(one.loop, voices_of(one.loop, bank), repeats=REPEATS), midi, overwrite=force)
            told.append({"wav": wav.name, "midi": midi.name, "score": one.score, "loop": encode_loop(one.loop)})
            written += [wav, midi]
        with writing(place / LISTING, overwrite=force) as stream:
            stream.write(json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n")
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"the loops can not be written to {place}: {error.strerror}") from error
    return [*written, place / LISTING]
