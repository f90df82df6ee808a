"""What a study's database holds, as tables to reckon with. Participants are numbers; their ids stay there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ghostnote.loops import Loop, decode_loop
from ghostnote.study.clips import SPOILT
from ghostnote.study.design import ANCHOR, PairwiseDesign, PreferenceDesign
from ghostnote.study.planning import CATCH, SCREEN, TWO
from ghostnote.study.rates import Counted, mean_with_interval
from ghostnote.study.steps import CONSENT, SURVEY, THANKS, next_step, trial_id
from ghostnote.study.store import AnswerRow, TrialRow
from ghostnote.study.views import OwnResult

if TYPE_CHECKING:
    from ghostnote.study.running import Study


@dataclass(frozen=True)
class Rating:
    """One answer to one loop.

    Args:
        number: of the trial, from 1.
        phase: `warm_up`, `one` or `two`.
        arm: who proposed.
        repeats: the trial whose loop came again; None for a new one.
        liked: the answer.
        seconds: from its appearance to the answer; NaN if it is not known.
        played_seconds: how long it was heard; NaN if it is not known.
        answered_at: UTC, ISO 8601.
        loop: that was heard.
        origin: which part of a search found it.
        score: P(like) of the critic when it was proposed; None where there is none.
    """

    number: int
    phase: str
    arm: str
    repeats: int | None
    liked: bool
    seconds: float
    played_seconds: float
    answered_at: str
    loop: Loop
    origin: str
    score: float | None


@dataclass(frozen=True)
class PairAnswer:
    """One answer to one pair, or to one screen.

    Args:
        number: of the trial, from 1.
        kind: `pair`, `catch` or `screen`.
        item: what was played; of the first where pairs are not matched.
        systems: in the order in which they were shown.
        items: of each.
        choice: of a pair: `first`, `second` or `none`.
        ratings: of a screen, one for each system.
        correct: of a catch trial.
        seconds, answered_at: as `Rating`.
    """

    number: int
    kind: str
    item: str
    systems: tuple[str, ...]
    items: tuple[str, ...]
    choice: str | None
    ratings: tuple[int, ...]
    correct: bool | None
    seconds: float
    answered_at: str


@dataclass(frozen=True)
class Person:
    """What one participant did.

    Args:
        number: from 1.
        finished: whether everything is answered.
        ratings: of a study of ratings, in order.
        pairs: of a listening test, in order.
        survey: answers by question.
        pause: what was said in the pause.
        seconds: from consent to the last answer.
    """

    number: int
    finished: bool
    ratings: tuple[Rating, ...]
    pairs: tuple[PairAnswer, ...]
    survey: Mapping[str, Any]
    pause: str
    seconds: float

    def counted(self, arm: str) -> Counted | None:
        """Return how many of an arm's loops of phase II were liked, hidden repeats left out; None if none was rated."""
        liked = [r.liked for r in self.ratings if r.phase == TWO and r.arm == arm and r.repeats is None]
        return Counted(sum(liked), len(liked)) if liked else None


def people_of(study: Study) -> list[Person]:
    """Return what everybody did, in the order of enrolment."""
    clips = {row.id: (row.system, row.item) for row in study.store.clips()}
    people = []
    for row in study.store.participants():
        trials, answers = study.store.trials(row.id), study.store.answers(row.id)
        finished = next_step(study.design, trials, answers).id == THANKS
        ratings: tuple[Rating, ...] = ()
        pairs: tuple[PairAnswer, ...] = ()
        if isinstance(study.design, PreferenceDesign):
            ratings = _ratings(study, row.id, trials, answers)
        else:
            pairs = tuple(
                _pair(trial, answers[trial_id(trial.number)], clips)
                for trial in trials
                if trial_id(trial.number) in answers
            )
        survey = answers[SURVEY].value["answers"] if SURVEY in answers else {}
        pause = str(answers["pause"].value["text"]) if "pause" in answers else ""
        people.append(Person(row.number, finished, ratings, pairs, survey, pause, _span(answers)))
    return people


def finished_people(people: Sequence[Person]) -> list[Person]:
    """Return those whose answers count: who went on to the end."""
    return [person for person in people if person.finished]


def own_result(study: Study, participant: str) -> OwnResult:
    """Return what a participant may see at the end."""
    if isinstance(study.design, PairwiseDesign):
        return OwnResult(None, None, ())
    number = study.store.number_of(participant)
    person = next(person for person in people_of(study) if person.number == number)
    before, after = (person.counted(arm) for arm in (study.design.before, study.design.after))
    liked = best_of(person, 10)
    return OwnResult(
        None if before is None else before.share,
        None if after is None else after.share,
        tuple(trial_id(rating.number) for rating in liked),
    )


def best_of(person: Person, count: int) -> list[Rating]:
    """Return the liked loops of a participant, those of phase II with the highest score first; none twice.

    Before all others come those that were liked again when they came a second time.
    """
    return _most_telling(person, count, liked=True)


def worst_of(person: Person, count: int) -> list[Rating]:
    """Return the disliked loops of a participant, those of phase II with the lowest score first; none twice.

    Before all others come those that were disliked again when they came a second time.
    """
    return _most_telling(person, count, liked=False)


def _most_telling(person: Person, count: int, *, liked: bool) -> list[Rating]:
    chosen = [rating for rating in person.ratings if rating.liked is liked and rating.repeats is None]
    again = {rating.repeats: rating.liked for rating in person.ratings if rating.repeats is not None}

    def rank(rating: Rating) -> tuple[bool, bool, float, int]:
        score = 0.5 if rating.score is None else rating.score  # where nothing judged it, it speaks for neither
        sure = again.get(rating.number) is liked
        return (not sure, rating.phase != TWO, -score if liked else score, rating.number)

    unique: dict[str, Rating] = {}
    for rating in sorted(chosen, key=rank):
        unique.setdefault(rating.loop.key, rating)
    return list(unique.values())[:count]


def is_enough(study: Study) -> bool:
    """Say whether the stopping rule is met: by the width of an interval alone, and at the counts stated beforehand."""
    design = study.design
    if isinstance(design, PairwiseDesign) or design.stopping.rule == "fixed":
        return False
    rule = design.stopping
    ids = study.store.participants()
    if len(ids) < rule.least:
        return False
    ended = []
    for row in ids:
        trials, answers = study.store.trials(row.id), study.store.answers(row.id)
        if next_step(design, trials, answers).id == THANKS:
            ended.append((max(answer.made_at for answer in answers.values()), _delta(design, trials, answers)))
    deltas = np.array([delta for _, delta in sorted(ended)], dtype=np.float64)
    for count in range(rule.least, len(deltas) + 1, rule.every):
        mean = mean_with_interval(deltas[:count])
        if (mean.high - mean.low) / 2 <= rule.half_width:
            return True
    return False


def _delta(design: PreferenceDesign, trials: Sequence[TrialRow], answers: Mapping[str, AnswerRow]) -> float:
    shares = [
        np.mean(
            [
                bool(answers[trial_id(trial.number)].value["liked"])
                for trial in trials
                if trial.phase == TWO and trial.arm == arm and trial.repeats is None
            ]
        )
        for arm in (design.before, design.after)
    ]
    return float(shares[1] - shares[0])


def _ratings(
    study: Study, participant: str, trials: Sequence[TrialRow], answers: Mapping[str, AnswerRow]
) -> tuple[Rating, ...]:
    stimuli = study.store.stimuli(participant)
    found = []
    for trial in trials:
        answer = answers.get(trial_id(trial.number))
        row = stimuli.get(trial.repeats or trial.number)
        if answer is None or row is None:
            continue
        played = answer.times.get("played_seconds") or [np.nan]
        found.append(
            Rating(
                number=trial.number,
                phase=trial.phase,
                arm=trial.arm,
                repeats=trial.repeats,
                liked=bool(answer.value["liked"]),
                seconds=float(answer.times.get("seconds", np.nan)),
                played_seconds=float(played[0]),
                answered_at=answer.made_at,
                loop=decode_loop(json.loads(row.loop)),
                origin=row.origin,
                score=row.score,
            )
        )
    return tuple(found)


def _pair(trial: TrialRow, answer: AnswerRow, clips: Mapping[str, tuple[str, str]]) -> PairAnswer:
    shown = [clips[clip] for clip in trial.plan["clips"]]
    choice = answer.value.get("choice")
    kind = trial.arm if trial.arm in (CATCH, SCREEN) else "pair"
    right = trial.plan.get("right")
    return PairAnswer(
        number=trial.number,
        kind=kind,
        item=shown[0][1],
        systems=tuple(system for system, _ in shown),
        items=tuple(item for _, item in shown),
        choice=choice,
        ratings=tuple(answer.value.get("ratings", ())),
        correct=None if right is None else choice == ("first", "second")[right],
        seconds=float(answer.times.get("seconds", np.nan)),
        answered_at=answer.made_at,
    )


def _span(answers: Mapping[str, AnswerRow]) -> float:
    import datetime

    if CONSENT not in answers:
        return float("nan")
    times = [datetime.datetime.fromisoformat(answer.made_at) for answer in answers.values()]
    return (max(times) - min(times)).total_seconds()


MADE_UP_SYSTEMS = (ANCHOR, SPOILT)
"""Systems that are nobody's: they are made of others to know who listens."""
