"""Everything that is told of a study, reckoned from what its participants did: numbers, not words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ghostnote.errors import InvalidInput
from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.study.bradley_terry import Comparisons, Scale, bradley_terry, comparisons_of
from ghostnote.study.consistency import Consistency, Pace, consistency, pace
from ghostnote.study.design import Design, PairwiseDesign, PreferenceDesign
from ghostnote.study.paired import TestOutcome, holm, sign_flip, wilcoxon_test
from ghostnote.study.planning import CATCH, TWO
from ghostnote.study.population import Paired, Population, fit_population
from ghostnote.study.preferences import Effects, Preference, effects, preferences, side_bias
from ghostnote.study.rates import Counted, mean_with_interval, newcombe, wilson
from ghostnote.study.results import MADE_UP_SYSTEMS, Person, finished_people

_SEED = 20_200_810
"""Of what is drawn for intervals and tests: the same answers give the same report."""


@dataclass(frozen=True)
class PersonResult:
    """One participant.

    Args:
        number: from 1.
        before, after: θ with Wilson's intervals.
        delta: Δ with Newcombe's interval.
        believed: Δ after the hierarchical model.
        improved: probability that θ truly rose.
        consistency: of hidden repeats.
        pace: in phase II.
    """

    number: int
    before: Estimate
    after: Estimate
    delta: Estimate
    believed: Estimate
    improved: float
    consistency: Consistency
    pace: Pace


@dataclass(frozen=True)
class ArmResult:
    """One arm of phase II.

    Args:
        name: of the arm.
        loops: that were rated, hidden repeats left out.
        rate: mean θ over people.
        delta: mean of θ less that of the arm that others are compared with; None for that arm.
        flips, ranks: tests of Δ.
        adjusted: p of the sign flips, for all arms together (Holm).
    """

    name: str
    loops: int
    rate: Estimate
    delta: Estimate | None
    flips: TestOutcome | None
    ranks: TestOutcome | None
    adjusted: float | None


@dataclass(frozen=True, eq=False)
class RatingsAnalysis:
    """What a study of ratings shows.

    Args:
        before, after: names of the two arms of the result.
        people: who finished.
        arms: of phase II.
        counts: of the two arms.
        population: what is believed of people.
        learning: mean share of liked loops in phase I, by tenths of it.
        consistency: of all hidden repeats.
        paces: by phase.
    """

    before: str
    after: str
    people: tuple[PersonResult, ...]
    arms: tuple[ArmResult, ...]
    counts: Paired
    population: Population
    learning: tuple[float, ...]
    consistency: Consistency
    paces: Mapping[str, Pace]


@dataclass(frozen=True)
class Listener:
    """One participant of a listening test.

    Args:
        number: from 1.
        answers: to pairs or screens, catch trials left out.
        catch: share of the catch trials that are right; NaN ends where there is none.
        reference: form `mushra`: median rating of the hidden reference; None in form `ab`.
        pace: seconds to an answer.
        excluded: why its answers do not count, by the rule stated beforehand; empty if they do.
    """

    number: int
    answers: int
    catch: Counted | None
    reference: float | None
    pace: Pace
    excluded: str


@dataclass(frozen=True, eq=False)
class PairsAnalysis:
    """What a listening test shows.

    Args:
        names: of the systems.
        listeners: who finished, those that do not count among them.
        comparisons: that count.
        table: share of answers in which the row was preferred to the column, NaN on the diagonal.
        rates: of each pair, with intervals over people and items.
        adjusted: p-values for all pairs together (Holm), in the order of `rates`.
        scale: of Bradley and Terry.
        people_effects, item_effects: how much answers hang on them, beyond which pair it is.
        side: share of answers for the clip on the first side.
        ratings: form `mushra`: mean rating of each system, hidden reference and anchor too, with intervals over people.
    """

    names: tuple[str, ...]
    listeners: tuple[Listener, ...]
    comparisons: Comparisons
    table: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    rates: tuple[Preference, ...]
    adjusted: tuple[float, ...]
    scale: Scale | None
    people_effects: Effects
    item_effects: Effects
    side: Estimate
    ratings: Mapping[str, Estimate]


def analyse_ratings(design: PreferenceDesign, people: Sequence[Person]) -> RatingsAnalysis:
    """Return what the ratings of those who finished show.

    Raises:
        InvalidInput: nobody has finished yet.
    """
    ended = finished_people(people)
    if not ended:
        raise InvalidInput("a study can be reported on when one participant has finished; none has yet")
    rng = np.random.default_rng(_SEED)
    before, after = design.before, design.after
    pairs = [(_counted(person, before), _counted(person, after)) for person in ended]
    counts = Paired(
        *(np.array(values, dtype=np.float64) for values in zip(
            *((a.liked, a.trials, b.liked, b.trials) for a, b in pairs), strict=True
        ))
    )  # fmt: skip
    population = fit_population(counts, rng)
    results = tuple(
        PersonResult(
            person.number,
            wilson(first),
            wilson(second),
            newcombe(first, second),
            population.people_delta[index],
            population.people_improved[index],
            _consistency([person]),
            _pace([person], TWO),
        )
        for index, (person, (first, second)) in enumerate(zip(ended, pairs, strict=True))
    )
    return RatingsAnalysis(
        before=before,
        after=after,
        people=results,
        arms=_arms(design, ended, rng),
        counts=counts,
        population=population,
        learning=_learning(ended),
        consistency=_consistency(ended),
        paces={phase: _pace(ended, phase) for phase in dict.fromkeys(r.phase for p in ended for r in p.ratings)},
    )


def analyse_pairs(design: PairwiseDesign, people: Sequence[Person]) -> PairsAnalysis:
    """Return what the answers of those who finished show; who is excluded is by the rule stated beforehand.

    Raises:
        InvalidInput: nobody has finished yet.
    """
    ended = finished_people(people)
    if not ended:
        raise InvalidInput("a listening test can be reported on when one participant has finished; none has yet")
    rng = np.random.default_rng(_SEED)
    listeners = tuple(_listener(design, person) for person in ended)
    counting = [person for person, one in zip(ended, listeners, strict=True) if not one.excluded]
    comparisons = _comparisons(design, counting)
    wins = comparisons.table()
    with np.errstate(invalid="ignore"):
        table = wins / (wins + wins.T)
    rates = tuple(preferences(comparisons))
    adjusted = holm({str(index): rate.p for index, rate in enumerate(rates) if np.isfinite(rate.p)})
    heard = list(dict.fromkeys(answer.item for person in counting for answer in person.pairs))  # as in `_comparisons`
    return PairsAnalysis(
        names=design.names,
        listeners=listeners,
        comparisons=comparisons,
        table=table,
        rates=rates,
        adjusted=tuple(adjusted.get(str(index), float("nan")) for index in range(len(rates))),
        scale=bradley_terry(comparisons, rng) if len(comparisons.wins) else None,
        people_effects=effects(comparisons, comparisons.persons, [str(one.number) for one in counting]),
        item_effects=effects(comparisons, comparisons.items, heard),
        side=side_bias(_sides(counting)),
        ratings=_mushra(counting),
    )


def criteria_words(design: Design, people: Sequence[Person], most: int = 30) -> list[tuple[str, int]]:
    """Return the words that participants went by, those that most of them named first."""
    asked = [question.id for question in design.survey if question.kind == "words"]
    counted = Counter(
        word for person in people for name in asked for word in dict.fromkeys(person.survey.get(name, ()))
    )
    return sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))[:most]


def survey_counts(design: Design, people: Sequence[Person]) -> dict[str, dict[str, int]]:
    """Return how often each answer of scales and choices was given, by question."""
    told: dict[str, dict[str, int]] = {}
    for question in design.survey:
        if question.kind == "scale":
            possible = [str(value) for value in range(question.low, question.high + 1)]
        elif question.kind == "choice":
            possible = list(question.choices)
        else:
            continue
        given = Counter(str(person.survey[question.id]) for person in people if question.id in person.survey)
        told[question.id] = {answer: given.get(answer, 0) for answer in possible}
    return told


def _counted(person: Person, arm: str) -> Counted:
    counted = person.counted(arm)
    if counted is None:
        raise InvalidInput(f"participant {person.number} rated no loop of the arm {arm!r}; the study is damaged")
    return counted


def _arms(design: PreferenceDesign, people: Sequence[Person], rng: np.random.Generator) -> tuple[ArmResult, ...]:
    shares = {arm: np.array([_counted(person, arm).share for person in people]) for arm in design.phase_two.arms}
    base = shares[design.before]
    flips = {arm: sign_flip(values - base, rng) for arm, values in shares.items() if arm != design.before}
    adjusted = holm({arm: outcome.p for arm, outcome in flips.items()})
    return tuple(
        ArmResult(
            arm,
            sum(_counted(person, arm).trials for person in people),
            mean_with_interval(values),
            mean_with_interval(values - base) if arm in flips else None,
            flips.get(arm),
            wilcoxon_test(values - base) if arm in flips else None,
            adjusted.get(arm),
        )
        for arm, values in shares.items()
    )


def _learning(people: Sequence[Person], parts: int = 8) -> tuple[float, ...]:
    shares = []
    for person in people:
        liked = [rating.liked for rating in person.ratings if rating.phase == "one"]
        if len(liked) >= parts:
            shares.append([float(np.mean(part)) for part in np.array_split(liked, parts)])
    return tuple(np.mean(shares, axis=0).tolist()) if shares else ()


def _consistency(people: Sequence[Person]) -> Consistency:
    first, second = [], []
    for person in people:
        said = {rating.number: rating.liked for rating in person.ratings}
        for rating in person.ratings:
            if rating.repeats is not None and rating.repeats in said:
                first.append(said[rating.repeats])
                second.append(rating.liked)
    return consistency(first, second)


def _pace(people: Sequence[Person], phase: str) -> Pace:
    times = [[r.seconds for r in person.ratings if r.phase == phase] for person in people]
    longest = max(map(len, times), default=0)
    # By their place in the phase, so that the trend is that of everybody.
    ordered = [row[index] for index in range(longest) for row in times if index < len(row)]
    return pace(np.array(ordered, dtype=np.float64))


def _listener(design: PairwiseDesign, person: Person) -> Listener:
    caught = [answer.correct for answer in person.pairs if answer.kind == CATCH]
    others = [answer for answer in person.pairs if answer.kind != CATCH]
    catch = Counted(sum(one is True for one in caught), len(caught)) if caught else None
    speed = pace(np.array([answer.seconds for answer in others], dtype=np.float64))
    references = [
        rating
        for answer in others
        for system, rating in zip(answer.systems, answer.ratings, strict=False)
        if system == design.reference
    ]
    reference = float(np.median(references)) if references else None
    rule, why = design.exclusion, ""
    if catch is not None and catch.share < rule.least_catch_correct:
        why = f"{catch.liked} of {catch.trials} catch trials right, fewer than {rule.least_catch_correct:.0%}"
    elif reference is not None and reference < rule.least_reference:
        why = f"the hidden reference got {reference:.0f}, less than {rule.least_reference}"
    elif rule.least_median_seconds and speed.median < rule.least_median_seconds:
        why = f"{speed.median:.1f} s to an answer, less than {rule.least_median_seconds:g} s"
    return Listener(person.number, len(others), catch, reference, speed, why)


def _comparisons(design: PairwiseDesign, people: Sequence[Person]) -> Comparisons:
    systems = {name: index for index, name in enumerate(design.names)}
    items: dict[str, int] = {}
    rows: list[tuple[int, int, int, int, float]] = []
    for index, person in enumerate(people):
        for answer in person.pairs:
            item = items.setdefault(answer.item, len(items))
            if answer.kind == "pair":
                win = {"first": 1.0, "second": 0.0}.get(answer.choice or "", 0.5)
                rows.append((index, item, systems[answer.systems[0]], systems[answer.systems[1]], win))
            elif answer.kind == "screen":
                rated = [
                    (systems[name], rating)
                    for name, rating in zip(answer.systems, answer.ratings, strict=True)
                    if name in systems
                ]
                rows += [
                    (index, item, a, b, 0.5 + 0.5 * float(np.sign(x - y)))
                    for k, (a, x) in enumerate(rated)
                    for b, y in rated[k + 1 :]
                ]
    return comparisons_of(design.names, rows)


def _sides(people: Sequence[Person]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    said = [a.choice for person in people for a in person.pairs if a.kind == "pair" and a.choice != "none"]
    return np.array([choice == "first" for choice in said], dtype=np.float64)


def _mushra(people: Sequence[Person]) -> dict[str, Estimate]:
    means: dict[str, list[float]] = {}
    for person in people:
        own: dict[str, list[int]] = {}
        for answer in person.pairs:
            for name, rating in zip(answer.systems, answer.ratings, strict=False):
                own.setdefault(name, []).append(rating)
        for name, ratings in own.items():
            means.setdefault(name, []).append(float(np.mean(ratings)))
    order = sorted(means, key=lambda name: (name in MADE_UP_SYSTEMS, name))
    return {name: mean_with_interval(np.array(means[name])) for name in order}
