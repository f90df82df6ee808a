"""The steps of a participant, what is shown in each, and what may be answered: pure, and blind.

Nothing that a step shows tells whose loop it is: no arm, no system, no score, no name of a clip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ghostnote.errors import InvalidParameter
from ghostnote.study.design import Design, PairwiseDesign, Question
from ghostnote.study.planning import ONE, SCREEN, TWO, WARM_UP
from ghostnote.study.store import TrialRow

Kind = Literal["consent", "instructions", "loop", "pause", "pair", "screen", "survey", "thanks"]
CONSENT, INSTRUCTIONS, PAUSE, SURVEY, THANKS = "consent", "instructions", "pause", "survey", "thanks"
CHOICES = ("first", "second", "none")
LONGEST_ANSWER = 5_000


@dataclass(frozen=True)
class Step:
    """What comes next.

    Args:
        id: `consent`, `instructions`, `trial-12`, `pause`, `survey` or `thanks`.
        kind: of page.
        title: of the study.
        text: to be read; of a trial the question.
        phase: of a trial, as a participant sees it: 0 warm-up or listening test, 1, 2.
        number, of: which trial of its phase, from 1, of how many.
        done, steps: how far it is on the whole way.
        sounds: how many can be played, `Study.sound(participant, id, 0…sounds-1)`; the last is a screen's reference.
        least_seconds: of playing each of them before an answer is taken.
        wait_seconds: least length of a pause.
        ties: whether “no difference” may be answered.
        questions: of the survey.
    """

    id: str
    kind: Kind
    title: str
    text: str
    phase: int = 0
    number: int = 0
    of: int = 0
    done: int = 0
    steps: int = 0
    sounds: int = 0
    least_seconds: float = 0.0
    wait_seconds: float = 0.0
    ties: bool = False
    questions: tuple[Question, ...] = field(default=())


def way(design: Design, trials: Sequence[TrialRow]) -> list[str]:
    """Return the ids of all steps of a participant, in order."""
    ids = [CONSENT, INSTRUCTIONS]
    first_of_two = next((trial.number for trial in trials if trial.phase == TWO), None)
    for trial in trials:
        if trial.number == first_of_two:
            ids.append(PAUSE)
        ids.append(trial_id(trial.number))
    if design.survey:
        ids.append(SURVEY)
    return [*ids, THANKS]


def trial_id(number: int) -> str:
    """Return the id of a trial's step."""
    return f"trial-{number}"


def trial_number(step: str) -> int | None:
    """Return the number of a trial out of its step's id; None for another step."""
    head, _, tail = step.partition("-")
    return int(tail) if head == "trial" and tail.isdigit() and len(tail) < 7 else None


def next_step(design: Design, trials: Sequence[TrialRow], answered: Mapping[str, Any]) -> Step:
    """Return the first step that is not answered."""
    ids = way(design, trials)
    for index, name in enumerate(ids):
        if name not in answered:
            return _step(design, trials, name, index, len(ids))
    return _step(design, trials, THANKS, len(ids) - 1, len(ids))


def step_before(design: Design, trials: Sequence[TrialRow], name: str) -> str | None:
    """Return the step before `name`, which must be answered first; None for the first.

    Raises:
        InvalidParameter: there is no such step, or it can not be answered.
    """
    ids = way(design, trials)
    if name not in ids[:-1]:
        raise InvalidParameter(f"trial must be the id of a step that can be answered; got {name[:40]!r}")
    index = ids.index(name)
    return ids[index - 1] if index else None


def checked_answer(design: Design, trials: Sequence[TrialRow], name: str, value: Any) -> dict[str, Any]:
    """Return `value` as an answer to the step `name`.

    Raises:
        InvalidParameter: it is none.
    """
    if not isinstance(value, Mapping):
        raise InvalidParameter(f"an answer must be an object; got {value!r}"[:200])
    number = trial_number(name)
    if number is not None:
        trial = trials[number - 1]
        return _trial_answer(design, trial, value)
    if name == CONSENT:
        return {"agreed": _exactly(value, "agreed", (True,), "Nobody takes part without consent")}
    if name == INSTRUCTIONS:
        return {"heard": _exactly(value, "heard", (True,), "Without sound nothing can be judged")}
    if name == PAUSE:
        _only(value, ("text",))
        return {"text": _text(value.get("text", ""), "text")}
    return {"answers": _survey(design, value)}


def checked_times(step: Step, times: Any) -> dict[str, Any]:
    """Return the times that a page measured, after checking that every sound was played.

    Args:
        step: that is answered.
        times: `seconds` from the page's appearance to the answer, and `played_seconds` of each sound.

    Raises:
        InvalidParameter: something was not played for long enough, or a time is no time.
    """
    given = {} if times is None else times
    if not isinstance(given, Mapping):
        raise InvalidParameter(f"times must be an object; got {times!r}"[:200])
    _only(given, ("seconds", "played_seconds"))
    kept: dict[str, Any] = {}
    if "seconds" in given:
        kept["seconds"] = _seconds(given["seconds"], "times.seconds")
    played = given.get("played_seconds", [])
    played = list(played) if isinstance(played, list | tuple) else [played]
    if len(played) > 64:
        raise InvalidParameter(f"times.played_seconds must be one for each sound; got {len(played)}")
    heard = [round(_seconds(one, "times.played_seconds"), 3) for one in played]
    if step.sounds:
        if len(heard) != step.sounds or min(heard) < step.least_seconds:
            raise InvalidParameter(
                f"times.played_seconds must be {step.least_seconds:g} or more for each of {step.sounds} sounds; got "
                f"{heard}. Play before you answer"
            )
        kept["played_seconds"] = heard
    return kept


def _step(design: Design, trials: Sequence[TrialRow], name: str, index: int, steps: int) -> Step:
    def made(kind: Kind, text: str, **more: Any) -> Step:
        return Step(id=name, kind=kind, title=design.title, text=text, done=index, steps=steps, **more)

    number = trial_number(name)
    if number is None:
        if name == CONSENT:
            return made("consent", design.texts.consent)
        if name == INSTRUCTIONS:
            return made("instructions", design.texts.instructions)
        if name == PAUSE:
            return made("pause", design.texts.pause, wait_seconds=design.playing.pause_seconds)
        if name == SURVEY:
            return made("survey", "", questions=design.survey)
        return made("thanks", design.texts.thanks)
    trial = trials[number - 1]
    group = [other.number for other in trials if other.phase == trial.phase]
    place = {"number": group.index(number) + 1, "of": len(group), "least_seconds": design.playing.least_seconds}
    if isinstance(design, PairwiseDesign):
        clips = len(trial.plan["clips"])
        if trial.arm == SCREEN:
            return made("screen", design.question, sounds=clips + 1, **place)
        return made("pair", design.question, sounds=clips, ties=design.trials.ties, **place)
    phase = {WARM_UP: 0, ONE: 1, TWO: 2}[trial.phase]
    return made("loop", "Do you like this loop?", phase=phase, sounds=1, **place)


def _trial_answer(design: Design, trial: TrialRow, value: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(design, PairwiseDesign):
        return {"liked": _exactly(value, "liked", (True, False), "")}
    if trial.arm == SCREEN:
        _only(value, ("ratings",))
        ratings, clips = value.get("ratings"), len(trial.plan["clips"])
        fits = isinstance(ratings, list | tuple) and len(ratings) == clips
        if not fits or not all(type(one) is int and 0 <= one <= 100 for one in ratings or ()):
            raise InvalidParameter(f"ratings must be {clips} whole numbers in 0…100; got {ratings!r}"[:200])
        return {"ratings": list(ratings or ())}
    choices = CHOICES if design.trials.ties else CHOICES[:2]
    return {"choice": _exactly(value, "choice", choices, "")}


def _survey(design: Design, value: Mapping[str, Any]) -> dict[str, Any]:
    _only(value, [question.id for question in design.survey])
    answers: dict[str, Any] = {}
    for question in design.survey:
        given = value.get(question.id)
        if given is None or given in ("", []):
            if question.required:
                raise InvalidParameter(f"{question.id} must be answered: {question.text}")
            continue
        answers[question.id] = _survey_answer(question, given)
    return answers


def _survey_answer(question: Question, given: Any) -> Any:
    if question.kind == "scale":
        if type(given) is not int or not question.low <= given <= question.high:
            raise InvalidParameter(
                f"{question.id} must be a whole number in {question.low}…{question.high}; got {given!r}"[:200]
            )
        return given
    if question.kind == "choice":
        if given not in question.choices:
            raise InvalidParameter(f"{question.id} must be one of {', '.join(question.choices)}; got {given!r}"[:300])
        return given
    text = _text(given, question.id)
    if question.kind == "words":
        words = (" ".join(word.split()).lower() for word in text.replace(";", ",").replace("\n", ",").split(","))
        return list(dict.fromkeys(word for word in words if word))
    return text


def _exactly(value: Mapping[str, Any], name: str, allowed: Sequence[Any], fix: str) -> Any:
    _only(value, (name,))
    given = value.get(name)
    if not any(given is one or (isinstance(one, str) and given == one) for one in allowed):
        told = " or ".join(str(one).lower() if isinstance(one, bool) else one for one in allowed)
        raise InvalidParameter(f"{name} must be {told}; got {given!r}. {fix}"[:200].rstrip(". "))
    return given


def _only(value: Mapping[str, Any], known: Sequence[str]) -> None:
    if unknown := [str(key) for key in value if key not in known]:
        raise InvalidParameter(f"an answer must have nothing but {', '.join(known)}; got {unknown[0][:40]!r}")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_ANSWER:
        raise InvalidParameter(f"{name} must be a text of at most {LONGEST_ANSWER:,} characters")
    return "".join(letter for letter in value if letter.isprintable() or letter in "\n\t").strip()


def _seconds(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e7:
        raise InvalidParameter(f"{name} must be seconds, 0 or more; got {value!r}"[:200])
    return round(float(value), 3)
