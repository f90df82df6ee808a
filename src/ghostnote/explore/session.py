"""A session: proposals, what a person said of them, and a critic that learned from it, in one file.

Longer than other modules since all that a session can do is told here; how it is done is in the modules beside it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.explore.building import (
    Library,
    build_engine,
    check_begun,
    check_prior,
    library_of,
    reopened_with,
    with_midi,
    with_prior,
    with_sounds,
)
from ghostnote.explore.controls import Controls
from ghostnote.explore.database import create_store
from ghostnote.explore.heard import Candidate, Heard, Proposer
from ghostnote.explore.imagined import Imagined
from ghostnote.explore.known import KnownProposals
from ghostnote.explore.recording import pack, rounded, unpack
from ghostnote.explore.records import (
    Clock,
    Counts,
    HistoryItem,
    Judgement,
    Proposal,
    in_force,
    item_of,
    marks_of,
    utc_now,
)
from ghostnote.explore.settings import PRIOR, SessionSettings, check_same, decode_settings, encode_settings
from ghostnote.explore.store import Store, checked_id, no_such
from ghostnote.loops import Loop
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ, FileSound

if TYPE_CHECKING:
    from ghostnote.critic import SavedCritic
    from ghostnote.explore.export import Export
    from ghostnote.groove import DrumMap, DrumTrack

EngineFactory = Callable[[SessionSettings, SoundBank, "bytes | None"], Proposer]
"""Makes the engine of a session from its settings, its sounds and the critic that it was begun with."""

EDITED = "edited"
_TRIES = 20
_NAME, _LONGEST_NAME = "name", 200


class Session:
    """One person's exploring. Open it with `Session.open`.

    Everything that is acknowledged is in the file already; there is nothing to save or to close. Threads and processes
    may share a session: none of them loses what another did.

    >>> session = Session.open("taste.ghostnote")      # doctest: +SKIP
    >>> proposal = session.propose()                    # doctest: +SKIP
    >>> session.rate(proposal.id, liked=True)           # doctest: +SKIP

    Args:
        store: the file.
        make_engine: makes what proposes and judges.
        library: holds recordings that the file does not hold yet; the user's sounds if None.
        clock: returns the time of what is written.
        bank: that it shares with other sessions; one of its own if None.
    """

    def __init__(
        self,
        store: Store,
        make_engine: EngineFactory,
        library: Library | None = None,
        clock: Clock = utc_now,
        bank: SoundBank | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._make_engine = make_engine
        self._engine: Proposer | None = None
        self._library = library
        self._lock = threading.RLock()
        self._library_lock = threading.Lock()  # sounds are read by threads that hear, while another holds the other
        self.settings = decode_settings(store.settings)
        self.bank = bank or SoundBank()
        self.bank.read_also(self._read_recording)
        self._known_proposals = KnownProposals(store, self.bank)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        settings: SessionSettings | None = None,
        *,
        sounds: Sequence[str | os.PathLike[str]] | None = (),
        prior: SavedCritic | None = None,
        midi: str | os.PathLike[str] | None = None,
        create: bool | None = None,
        make_engine: EngineFactory | None = None,
        library: Library | None = None,
        clock: Clock = utc_now,
        bank: SoundBank | None = None,
    ) -> Session:
        """Return the session in the file at `path`, which is begun if it is not there.

        Args:
            path: of one file, by custom with the suffix `.ghostnote`; its folder must be there and writable.
            settings: to begin with, or that the session must have been begun with; None takes those it has.
            sounds: to begin with, or to compare, as `settings`: folders of recordings, or names of libraries on this
                machine, whose sounds are in the pool beside ours; None for all that `ghostnote sounds add` added.
            prior: a saved critic to go on from; as `sounds`.
            midi: a folder of the user's MIDI files, whose bars are among what is musical; as `sounds`.
            create: True if it must be new, False if it must be there, None if either is right.
            make_engine: makes what proposes and judges; Ghostnote's own if None.
            library: holds recordings that the file does not hold yet; `sounds` and the user's sounds if None.
            clock: returns the time of what is written.
            bank: that it shares with other sessions; see `ghostnote.explore.workshop`.

        Raises:
            InvalidParameter: `settings`, `sounds`, `prior` or `midi` differ from those of the session, or none can be
                begun with them.
            InvalidInput: the file is not a session, is damaged, or was written by a newer version; or `prior` was made
                with another encoder.
            StorageError: it can not be read and written; or it is there, or not there, against `create`.
        """
        place = Path(path)
        if create and os.path.lexists(place):
            raise StorageError(f"{place} is there already. Go on with it, or choose another name")
        if create or (create is None and not os.path.lexists(place)):
            begun = with_midi(with_sounds(settings or SessionSettings(), sounds), midi)
            begun, attachments = with_prior(begun, prior)
            check_begun(begun)
            if prior is not None and make_engine is None:
                check_prior(prior)
            try:
                create_store(place, encode_settings(begun), clock(), attachments)
            except StorageError:
                if create or not place.exists():
                    raise  # else another process was quicker, and this one goes on with what that one began
        session = cls(Store(place), make_engine or build_engine, library, clock, bank)
        check_same(session.settings, reopened_with(session.settings, settings, sounds, prior, midi))
        return session

    @property
    def path(self) -> Path:
        """The session's file."""
        return self._store.path

    @property
    def name(self) -> str:
        """What the person calls it; that of its file at first."""
        kept = self._store.attachment(_NAME)
        return self.path.stem if kept is None else kept.decode(errors="replace")

    def rename(self, name: str) -> None:
        """Call the session `name`, of 1…200 printable characters; it is kept in the file.

        Raises:
            InvalidParameter: it is none of these.
            StorageError: the file can not be written.
        """
        if not 1 <= len(name.strip()) <= _LONGEST_NAME or not name.isprintable():
            raise InvalidParameter(f"name must be a text of 1…{_LONGEST_NAME} printable characters; got {name[:40]!r}")
        self._store.attach(_NAME, name.strip().encode())

    @property
    def made_at(self) -> str:
        """When it was begun: UTC, ISO 8601."""
        return self._store.made_at

    def changes(self) -> tuple[int, int]:
        """Return how many proposals and rows of the log there are: cheap, and higher whoever changed the session."""
        return self._store.changes()

    def propose(self, controls: Controls | None = None) -> Proposal:
        """Return the next loop to be rated. All ratings so far are learned before.

        Args:
            controls: what this proposal is to be like; they may differ from one to the next.

        Raises:
            InvalidParameter: a recording is in no folder of sounds any more, or `controls` do not fit the session.
            StorageError: the file can not be written.
        """
        with self._lock:
            for _ in range(_TRIES):
                # Another process may say something meanwhile, or propose the same: then learn of it, and look again.
                kept = self.keep(self.imagine(controls=controls))
                if kept is not None:
                    return kept
            candidate = self._proposed(self._heard(), controls)
            number = self._store.add_proposal(
                candidate, self.engine.encoder_sha256, self._clock(), recordings=self._lacking(candidate.loop)
            )
        assert number is not None
        return self.proposal(number)

    @property
    def marks(self) -> str:
        """What holds of each proposal, in order: `+` liked, `-` disliked, `.` neither."""
        return marks_of(*self._store.standing())

    def imagine(self, answers: Mapping[int, bool | None] | None = None, controls: Controls | None = None) -> Imagined:
        """Return what would be proposed next if the person said `answers`; nothing is written.

        Args:
            answers: by the numbers of proposals: liked, disliked, or None for neither; as it holds for the others.
            controls: as for `propose`.

        Raises:
            InvalidParameter: as `propose`, or there is no such proposal.
        """
        with self._lock:
            heard = self._heard()
            for number, liked in (answers or {}).items():
                if not 1 <= checked_id(number) <= len(heard):
                    raise InvalidParameter(no_such(number, len(heard)))
                heard[number - 1] = replace(heard[number - 1], liked=liked)
            marks = "".join("." if e.liked is None else "+" if e.liked else "-" for e in heard)
            candidate = self._proposed(heard, controls)
            return Imagined(candidate, self.engine.encoder_sha256, marks, self._lacking(candidate.loop))

    def keep(self, imagined: Imagined) -> Proposal | None:
        """Make what was imagined a proposal: exactly what `propose` would give.

        Returns:
            None, and nothing was written, if something else holds now than was imagined.

        Raises:
            StorageError: the file can not be written.
        """
        number = self._store.add_proposal(
            imagined.candidate,
            imagined.encoder,
            self._clock(),
            recordings=imagined.recordings,
            marks=imagined.marks,
        )
        return None if number is None else self.proposal(number)

    def add(self, loop: Loop) -> Proposal:
        """Make `loop` a proposal that can be rated; the one that is there already if it sounds the same.

        Raises:
            InvalidParameter: it plays a recording that is in no folder of sounds.
            StorageError: the file can not be written.
        """
        with self._lock:
            number = self._store.proposal_of_loop(loop.key)
            if number is None:
                (judged,) = self.engine.judge([loop], self._heard())
                number = self._store.add_proposal(
                    replace(judged, origin=EDITED),
                    self.engine.encoder_sha256,
                    self._clock(),
                    recordings=self._lacking(loop),
                )
        assert number is not None
        return self.proposal(number)

    def rate(self, proposal_id: int, *, liked: bool, key: str | None = None) -> Judgement:
        """Say that a proposal is liked or not. When this returns, it is on disk; the last word on a proposal holds.

        Args:
            proposal_id: of any proposal of this session.
            liked: yes or no.
            key: of idempotency: whoever does not know whether a rating arrived sends it again with the same key.

        Returns:
            The row of the log: with a key that was used before, the one that came with it.

        Raises:
            InvalidParameter: there is no such proposal, `liked` is neither, or `key` came with something else before.
            StorageError: the file can not be written; nothing was rated then.
        """
        if not isinstance(liked, (bool, np.bool_)):  # such as None or "no", which would pass for an answer
            raise InvalidParameter(f"liked must be True or False; got {liked!r}. To say neither, use `skip`")
        return self._store.judge("rate", proposal_id, bool(liked), key, self._clock())

    def skip(self, proposal_id: int, *, key: str | None = None) -> Judgement:
        """Say that a proposal is neither liked nor disliked; see `rate`."""
        return self._store.judge("skip", proposal_id, None, key, self._clock())

    def undo(self, *, key: str | None = None) -> Judgement:
        """Take back the last rating or skip that still holds, whatever its proposal, and return what was taken back.

        What was said of the proposal before, if anything, holds again. Nothing is deleted: `log` tells it all.

        Raises:
            InvalidParameter: nothing is left to undo, or `key` came with something else before.
            StorageError: the file can not be written.
        """
        return self._store.undo(key, self._clock())[1]

    def proposal(self, proposal_id: int) -> Proposal:
        """Return a proposal by its number.

        Raises:
            InvalidParameter: there is no such proposal.
        """
        proposals = self._known()
        if checked_id(proposal_id) not in proposals:
            raise InvalidParameter(no_such(proposal_id, len(proposals)))
        return proposals[proposal_id]

    def last(self) -> Proposal | None:
        """Return the proposal that was made last; None if there is none."""
        proposals = self._known()
        return proposals[max(proposals)] if proposals else None

    def history(self) -> tuple[HistoryItem, ...]:
        """Return every proposal, in order, with what holds of it."""
        standing = in_force(self._store.log())
        return tuple(item_of(proposal, standing.get(number)) for number, proposal in self._known().items())

    def log(self) -> tuple[Judgement, ...]:
        """Return every rating, skip and undo that was ever made, in order."""
        return tuple(self._store.log())

    @property
    def counts(self) -> Counts:
        """How many proposals there are, and what holds of them."""
        standing = in_force(self._store.log()).values()
        total = len(self._known())
        liked = sum(row.liked is True for row in standing)
        disliked = sum(row.liked is False for row in standing)
        skipped = sum(row.kind == "skip" for row in standing)
        return Counts(total, liked, disliked, skipped, total - liked - disliked - skipped)

    def best(self, count: int = 10) -> tuple[Proposal, ...]:
        """Return the liked loops that the critic, as it is now, likes most; the best first.

        Their `score` and `uncertainty` are the present ones.

        Args:
            count: at most so many, ≥ 1.

        Raises:
            InvalidParameter: `count` is less.
        """
        if count < 1:
            raise InvalidParameter(f"count must be at least 1; got {count}")
        liked = [item.proposal for item in self.history() if item.liked]
        judged = self.judge([proposal.loop for proposal in liked]) if liked else []
        now = [
            replace(proposal, score=candidate.score, uncertainty=candidate.uncertainty)
            for proposal, candidate in zip(liked, judged, strict=True)
        ]
        return tuple(sorted(now, key=lambda proposal: (-proposal.score, proposal.id))[:count])

    def judge(self, loops: Sequence[Loop]) -> list[Candidate]:
        """Return what the critic, as it is now, thinks of `loops`; nothing is added to the session."""
        with self._lock:
            return self.engine.judge(loops, self._heard())

    def missing_sounds(self) -> tuple[FileSound, ...]:
        """Return the recordings of the pool that are neither in the file nor in a folder: none of them is proposed.

        What was proposed before is in the file, and plays anywhere.
        """
        if not self.settings.recordings:
            return ()
        kept = self._store.recorded()
        elsewhere = self._elsewhere()
        return tuple(
            sound for sound in self.settings.recordings if sound.digest not in kept and elsewhere.path_of(sound) is None
        )

    def recordings(self) -> tuple[FileSound, ...]:
        """Return the recordings that the file holds."""
        return self._store.recordings()

    def export(
        self,
        folder: str | os.PathLike[str],
        ids: Sequence[int] | None = None,
        *,
        count: int = 10,
        repeats: int = 1,
        sample_rate_hz: int = MASTER_RATE_HZ,
        stems: bool = False,
        drum_map: DrumMap | None = None,
        force: bool = False,
    ) -> Export:
        """Write loops as WAV, MIDI and JSON, with their sounds; all of them or none.

        Args:
            folder: new or empty, unless files may be replaced.
            ids: of the proposals; those of `best(count)` if None, with their present scores.
            count: see `ids`.
            repeats: bars in each file, 1…64.
            sample_rate_hz: 8,000…192,000.
            stems: whether each row also gets a file of its own.
            drum_map: gives the pitches; General MIDI if None.
            force: whether files that are there may be replaced.

        Raises:
            InvalidParameter: there is nothing to export, or a number is out of range.
            StorageError: files are in the way, or writing failed.
        """
        from ghostnote.explore.export import ExportOptions, export_loops

        chosen = self.best(count) if ids is None else [self.proposal(number) for number in dict.fromkeys(ids)]
        standing = in_force(self._store.log())
        items = [item_of(proposal, standing.get(proposal.id)) for proposal in chosen]
        options = ExportOptions(repeats, sample_rate_hz, stems, drum_map, force)
        return export_loops(items, self.bank, folder, options)

    def humanize(
        self,
        proposal_id: int,
        *,
        repeats: int = 2,
        style: str | None = None,
        timing: float = 1.0,
        velocity: float = 1.0,
        seed: int = 0,
    ) -> DrumTrack:
        """Return a proposal as a drummer would play it, as a drum track; see `ghostnote.humanize`.

        Args:
            proposal_id: of any proposal of this session.
            repeats: bars, 1…64; each is played anew.
            style: such as `funk`, or None.
            timing: amount of microtiming, 0…1.5.
            velocity: amount of dynamics, 0…1.5.
            seed: the same seed gives the same performance.

        Raises:
            InvalidParameter: there is no such proposal, or an argument is out of range.
            InvalidInput: the loop is silent.
        """
        from ghostnote.explore.convert import humanize_loop

        loop = self.proposal(proposal_id).loop
        return humanize_loop(loop, self.bank, repeats=repeats, style=style, timing=timing, velocity=velocity, seed=seed)

    def critic(self) -> SavedCritic:
        """Return what was learned so far, to be saved, shared, and begun with elsewhere.

        Raises:
            InvalidParameter: nothing was rated yet.
        """
        counts = self.counts
        if not counts.liked + counts.disliked:
            raise InvalidParameter("a critic must have learned from a rating at least; nothing is rated yet")
        with self._lock:
            return self.engine.experience(self._heard())

    @property
    def engine(self) -> Proposer:
        """What proposes and judges; made when first needed."""
        with self._lock:
            if self._engine is None:
                prior = self._store.attachment(PRIOR) if self.settings.prior else None
                if self.settings.prior and hashlib.sha256(prior or b"").hexdigest() != self.settings.prior:
                    raise InvalidInput(f"{self.path} is damaged: the critic that it was begun with is not in it")
                gone = set(self.missing_sounds())
                there = tuple(sound for sound in self.settings.recordings if sound not in gone)
                self._engine = self._make_engine(replace(self.settings, recordings=there), self.bank, prior)
            return self._engine

    def _heard(self) -> list[Heard]:
        """Return what the engine learns from; embeddings of another encoder are left to be computed again."""
        encoder = self.engine.encoder_sha256
        standing = in_force(self._store.log())
        heard = []
        for number, proposal in self._known().items():
            row = standing.get(number)
            embedding = proposal.embedding if proposal.encoder == encoder else None
            heard.append(Heard(proposal.loop, embedding, None if row is None else row.liked))
        return heard

    def _proposed(self, heard: Sequence[Heard], controls: Controls | None) -> Candidate:
        return self.engine.propose(heard) if controls is None else self.engine.propose(heard, controls)

    def _lacking(self, loop: Loop) -> tuple[tuple[str, str, float, bytes], ...]:
        """Return the recordings that `loop` plays and the file lacks."""
        used = {sound.digest: sound for sound in loop.sounds if isinstance(sound, FileSound)}
        new = [sound for digest, sound in used.items() if digest not in self._store.recorded()] if used else []
        return tuple((sound.digest, sound.name, *pack(self.bank.audio(sound))) for sound in new)

    def _known(self) -> Mapping[int, Proposal]:
        return self._known_proposals.all()

    def _elsewhere(self) -> Library:
        with self._library_lock:
            if self._library is None:
                self._library = library_of(self.settings)
            return self._library

    def _read_recording(self, sound: FileSound) -> Mono | None:
        kept = self._store.recording(sound.digest)
        if kept is not None:
            return unpack(*kept, sound.name)
        audio = self._elsewhere().read(sound)
        return None if audio is None else rounded(audio)
