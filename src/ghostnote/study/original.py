"""The original critic of Alain et al. 2020 as an arm: it runs in a process of its own, since it needs PyTorch.

The process keeps nothing that can not be told again: when it ended, the next one learns all ratings anew, and proposes
what the former would have.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ghostnote.critic import SavedCritic
from ghostnote.explore.settings import SessionSettings, encode_settings
from ghostnote.loops import decode_loop, encode_loop
from ghostnote.study.explorers import Proposed, Rated
from ghostnote.study.service import Service

MODULE = "ghostnote.training.deepdrummer_service"


def network_files(folder: Path, participant: str) -> dict[str, Path]:
    """Return where the network of a participant is kept, by stage; it learns in phase I alone."""
    return {stage: folder / f"{participant}-{stage}.safetensors" for stage in ("phase-1-half", "phase-1")}


class OriginalExplorer:
    """Asks the original critic, in its process.

    Args:
        settings: of generator and sounds, and the seed.
        command: that runs the process; this Python's own if None.
        kept: files that the network is written to, as safetensors, by the number of ratings that it learned until then.
    """

    def __init__(
        self,
        settings: SessionSettings,
        command: Sequence[str] | None = None,
        kept: Mapping[int, Path] = MappingProxyType({}),
    ) -> None:
        self._settings, self._kept = settings, kept
        self._service = Service("the original critic", MODULE, command)
        self._told: list[int] = []
        self._lock = threading.Lock()

    def propose(self, rated: Sequence[Rated], known: Sequence[int]) -> Proposed:
        """See `Explorer`."""
        return self._ask(rated, {"do": "propose"})[0]

    def final(self, rated: Sequence[Rated], known: Sequence[int], count: int) -> list[Proposed]:
        """See `Explorer`."""
        return self._ask(rated, {"do": "final", "count": count})

    def imagine(self, rated: Sequence[Rated], proposal: int, liked: bool | None) -> None:
        """Nothing: its network goes on from what it learned last, and can not go back."""

    def critic(self, rated: Sequence[Rated]) -> SavedCritic | None:
        """None: it has no form that our critics could go on from."""
        return None

    def close(self) -> None:
        """End the process; the next request begins another one."""
        self._service.close()

    def _ask(self, rated: Sequence[Rated], request: dict[str, Any]) -> list[Proposed]:
        learned = [one for one in rated if one.liked is not None]
        with self._lock:
            if not self._service.running:
                self._begin()
                self._catch_up(rated)
            self._tell(learned)
            answer = self._service.ask(request)
        return [Proposed(decode_loop(loop), "original") for loop in answer["loops"]]

    def _begin(self) -> None:
        self._told = []
        self._service.start()
        self._service.ask({"do": "begin", "settings": encode_settings(self._settings)})

    def _catch_up(self, rated: Sequence[Rated]) -> None:
        """Bring a new process to where the one before was: it proposes first, and learns the ratings so far then."""
        own = [one.trial for one in rated if one.proposal is None]  # what has no number in a session, it proposed
        if own:
            self._tell([one for one in rated if one.liked is not None and one.trial < own[-1]])
            self._service.ask({"do": "catch_up", "proposed": len(own)})

    def _tell(self, learned: Sequence[Rated]) -> None:
        for one in learned:
            if one.trial not in self._told:
                file = self._kept.get(len(self._told) + 1)
                save = {} if file is None else {"save": str(file)}
                self._service.ask({"do": "rate", "loop": encode_loop(one.loop), "liked": one.liked, **save})
                self._told.append(one.trial)
