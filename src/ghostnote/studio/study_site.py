"""What the routes of a study share: the study, who works for it, who may come in, and what is being proposed."""

from __future__ import annotations

import datetime
import hashlib
import threading
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException

from ghostnote.explore.records import utc_now
from ghostnote.studio.jobs import Job
from ghostnote.studio.security import Access
from ghostnote.studio.study_guard import PARTICIPANT
from ghostnote.studio.workers import Workers
from ghostnote.study.design import PreferenceDesign
from ghostnote.study.planning import TWO
from ghostnote.study.running import Study, UnknownParticipant
from ghostnote.study.steps import Step, next_step, trial_number
from ghostnote.study.store import AnswerConflict

_CALLS = "ghostnote.studio.study_calls"
SPARE = 2
"""So many searches ahead may be under way for the less likely answer to be imagined too."""


@dataclass(frozen=True)
class Site:
    """A study that is served.

    Args:
        study: which.
        workers: who proposes.
        access: the operator's credential and token, port and names.
    """

    study: Study
    workers: Workers
    access: Access
    _jobs: dict[str, Job] = field(default_factory=dict, repr=False, compare=False)
    _ahead: list[Job] = field(default_factory=list, repr=False, compare=False)
    _imagined: dict[str, int] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def join_token(self) -> str:
        """What the link for everybody holds; the same after a restart."""
        secret = self.access.credential.encode()
        return hashlib.blake2b(b"join", key=secret[:64], digest_size=12).hexdigest()

    def is_participant(self, text: str) -> bool:
        """Return whether `text` is the id of a participant."""
        if len(text) != 24 or not text.isalnum() or not text.isascii():
            return False
        try:
            self.study.store.number_of(text)
        except UnknownParticipant:
            return False
        return True

    def mark(self, participant: str) -> str:
        """Return what tells participants apart in a browser's storage without giving the id away."""
        return hashlib.blake2b(participant.encode(), digest_size=6, person=b"ghostnote-mark").hexdigest()

    def step(self, participant: str) -> Step:
        """Return where a participant is; its loop may not be there yet."""
        store = self.study.store
        return next_step(self.study.design, store.trials(participant), store.answers(participant))

    def begin_work(self, participant: str) -> Job | None:
        """Have proposed what is needed now or soon, elsewhere; return the job that the participant waits for, if any.

        It learns before it proposes: so the next loop is begun the moment that a rating is durable, not before.
        """
        if not isinstance(self.study.design, PreferenceDesign):
            return None
        store = self.study.store
        trials, answers = store.trials(participant), store.answers(participant)
        step = next_step(self.study.design, trials, answers)
        stimuli = store.stimuli(participant)
        number = trial_number(step.id)
        if number is not None and (trials[number - 1].repeats or number) not in stimuli:
            return self._submit("propose", participant, urgent=trials[number - 1].phase != TWO)
        if number is not None:
            self._look_ahead(participant, number)
        if step.kind in ("consent", "instructions"):
            ahead = bool(trials) and trials[0].number not in stimuli
        else:
            ahead = step.kind == "pause" and any(
                t.phase == TWO and t.repeats is None and t.number not in stimuli for t in trials
            )
        if ahead:
            self._submit("prepare", participant, urgent=False)
        return None

    def pause_left(self, participant: str, step: Step) -> float:
        """Return how many seconds a pause must last yet."""
        if step.kind != "pause":
            return 0.0
        made = [answer.made_at for answer in self.study.store.answers(participant).values()]
        passed = _seconds_between(max(made), utc_now()) if made else 0.0
        return max(0.0, step.wait_seconds - passed)

    def note_sent(self, participant: str, trial: str, which: int) -> None:
        """Keep that a sound was sent, durably, the first time: an answer needs it."""
        if which not in self._sent(participant, trial):
            self.study.note(participant, trial, "played", {"sent": which})

    def check_heard(self, participant: str, trial: str) -> None:
        """Raise unless all sounds of a trial were sent long enough ago to have been played.

        Raises:
            AnswerConflict: they were not.
        """
        step = self.step(participant)
        if step.id != trial or not step.sounds:
            return  # whether it may be answered at all, the study says
        sent = self._sent(participant, trial)
        if missing := [which + 1 for which in range(step.sounds) if which not in sent]:
            raise AnswerConflict(f"sound {missing[0]} must be played before {trial!r} is answered")
        needed = step.sounds * step.least_seconds
        passed = _seconds_between(min(sent.values()), utc_now())
        if passed < needed:
            raise AnswerConflict(f"{trial!r} must be listened to for {needed:g} s; it came {passed:.1f} s ago")

    def _sent(self, participant: str, trial: str) -> dict[int, str]:
        found: dict[int, str] = {}
        for event in self.study.store.events(participant):
            if event["step"] == trial and event["kind"] == "played" and "sent" in event["data"]:
                found.setdefault(int(event["data"]["sent"]), event["made_at"])
        return found

    def _look_ahead(self, participant: str, number: int) -> None:
        """Have the next loop imagined while this one plays, once; what comes too late ends at once by itself.

        For the less likely answer only while workers have little to do: in a study, no search is made smaller.
        """
        foreseen = self.study.foreseen(participant, number)
        with self._lock:
            if self._imagined.get(participant) == number:
                return
            self._imagined[participant] = number
            for index, liked in enumerate(foreseen):
                self._ahead[:] = [job for job in self._ahead if job.state in ("waiting", "running")]
                if index and len(self._ahead) > SPARE:
                    return
                arguments = self._arguments(participant) | {"number": number, "liked": liked}
                self._ahead.append(self.workers.submit(f"{_CALLS}:imagine", arguments, lane=participant))

    def _arguments(self, participant: str) -> dict[str, Any]:
        return {"study": str(self.study.path), "participant": participant}

    def _submit(self, what: str, participant: str, *, urgent: bool) -> Job:
        with self._lock:
            job = self._jobs.get(participant)
            if job is not None and job.state in ("waiting", "running"):
                return job
            job = self.workers.submit(f"{_CALLS}:{what}", self._arguments(participant), lane=participant, urgent=urgent)
            self._jobs[participant] = job
            return job


def site_of(request: Request) -> Site:
    """Return the site of the app; for `Depends`."""
    site: Site = request.app.state.site
    return site


def participant_of(request: Request) -> str:
    """Return the participant whose browser asks; for `Depends`.

    Raises:
        HTTPException: it is nobody's (401).
    """
    participant: str | None = request.scope.get(PARTICIPANT)
    if participant is None:
        raise HTTPException(401, "this page is not known to the study: open the link that you were given")
    return participant


def _seconds_between(first: str, second: str) -> float:
    return (datetime.datetime.fromisoformat(second) - datetime.datetime.fromisoformat(first)).total_seconds()
