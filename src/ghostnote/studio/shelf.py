"""The sessions of a studio, as the server has them: it reads them and keeps what is said; it never searches."""

from __future__ import annotations

import asyncio
import datetime
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ghostnote.errors import GhostnoteError
from ghostnote.explore.building import library_of
from ghostnote.explore.records import HistoryItem, Proposal, marks_of
from ghostnote.explore.session import Session
from ghostnote.sounds.bank import SoundBank
from ghostnote.studio.describing import describe_loop
from ghostnote.studio.errors import NotFound
from ghostnote.studio.exploring_models import CountsText, Json, ProposalText, SessionText
from ghostnote.studio.places import SESSION_SUFFIX, Places
from ghostnote.studio.samples import SampleFolder

_MOST_OPEN, _MOST_TEXTS = 256, 4_000
_BANK_BYTES = 96 * 2**20


@dataclass(frozen=True, eq=False)
class Standing:
    """How a session stands.

    Args:
        marks: see `ghostnote.explore.records.marks_of`.
        last: the proposal that was made last, with what was said of it; None if there is none.
    """

    marks: str
    last: HistoryItem | None

    @property
    def open(self) -> HistoryItem | None:
        """The last proposal, if nothing was said of it yet."""
        return None if self.last is None or self.last.judged_at is not None else self.last


class Shelf:
    """The sessions in a folder. Threads may share it.

    Args:
        places: of the studio.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self.bank = SoundBank(most_bytes=_BANK_BYTES)
        self.samples = SampleFolder(places.samples)
        self.bank.read_also(self.samples.read)
        self._open: OrderedDict[str, Session] = OrderedDict()
        self._texts: OrderedDict[str, Json] = OrderedDict()
        self._listeners: dict[str, set[asyncio.Event]] = {}
        self._lock = threading.Lock()

    def session(self, id: str) -> Session:
        """Return a session.

        Raises:
            NotFound: there is none of this id.
            InvalidInput, StorageError: it can not be used.
        """
        path = self._places.session(id)
        with self._lock:
            session = self._open.get(id)
            if session is not None:
                self._open.move_to_end(id)
        if not path.is_file():
            raise NotFound(f"session must be one of this studio; got {id!r}. Was it deleted?")
        if session is None:
            known = Session.open(path, create=False, bank=self.bank)
            library = SampleFolder(self._places.samples, library_of(known.settings))
            session = Session.open(path, create=False, bank=self.bank, library=library)
            with self._lock:
                session = self._open.setdefault(id, session)
                while len(self._open) > _MOST_OPEN:
                    self._open.popitem(last=False)
        return session

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all sessions, the one that was changed last first."""
        paths = [path for path in self._places.sessions.glob(f"*{SESSION_SUFFIX}") if path.is_file()]
        return tuple(path.stem for path in sorted(paths, key=_changed, reverse=True))

    def text(self, id: str, *, settings: bool = False) -> SessionText:
        """Return what a page sees of a session; one that can not be used says so."""
        path = self._places.session(id)
        try:
            session = self.session(id)
            return SessionText(
                id=id,
                name=session.name,
                made_at=session.made_at,
                changed_at=_told(_changed(path)),
                counts=CountsText.of(session.counts),
                settings=_told_settings(session) if settings else None,
            )
        except NotFound:
            raise
        except GhostnoteError as error:
            if settings:
                raise
            none = CountsText(proposals=0, liked=0, disliked=0, skipped=0, unrated=0)
            at = _told(_changed(path))
            return SessionText(id=id, name=id, made_at=at, changed_at=at, counts=none, problem=str(error))

    def standing(self, id: str) -> Standing:
        """Return how a session stands now."""
        session = self.session(id)
        history = session.history()
        return Standing(marks_of(len(history), session.log()), history[-1] if history else None)

    def item(self, id: str, proposal_id: int) -> HistoryItem:
        """Return a proposal with what holds of it.

        Raises:
            NotFound: there is none of this number.
        """
        history = self.session(id).history()
        if not 1 <= proposal_id <= len(history):
            raise NotFound(f"proposal must be one of this session, 1…{len(history)}; got {proposal_id}")
        return history[proposal_id - 1]

    def known_text(self, key: str) -> Json | None:
        """Return the description of the loop with this key, if it is known."""
        with self._lock:
            if key in self._texts:
                self._texts.move_to_end(key)
            return self._texts.get(key)

    def learn_text(self, text: Json) -> None:
        """Keep the description of a loop."""
        with self._lock:
            self._texts[str(text["key"])] = text
            while len(self._texts) > _MOST_TEXTS:
                self._texts.popitem(last=False)

    def describe(self, proposal: Proposal) -> Json:
        """Return the description of a proposal's loop, made here if it is not known."""
        text = self.known_text(proposal.loop.key)
        if text is None:
            text = describe_loop(proposal.loop, self.bank)
            self.learn_text(text)
        return text

    def unknown(self, proposals: Sequence[Proposal]) -> list[int]:
        """Return the numbers of those whose loops are not described yet."""
        return [proposal.id for proposal in proposals if self.known_text(proposal.loop.key) is None]

    def listen(self, id: str, event: asyncio.Event) -> None:
        """Set `event` from now on whenever this server changes the session."""
        self._listeners.setdefault(id, set()).add(event)

    def leave(self, id: str, event: asyncio.Event) -> None:
        """Set `event` no more."""
        self._listeners.get(id, set()).discard(event)
        if not self._listeners.get(id):
            self._listeners.pop(id, None)

    def tell(self, id: str) -> None:
        """Tell those who listen, on the event loop, that a session changed."""
        for event in self._listeners.get(id, ()):
            event.set()

    def signature(self, id: str) -> tuple[int, ...]:
        """Return what is another after every change of the file by whomever; cheap."""
        path = self._places.session(id)
        found: list[int] = []
        for part in (path, path.with_name(path.name + "-wal")):
            try:
                state = part.stat()
            except FileNotFoundError:
                continue
            found += [state.st_mtime_ns, state.st_size]
        return tuple(found)


def proposal_text(item: HistoryItem, text: Json) -> ProposalText:
    """Return what a page sees of a proposal: what the critic thought only once the person said something."""
    from ghostnote.loops import encode_loop

    proposal = item.proposal
    told = item.judged_at is not None
    return ProposalText(
        id=proposal.id,
        loop=encode_loop(proposal.loop),
        origin=proposal.origin,
        made_at=proposal.made_at,
        liked=item.liked,
        skipped=item.skipped,
        score=proposal.score if told else None,
        uncertainty=proposal.uncertainty if told else None,
        **{name: text[name] for name in ("key", "names", "roles", "gain", "peaks")},
    )


def _told_settings(session: Session) -> Json:
    settings = session.settings
    return {
        "musical": settings.musical,
        "steps": settings.steps,
        "rows": settings.rows,
        "tempo_bpm": list(settings.tempo_bpm),
        "swing": None if settings.swing is None else list(settings.swing),
        "style": settings.style,
        "density": settings.density,
        "four_on_the_floor": settings.four_on_the_floor,
        "seed": settings.seed,
        "own_sounds": settings.own_sounds,
        "recordings": len(settings.recordings),
        "warm": settings.prior is not None,
        "target": settings.search.target,
        "explore": settings.search.explore,
        "novelty": settings.search.novelty,
    }


def _changed(path: Path) -> float:
    return path.stat().st_mtime


def _told(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="milliseconds")
