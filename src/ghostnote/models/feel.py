"""What the performer knows of a feel at each hit: the rows of its table that speak of this hit, from near to far.

Nearest are hits of this voice at this position in the bar; then of this voice at this position in the beat; then of any
voice at this position in the beat; then of this voice anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ghostnote.groove.feel import PARTS_OF_BEAT, FeelRow

_NEARNESS = 4
FEEL_COLUMNS = 4 * _NEARNESS


def feel_columns(rows: Sequence[FeelRow], keys: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return `(hits, FEEL_COLUMNS)`: offset, velocity, count and presence, for each nearness.

    Args:
        rows: the table.
        keys: `(hits, 2)`, from `ghostnote.groove.feel.keys_at`: position in the bar and voice.
    """
    table = np.array(
        [(round(r.position_beats * PARTS_OF_BEAT), r.voice.column, r.offset, r.velocity, r.hits) for r in rows],
        dtype=np.float64,
    ).reshape(-1, 5)
    return columns_of_table(table, keys)


def columns_of_table(table: NDArray[np.float64], keys: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return what `feel_columns` does, from rows of (position, voice, offset, velocity, hits), `(rows, 5)`."""
    positions, voices = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    beat, key_beat = positions % PARTS_OF_BEAT, keys[:, 0] % PARTS_OF_BEAT
    columns = []
    for mine, theirs in (
        (positions * 16 + voices, keys[:, 0] * 16 + keys[:, 1]),
        (beat * 16 + voices, key_beat * 16 + keys[:, 1]),
        (beat, key_beat),
        (voices, keys[:, 1]),
    ):
        known, place = np.unique(mine, return_inverse=True)
        counts = np.bincount(place, table[:, 4], minlength=len(known))
        late = np.bincount(place, table[:, 4] * table[:, 2], minlength=len(known)) / counts.clip(1e-9)
        loud = np.bincount(place, table[:, 4] * table[:, 3], minlength=len(known)) / counts.clip(1e-9)
        at = np.searchsorted(known, theirs).clip(0, max(len(known) - 1, 0))
        there = known[at] == theirs if len(known) else np.zeros(len(theirs), dtype=bool)
        if not len(known):
            columns.append(np.zeros((len(theirs), 4)))
            continue
        values = np.column_stack(
            [4.0 * late[at], 2.0 * loud[at] / 127.0 - 1.0, np.log2(1.0 + counts[at]) / 4.0, np.ones(len(at))]
        )
        columns.append(values * there[:, None])
    return np.concatenate(columns, axis=1).astype(np.float32)
