"""Play with a feel: the performer is tinted, and what it still misses of the table is added.

The tint has learned how much of a passage carries over to another one of the same drummer: for an unusual feel, that is
too little. So where the table speaks of hits that the score has, what remains between it and the tinted performer's
middle is added, the more, the more hits a row stands for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.groove import VOICES, Grid
from ghostnote.groove.feel import PARTS_OF_BEAT, Feel, keys_at
from ghostnote.models.feel import feel_columns
from ghostnote.models.performer import Performer, Played, Reading
from ghostnote.models.score import ScoreFeatures

_HITS_TO_TRUST_ALL = 8.0  # so many hits of a feel make half of what they all have in common be believed
_HITS_TO_TRUST_ROW = 4.0  # and so many of one row half of what is its own; both chosen on validation
_LATEST = 0.5 - 1e-6


@dataclass(frozen=True, eq=False)
class Felt:
    """A score as the performer reads it with a feel.

    Args:
        reading: tinted.
        offsets, velocities: `(hits,)`, what is added to what is played: steps, and units of 127.
        in_table: `(hits,)`, whether the feel says where this hit belongs.
    """

    reading: Reading
    offsets: NDArray[np.float64]
    velocities: NDArray[np.float64]
    in_table: NDArray[np.bool_]

    def added_to(self, played: Played) -> Played:
        """Return `played` with what the tint misses."""
        if not self.offsets.any() and not self.velocities.any():
            return played
        louder = np.round(played.velocities + self.velocities).clip(1, 127).astype(np.int64)
        return Played(louder, (played.offsets + self.offsets).clip(-0.5, _LATEST))


def read_with_feel(
    performer: Performer,
    reading: Reading,
    score: ScoreFeatures,
    grid: Grid,
    feel: Feel | None,
    *,
    calm: bool = False,
) -> Felt:
    """Return `reading` as `feel` has it; a feel without latent tints by its table alone.

    Args:
        calm: whether medians are going to be played, not a take.

    Raises:
        InvalidParameter: the latent belongs to another performer.
    """
    nothing = np.zeros(len(score))
    if feel is None or not len(score):
        return Felt(reading, nothing, nothing, np.zeros(len(score), dtype=bool))
    keys = keys_at(grid, score.steps, score.voices)
    latent = np.array(feel.latent or np.zeros(performer.feel_units), dtype=np.float32)
    tinted = performer.tint(reading, feel_columns(feel.rows, keys), latent)
    medians = tinted.expected()
    middle_offsets = medians.offsets if calm else tinted.mean_offsets()
    middle_velocities = medians.velocities.astype(np.float64) if calm else tinted.mean_velocities()
    sixteenths = grid.lengths_beats[score.steps] * 4.0
    rows = {(round(r.position_beats * PARTS_OF_BEAT), r.voice.column): r for r in feel.rows}
    found = [rows.get((position, voice)) for position, voice in keys.tolist()]
    hits = np.array([row.hits if row else 0 for row in found], dtype=np.float64)
    late = np.array([row.offset if row else 0.0 for row in found]) - middle_offsets * sixteenths
    loud = np.array([row.velocity if row else 0.0 for row in found]) - middle_velocities
    flat = keys @ (len(VOICES), 1)
    return Felt(tinted, _missing(late, hits, flat) / sixteenths, _missing(loud, hits, flat), hits > 0)


def _missing(residuals: NDArray[np.float64], hits: NDArray[np.float64], keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what to add to each hit, from what its row says beyond the performer's middle.

    Args:
        residuals: `(hits,)`, counted where `hits` > 0.
        hits: `(hits,)`, how many hits of the donor the row of each hit stands for, 0 where there is no row.
        keys: `(hits,)`, which row.
    """
    known, place = np.unique(keys, return_inverse=True)
    counts = np.zeros(len(known))
    counts[place] = hits
    own = np.bincount(place, residuals) / np.bincount(place)  # the mean over the score's hits of this row
    own = np.where(counts > 0, own, 0.0)
    total = counts.sum()
    shared = float((counts * own).sum() / (total + _HITS_TO_TRUST_ALL)) if total else 0.0
    special = np.where(counts > 0, (own - shared) * counts / (counts + _HITS_TO_TRUST_ROW), 0.0)
    added: NDArray[np.float64] = (shared + special)[place]
    return added
