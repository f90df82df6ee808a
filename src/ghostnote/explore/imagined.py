"""What would be proposed next, made before it is asked for; a proposal once things are as imagined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ghostnote.errors import InvalidInput
from ghostnote.explore.heard import Candidate
from ghostnote.loops import decode_loop, encode_loop


@dataclass(frozen=True, eq=False)
class Imagined:
    """A proposal that is not kept yet.

    Args:
        candidate: what would be proposed.
        encoder: SHA-256 of what made its embedding.
        marks: what was taken to hold of each proposal, see `ghostnote.explore.records.marks_of`.
        recordings: that it plays and the file lacks: (digest, name, gain, FLAC) of each.
    """

    candidate: Candidate
    encoder: str
    marks: str
    recordings: tuple[tuple[str, str, float, bytes], ...] = ()


def encode_imagined(imagined: Imagined) -> dict[str, Any]:
    """Return `imagined` as JSON values and bytes, for another process."""
    candidate = imagined.candidate
    return {
        "loop": encode_loop(candidate.loop),
        "embedding": np.ascontiguousarray(candidate.embedding, dtype="<f4").tobytes(),
        "score": candidate.score,
        "uncertainty": candidate.uncertainty,
        "origin": candidate.origin,
        "encoder": imagined.encoder,
        "marks": imagined.marks,
        "recordings": [list(recording) for recording in imagined.recordings],
    }


def decode_imagined(value: Mapping[str, Any]) -> Imagined:
    """Return what `encode_imagined` made `value` of.

    Raises:
        InvalidInput: it is none.
    """
    try:
        candidate = Candidate(
            decode_loop(value["loop"]),
            np.frombuffer(value["embedding"], dtype="<f4").astype(np.float32),
            float(value["score"]),
            float(value["uncertainty"]),
            str(value["origin"]),
        )
        recordings = tuple(
            (str(digest), str(name), float(gain), bytes(flac)) for digest, name, gain, flac in value["recordings"]
        )
        return Imagined(candidate, str(value["encoder"]), str(value["marks"]), recordings)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"an imagined proposal must be as encode_imagined makes it: {error}") from error
