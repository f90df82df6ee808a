"""The proposals of a session's file, as values: each row is read and decoded once."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import GhostnoteError, InvalidInput
from ghostnote.explore.records import Proposal
from ghostnote.explore.store import Store
from ghostnote.loops import decode_loop
from ghostnote.sounds.bank import SoundBank

_ROUNDING = 1e-6


class KnownProposals:
    """All proposals of a session. Threads may share it.

    Args:
        store: the file.
        bank: holds their sounds.
    """

    def __init__(self, store: Store, bank: SoundBank) -> None:
        self._store, self._bank = store, bank
        self._proposals: dict[int, Proposal] = {}
        self._lock = threading.Lock()

    def all(self) -> Mapping[int, Proposal]:
        """Return them by number, in order, with those that were added since the last time.

        Raises:
            InvalidInput: the file is damaged.
        """
        with self._lock:
            for row in self._store.proposals(after=max(self._proposals, default=0)):
                self._proposals[row.id] = self._decoded(row)
            return dict(self._proposals)

    def _decoded(self, row: Any) -> Proposal:
        try:
            loop = decode_loop(json.loads(row.loop))
            embedding = np.frombuffer(row.embedding, dtype="<f4").astype(np.float32)
            _check_values(row, embedding)
        except (GhostnoteError, ValueError, TypeError) as error:
            raise InvalidInput(f"proposal {row.id} in {self._store.path} is damaged: {error}") from error
        embedding.setflags(write=False)
        return Proposal(
            row.id, loop, row.score, row.uncertainty, row.origin, embedding, row.encoder, row.made_at, self._bank
        )


def _check_values(row: Any, embedding: NDArray[np.float32]) -> None:
    """Raise ValueError unless a row holds what we write: SQLite takes any value in any column."""
    for name in ("score", "uncertainty"):
        value = getattr(row, name)
        if not isinstance(value, float) or not math.isfinite(value) or not -_ROUNDING <= value <= 1 + _ROUNDING:
            raise ValueError(f"{name} must be a number in 0…1; got {str(value)[:40]!r}")
    for name in ("origin", "encoder", "made_at"):
        if not isinstance(value := getattr(row, name), str):
            raise ValueError(f"{name} must be a text; got {str(value)[:40]!r}")
    if not embedding.size or not np.isfinite(embedding).all():
        raise ValueError("embedding must be finite numbers; it holds others, or none")
