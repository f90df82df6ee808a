"""What proposes loops to participants: our sessions, chance, and the original critic in a process of its own.

An explorer learns from what it is told was rated, and proposes. What is told twice is learned once, so that a study
that was interrupted at any moment goes on where it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ghostnote.critic import SavedCritic
from ghostnote.explore.building import with_sounds
from ghostnote.explore.generators import Generator
from ghostnote.explore.imagined import Imagined
from ghostnote.explore.records import Proposal
from ghostnote.explore.session import EngineFactory, Session
from ghostnote.explore.settings import SessionSettings
from ghostnote.explore.workshop import Workshop
from ghostnote.loops import Loop
from ghostnote.sounds.bank import SoundBank
from ghostnote.study.design import ORIGINAL, RANDOM, TRAINED, UNTRAINED, PreferenceDesign
from ghostnote.study.material import prior_of, settings_of

MOST_KEPT = 6
"""Participants whose explorers are kept ready beside the one who is served; those of others are opened anew."""


@dataclass(frozen=True)
class Proposed:
    """A loop, and where it comes from.

    Args:
        loop: to be heard.
        origin: which part of a search found it.
        score: P(like) by the critic; None where there is none.
        proposal: its number in the session; None outside of one.
    """

    loop: Loop
    origin: str
    score: float | None = None
    proposal: int | None = None


@dataclass(frozen=True)
class Rated:
    """A loop that was rated.

    Args:
        trial: its number, which it is known by.
        loop: that was heard.
        liked: None for one that is not to be learned from.
        proposal: its number in the session, if it was proposed there.
    """

    trial: int
    loop: Loop
    liked: bool | None
    proposal: int | None = None


class Explorer(Protocol):
    """Whatever proposes."""

    def propose(self, rated: Sequence[Rated], known: Sequence[int]) -> Proposed:
        """Return the next loop after `rated`; `known` are proposals of the session that are taken already."""
        ...

    def final(self, rated: Sequence[Rated], known: Sequence[int], count: int) -> list[Proposed]:
        """Return what is proposed after `rated`, without learning any more."""
        ...

    def imagine(self, rated: Sequence[Rated], proposal: int, liked: bool | None) -> None:
        """Make ahead what `propose` gives once `proposal` of the session is rated so; nothing where that can not be."""
        ...

    def critic(self, rated: Sequence[Rated]) -> SavedCritic | None:
        """Return what was learned, if it can be saved."""
        ...


class SessionExplorer:
    """Proposes out of a session, one file for each participant.

    Args:
        session: whose ratings are those of the study.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._told: set[int] = set()
        self._imagined: dict[tuple[int, bool | None], Imagined] = {}

    def propose(self, rated: Sequence[Rated], known: Sequence[int]) -> Proposed:
        """See `Explorer`."""
        self._tell(rated)
        last = self.session.last()
        # A proposal that nobody has noted was made just before an interruption: it is the one.
        proposal = last if last is not None and last.id not in known and last.origin != "edited" else None
        proposal = proposal or self._foreseen() or self.session.propose()
        return Proposed(proposal.loop, proposal.origin, proposal.score, proposal.id)

    def final(self, rated: Sequence[Rated], known: Sequence[int], count: int) -> list[Proposed]:
        """See `Explorer`."""
        self._tell(rated)
        made = [
            Proposed(item.proposal.loop, item.proposal.origin, item.proposal.score, item.proposal.id)
            for item in self.session.history()
            if item.proposal.id not in known and item.proposal.origin != "edited"
        ]
        while len(made) < count:
            proposal = self.session.propose()
            made.append(Proposed(proposal.loop, proposal.origin, proposal.score, proposal.id))
        return made[:count]

    def imagine(self, rated: Sequence[Rated], proposal: int, liked: bool | None) -> None:
        """See `Explorer`."""
        self._tell(rated)
        if (proposal, liked) not in self._imagined:
            self._imagined[proposal, liked] = self.session.imagine({proposal: liked})

    def critic(self, rated: Sequence[Rated]) -> SavedCritic | None:
        """See `Explorer`."""
        self._tell(rated)
        counts = self.session.counts
        return self.session.critic() if counts.liked + counts.disliked else None

    def _foreseen(self) -> Proposal | None:
        """Return the proposal that was imagined for what holds now; whether it does, the session decides."""
        imagined, self._imagined = self._imagined, {}
        marks = self.session.marks if imagined else ""
        fitting = next((one for one in imagined.values() if one.marks == marks), None)
        return None if fitting is None else self.session.keep(fitting)

    def _tell(self, rated: Sequence[Rated]) -> None:
        for one in rated:
            if one.trial in self._told:
                continue
            number = one.proposal if one.proposal is not None else self.session.add(one.loop).id
            key = f"trial-{one.trial}"
            if one.liked is None:
                self.session.skip(number, key=key)
            else:
                self.session.rate(number, liked=one.liked, key=key)
            self._told.add(one.trial)


class RandomExplorer:
    """Draws, and learns nothing.

    Args:
        generator: that draws.
        seed: of chance.
    """

    def __init__(self, generator: Generator, seed: int) -> None:
        self._generator, self._seed = generator, seed

    def propose(self, rated: Sequence[Rated], known: Sequence[int]) -> Proposed:
        """See `Explorer`."""
        return self.final(rated, known, len(rated) + 1)[-1]

    def final(self, rated: Sequence[Rated], known: Sequence[int], count: int) -> list[Proposed]:
        """See `Explorer`."""
        return [
            Proposed(self._generator.draw(np.random.default_rng([self._seed, 3, index])), RANDOM)
            for index in range(count)
        ]

    def imagine(self, rated: Sequence[Rated], proposal: int, liked: bool | None) -> None:
        """Nothing: drawing takes no time."""

    def critic(self, rated: Sequence[Rated]) -> SavedCritic | None:
        """None: nothing is learned."""
        return None


class Explorers:
    """The explorers of all participants, made when first needed, and one user of each at a time.

    Args:
        design: of the study.
        folder: of the sessions' files.
        bank: of the sounds of all of them.
        make_engine: as `Session.open`; ours if None, with the same sounds for everybody.
    """

    def __init__(
        self, design: PreferenceDesign, folder: Path, bank: SoundBank, make_engine: EngineFactory | None = None
    ) -> None:
        self._design, self._folder = design, folder
        self._workshop = Workshop(bank)
        self._make_engine: EngineFactory = make_engine or self._workshop.build_engine
        self._made: dict[tuple[str, str], Explorer] = {}
        self._locks: dict[str, threading.RLock] = {}
        self._lock = threading.Lock()

    def lock(self, participant: str) -> threading.RLock:
        """Return what one user of a participant's explorers holds."""
        with self._lock:
            return self._locks.setdefault(participant, threading.RLock())

    def learner(self, participant: str, number: int, kind: str) -> Explorer:
        """Return the explorer that learns from a participant: `product` or `original`."""
        return self._get(participant, kind, lambda: self._make(participant, number, kind, trained=True))

    def of_arm(self, participant: str, number: int, arm: str) -> Explorer:
        """Return the explorer that stands for an arm of phase II."""
        kind = self._design.critic.kind if arm in (UNTRAINED, TRAINED) else arm
        if arm == RANDOM:
            return self._get(participant, RANDOM, lambda: self._random(number))
        if arm == UNTRAINED:
            name = f"{UNTRAINED}-{kind}"
            return self._get(participant, name, lambda: self._make(participant, number, kind, trained=False))
        return self.learner(participant, number, kind)

    def close(self, participant: str | None = None) -> None:
        """Let go of what a participant needed, or all of them."""
        with self._lock:
            for key in [key for key in self._made if participant in (None, key[0])]:
                explorer = self._made.pop(key)
                end: Callable[[], None] | None = getattr(explorer, "close", None)
                if end is not None:
                    end()

    def _get(self, participant: str, name: str, make: Callable[[], Explorer]) -> Explorer:
        with self.lock(participant):
            explorer = self._made.pop((participant, name), None) or make()
            with self._lock:
                self._made[participant, name] = explorer  # the last used are the last
                others = list(dict.fromkeys(key[0] for key in self._made if key[0] != participant))
            for other in others[: -MOST_KEPT + 1 or None] if len(others) >= MOST_KEPT else ():
                if self.lock(other).acquire(blocking=False):
                    self.close(other)
                    self.lock(other).release()
            return explorer

    def generator(self) -> Generator:
        """Return what draws fresh loops of the study."""
        settings = with_sounds(self._settings(0), self._sounds)
        return self._workshop.build_engine(settings, self._workshop.bank, None).generator

    def _random(self, number: int) -> Explorer:
        return RandomExplorer(self.generator(), self._design.seed % 2**31 + number)

    def _settings(self, seed: int) -> SessionSettings:
        return settings_of(self._design.generator, seed, self._design.seed)

    @property
    def _sounds(self) -> list[str]:
        return [str(self._design.home / name) for name in self._design.generator.sounds]

    def _make(self, participant: str, number: int, kind: str, *, trained: bool) -> Explorer:
        design = self._design
        # All participants have the same sounds, and each another path through them.
        seed = (design.seed * 1_000_003 + 2 * number + trained) % 2**62
        if kind == ORIGINAL:
            from ghostnote.study.original import OriginalExplorer, network_files

            ratings = design.phase_one.ratings
            files = network_files(self._folder, participant).values() if trained else ()
            kept = dict(zip((ratings // 2, ratings), files, strict=False))
            return OriginalExplorer(with_sounds(self._settings(seed), self._sounds), kept=kept)
        name = participant if trained else f"{participant}-{UNTRAINED}"
        path = self._folder / f"{name}.ghostnote"
        self._folder.mkdir(parents=True, exist_ok=True)
        there = path.exists()
        session = Session.open(
            path,
            None if there else self._settings(seed),
            sounds=() if there else self._sounds,
            prior=prior_of(design) if trained and not there else None,
            make_engine=self._make_engine,
            bank=self._workshop.bank,
        )
        return SessionExplorer(session)
