"""A reproduction of GrooVAE as a system of a listening test: it runs in a process of its own, since it needs PyTorch.

Its weights are trained by whoever runs the study. It plays two bars at a time, as it learned to; the score's notes stay
as they are, but for their velocity and timing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import shorten

import numpy as np

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.groove import VOICES, DrumTrack, Grid
from ghostnote.groove.encode import encode, move_hits
from ghostnote.study.design import REPRODUCTION_BARS
from ghostnote.study.service import Service, ServiceEnded, check_extra

MODULE = "ghostnote.training.reproduction_service"
_STEPS = REPRODUCTION_BARS * 16
_LONGEST_REASON = 300


def reproduced(scores: Mapping[str, DrumTrack], bars: int, weights: Path, system: str) -> dict[str, DrumTrack]:
    """Return what the network with these weights makes of `scores`, by item.

    Args:
        scores: on the 16ths, in 4/4, by item.
        bars: of each; a multiple of `REPRODUCTION_BARS`.
        weights: safetensors of the recipe `seq2seq` or `vib`.
        system: whose weights they are, for messages.

    Raises:
        InvalidInput: these are no such weights, or the process ended.
        MissingExtra: PyTorch is not installed.
    """
    check_extra(f"system {system!r}, a reproduction,", "leave it out")
    service = Service("the reproduction", MODULE)
    try:
        service.start()
        service.ask({"do": "begin", "weights": str(weights)})
        return {item: _played(service, track, bars) for item, track in scores.items()}
    except (ServiceEnded, OSError) as error:
        raise InvalidInput(f"system {system!r}, a reproduction, can not be played: {error}") from error
    except (InvalidInput, InvalidParameter) as error:
        reason = shorten(str(error), _LONGEST_REASON, placeholder=" …")
        raise InvalidInput(
            f"weights of system {system!r} must be those of a network that plays scores; got {str(weights)!r}, and "
            f"{reason}. `ghostnote train seq2seq` or `vib` writes them as best.safetensors"
        ) from error
    finally:
        service.close()


def _played(service: Service, track: DrumTrack, bars: int) -> DrumTrack:
    encoding = encode(track, Grid.uniform(bars, tempo_bpm=track.tempos[0].tempo_bpm))
    groove = encoding.groove
    windows = groove.hits.reshape(-1, _STEPS, len(VOICES))
    answer = service.ask({"do": "play", "hits": windows.astype(int).tolist()})
    velocities, offsets = (np.asarray(answer[name]).reshape(groove.hits.shape) for name in ("velocities", "offsets"))
    if not (np.isfinite(velocities).all() and np.isfinite(offsets).all()):
        raise InvalidInput("what they play must be finite; it is NaN or infinite in part. Did the training fail?")
    mapped = encoding.steps >= 0
    cells = (encoding.steps, encoding.voices)
    shifts = np.where(mapped, offsets[cells] * groove.grid.lengths_beats[encoding.steps], 0.0)
    louder = np.round(127 * velocities[cells]).clip(1, 127).astype(np.int64)
    given = np.array([note.velocity for note in track.notes], dtype=np.int64)
    return move_hits(track, encoding, shifts, np.where(mapped, louder, given)).track
