"""A study rehearsed: simulated participants go all the way, with hidden tastes, through the same calls as people do.

It shows that a study runs as planned, what its report will look like, and how long the machine takes. No person is
predicted by it. Time is simulated too: nobody waits through the pause.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from ghostnote.evaluation.hearing import describe_sound
from ghostnote.evaluation.hits import Floats
from ghostnote.evaluation.listeners import KINDS, Ear, Listener, draw_taste, tune
from ghostnote.evaluation.traits import Heard, measure_traits
from ghostnote.loops import Loop
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ
from ghostnote.study.clips import SPOILT
from ghostnote.study.design import ANCHOR, PairwiseDesign
from ghostnote.study.running import Study
from ghostnote.study.simulated import published_truth
from ghostnote.study.steps import Step, trial_number

TUNING_LOOPS = 400
NOISE = 0.1
_LEAST_RATE, _MOST_RATE = 0.15, 0.8
_WORDS = ("bass", "kick", "groove", "swing", "space", "brightness", "energy", "surprise", "texture", "backbeat")


class SimulatedClock:
    """The time of a rehearsal: it goes on when somebody answers.

    Args:
        start: UTC, ISO 8601.
    """

    def __init__(self, start: str = "2020-08-10T09:00:00+00:00") -> None:
        self._now = datetime.datetime.fromisoformat(start)

    def __call__(self) -> str:
        """Return the time."""
        return self._now.isoformat(timespec="milliseconds")

    def pass_by(self, seconds: float) -> None:
        """Let time go on."""
        self._now += datetime.timedelta(seconds=seconds)


class Answering(Protocol):
    """A participant: says something to each step."""

    def answer(self, step: Step) -> dict[str, Any]:
        """Return an answer as a page would send it."""
        ...

    def seconds(self, step: Step) -> float:
        """Return how long it takes."""
        ...


def rehearse(
    study: Study,
    count: int,
    seed: int,
    *,
    clock: SimulatedClock | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Let simulated participants take part, one after the other, and return their ids.

    Args:
        study: opened with `clock`.
        count: how many; fewer if the study lets in no more.
        seed: of their tastes.
        clock: of the study; None if real time passes, in which case a pause is waited for by nobody and must be 0.
        progress: is told steps done, and steps in all.
    """
    room = study.design.most_participants - len(study.participants())
    chosen = min(count, room)
    ears = None if isinstance(study.design, PairwiseDesign) else Ears(study, seed)
    ids: list[str] = []
    for index in range(chosen):
        if study.enough():
            break
        participant = study.enrol()
        ids.append(participant)
        person: Answering = (
            SimulatedListener(study, participant, seed, index)
            if ears is None
            else SimulatedRater(study, participant, ears.ear(index), ears, seed, index)
        )
        take_part(study, participant, person, clock, _told(progress, index, chosen))
    return ids


def take_part(
    study: Study,
    participant: str,
    person: Answering,
    clock: SimulatedClock | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Let one participant go on to the end."""
    while (step := study.next(participant)).kind != "thanks":
        taken = person.seconds(step)
        if clock is not None:
            clock.pass_by(max(taken, step.wait_seconds + 0.1))
        heard = [round(max(step.least_seconds, 0.8 * taken / max(1, step.sounds)), 3)] * step.sounds
        times = {"seconds": round(taken, 3), "played_seconds": heard}
        study.answer(participant, step.id, person.answer(step), f"rehearsed-{step.id}", times)
        if progress is not None:
            progress(step.done + 1, step.steps)


class Ears:
    """The hidden tastes of a rehearsal, set so that each likes a share of random loops as people of 2020 did.

    Args:
        study: of ratings.
        seed: of tastes.
    """

    def __init__(self, study: Study, seed: int) -> None:
        self._bank: SoundBank = study.bank
        self._seed = seed
        self._described: dict[str, Floats] = {}
        generator = study.generator()
        rng = np.random.default_rng([seed, 5])
        self._usual = self.traits([generator.draw(rng) for _ in range(TUNING_LOOPS)])

    def traits(self, loops: Sequence[Loop]) -> Floats:
        """Return what tastes hang on, `(loops, traits)`."""
        sounds = np.stack([[self._describe(sound) for sound in loop.sounds] for loop in loops])
        hits, velocities = (
            np.stack([getattr(loop.pattern, name) for loop in loops]).astype(np.float64)
            for name in ("hits", "velocities")
        )
        return measure_traits(Heard(hits, velocities, sounds))

    def ear(self, index: int) -> Ear:
        """Return the ear of the participant at `index`."""
        rng = np.random.default_rng([self._seed, 6, index])
        before, _ = published_truth().draw(1, rng)
        rate = float(np.clip(before[0], _LEAST_RATE, _MOST_RATE))
        kind = KINDS[index % len(KINDS)]
        return tune(Listener(f"simulated-{index}", kind, "steady", NOISE, rate, draw_taste(kind, rng)), self._usual)

    def _describe(self, sound: Any) -> Floats:
        if sound.key not in self._described:
            audio = self._bank.audio(sound).astype(np.float64)
            self._described[sound.key] = describe_sound(audio, MASTER_RATE_HZ)
        return self._described[sound.key]


class SimulatedRater:
    """Likes what pleases its ear, and is sometimes wrong.

    Args:
        study: that it takes part in.
        participant: its id.
        ear: its taste.
        ears: that hear loops.
        seed, index: of its chance.
    """

    def __init__(self, study: Study, participant: str, ear: Ear, ears: Ears, seed: int, index: int) -> None:
        self._study, self._participant, self._ear, self._ears = study, participant, ear, ears
        self._rng = np.random.default_rng([seed, 7, index])

    def answer(self, step: Step) -> dict[str, Any]:
        """See `Answering`."""
        number = trial_number(step.id)
        if number is None:
            return _plain_answer(step, self._rng)
        loop = self._study.loop(self._participant, number)
        return {"liked": bool(self._ear.answers(self._ears.traits([loop]), self._rng)[0])}

    def seconds(self, step: Step) -> float:
        """See `Answering`."""
        return _seconds(step, self._rng)


class SimulatedListener:
    """Prefers what is nearer to a real performance, by a hidden worth of each system.

    Args:
        study: a listening test.
        participant: its id.
        seed, index: of its chance.
    """

    def __init__(self, study: Study, participant: str, seed: int, index: int) -> None:
        design = study.design
        assert isinstance(design, PairwiseDesign)
        self._study, self._participant = study, participant
        self._systems = {row.id: row.system for row in study.store.clips()}
        self._rng = np.random.default_rng([seed, 8, index])
        names = design.names
        order = sorted(names, key=lambda name: (name != design.reference, names.index(name)))
        own = 0.5 * self._rng.standard_normal(len(names))
        self._worth = {name: 0.8 - 0.5 * place + own[place] for place, name in enumerate(order)}
        self._worth |= {SPOILT: -4.0, ANCHOR: -3.0}

    def answer(self, step: Step) -> dict[str, Any]:
        """See `Answering`."""
        number = trial_number(step.id)
        if number is None:
            return _plain_answer(step, self._rng)
        plan = self._study.store.trials(self._participant)[number - 1].plan
        worth = np.array([self._worth[self._systems[clip]] for clip in plan["clips"]])
        if step.kind == "screen":
            noise = 8 * self._rng.standard_normal(len(worth))
            hidden = np.array([clip == plan["reference"] for clip in plan["clips"]])
            ratings = np.where(hidden, 96, 62 + 14 * worth) + noise
            return {"ratings": [int(rating) for rating in np.clip(np.round(ratings), 0, 100)]}
        first = self._rng.random() < 1 / (1 + np.exp(worth[1] - worth[0]))
        return {"choice": "first" if first else "second"}

    def seconds(self, step: Step) -> float:
        """See `Answering`."""
        return _seconds(step, self._rng)


def _plain_answer(step: Step, rng: np.random.Generator) -> dict[str, Any]:
    if step.kind == "survey":
        said: dict[str, Any] = {}
        for question in step.questions:
            if question.kind == "scale":
                said[question.id] = int(rng.integers(question.low, question.high + 1))
            elif question.kind == "choice":
                said[question.id] = question.choices[int(rng.integers(len(question.choices)))]
            elif question.kind == "words":
                said[question.id] = ", ".join(_WORDS[i] for i in rng.permutation(len(_WORDS))[:3])
            elif question.required:
                said[question.id] = "simulated"
        return said
    if step.kind == "pause":
        return {"text": f"simulated: mostly {_WORDS[int(rng.integers(len(_WORDS)))]}"}
    return {"agreed": True} if step.kind == "consent" else {"heard": True}


def _seconds(step: Step, rng: np.random.Generator) -> float:
    """Return a time as people take: most are quick, some are not, and all are quicker later on."""
    usual = {"loop": 6.0, "pair": 11.0, "screen": 40.0, "survey": 60.0}.get(step.kind, 20.0)
    late = step.done / max(1, step.steps)
    return float(usual * (1.15 - 0.3 * late) * np.exp(0.4 * rng.standard_normal()) + step.least_seconds * step.sounds)


def _told(progress: Callable[[int, int], None] | None, index: int, count: int) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, steps: progress(index * steps + done, count * steps)
