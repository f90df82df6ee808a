"""The proposals of a session's file, as values: each row is read and decoded once."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from ghostnote.errors import GhostnoteError, InvalidInput
from ghostnote.explore.records import Proposal
from ghostnote.explore.store import Store
from ghostnote.loops import decode_loop
from ghostnote.sounds.bank import SoundBank


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
        except (GhostnoteError, ValueError) as error:
            raise InvalidInput(f"proposal {row.id} in {self._store.path} is damaged: {error}") from error
        embedding.setflags(write=False)
        return Proposal(
            row.id, loop, row.score, row.uncertainty, row.origin, embedding, row.encoder, row.made_at, self._bank
        )
