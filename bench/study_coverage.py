"""Check what studies are told against simulated participants whose truth is known; writes bench/study_coverage.md.

Coverage: in how many of 1,000 simulated studies a 95 % interval holds the truth. False positives: how often a test says
p < 0.05 where nothing changed. It fails where one of them is out of its bounds. And whether a population with the
published marginals of Alain et al. 2020 gives studies that look as theirs did. Each study has a seed of its own, so
that the number of processes changes nothing.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import platform
import re
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from ghostnote.study.bradley_terry import bradley_terry, comparisons_of
from ghostnote.study.paired import sign_flip, wilcoxon_test
from ghostnote.study.population import fit_population
from ghostnote.study.power import power_of_ratings
from ghostnote.study.preferences import clustered_rate
from ghostnote.study.rates import Counted, jeffreys, mean_with_interval, newcombe, wilson
from ghostnote.study.simulated import (
    PUBLISHED_AFTER,
    PUBLISHED_BEFORE,
    PUBLISHED_PEOPLE,
    PUBLISHED_SPREAD,
    PUBLISHED_TRIALS,
    Truth,
    fitted_truth,
    no_change,
    published_truth,
    simulate_comparisons,
    simulate_study,
)

REPORT = Path(__file__).with_suffix(".md")
STRENGTHS = np.array([0.7, 0.2, -0.2, -0.7])
PERSON_SPREAD, ITEM_SPREAD, LISTENERS, PAIRS, ITEMS = 0.5, 0.3, 20, 40, 24
INTERVALS_HOLD = (93.0, 97.0)
TESTS_ERR = 5.0
NO_TEST = "(no test)"
"""Percent; what says so of itself is told of, and has no bound."""

SMALL = Truth(-0.4, 0.6, 0.35, 0.8)
"""Another population: a third of the people do not improve."""

Hits = dict[str, tuple[float, float]]


def holds(estimate, truth: float) -> bool:
    return estimate.low <= truth <= estimate.high


def one_rating_study(seed: int, truth: Truth, people: int, trials: int, fit: bool = True) -> Hits:
    rng = np.random.default_rng([11, seed])
    study = simulate_study(truth, people, trials, rng)
    before, after, _, spread = truth.moments()
    counts = study.counts
    each = [
        (Counted(int(a), trials), Counted(int(b), trials))
        for a, b in zip(counts.liked_before, counts.liked_after, strict=True)
    ]
    pairs = list(zip(each, study.before, study.after, strict=True))
    found: Hits = {
        "θ of a person, Wilson": share(holds(wilson(c[0]), x) for c, x, _ in pairs),
        "θ of a person, Jeffreys": share(holds(jeffreys(c[0]), x) for c, x, _ in pairs),
        "Δ of a person, Newcombe": share(holds(newcombe(*c), y - x) for c, x, y in pairs),
        "mean Δ, Student": share([holds(mean_with_interval(counts.deltas), after - before)]),
    }
    if not fit:
        return found
    people_fit = fit_population(counts, rng)
    found |= {
        "mean θ before, hierarchical": share([holds(people_fit.before, before)]),
        "mean θ after, hierarchical": share([holds(people_fit.after, after)]),
        "mean Δ, hierarchical": share([holds(people_fit.delta, after - before)]),
        "spread of true Δ, hierarchical": share([holds(people_fit.spread, spread)]),
        "**share truly improved**, hierarchical": share([holds(people_fit.improved, truth.improved)]),
        "Δ of a person, hierarchical": share(
            holds(e, y - x) for e, (_, x, y) in zip(people_fit.people_delta, pairs, strict=True)
        ),
    }
    return found


def one_pair_study(seed: int) -> Hits:
    rng = np.random.default_rng([12, seed])
    rows = simulate_comparisons(
        STRENGTHS, LISTENERS, PAIRS, rng, person_spread=PERSON_SPREAD, item_spread=0.0, items=ITEMS
    )
    scale = bradley_terry(comparisons_of("abcd", rows), rng, resamples=200)
    truth = marginal_strengths()
    gaps = [holds(scale.differences["a", b], truth[0] - truth[i]) for i, b in enumerate("abcd") if i]
    rows = simulate_comparisons(
        STRENGTHS[:2], LISTENERS, PAIRS, rng, person_spread=PERSON_SPREAD, item_spread=ITEM_SPREAD, items=ITEMS
    )
    wins = np.where(rows[:, 2] == 0, rows[:, 4], 1 - rows[:, 4])
    rate, _ = clustered_rate(wins, rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64))
    return {
        "a system's place, Bradley–Terry": share(
            holds(v, t) for v, t in zip(scale.values, truth - truth.mean(), strict=True)
        ),
        "gap of two systems, Bradley–Terry": share(gaps),
        "preference rate over people and items": share([holds(rate, marginal_rate(STRENGTHS[0] - STRENGTHS[1]))]),
    }


def one_null(seed: int, people: int, trials: int) -> Hits:
    rng = np.random.default_rng([13, seed])
    deltas = simulate_study(no_change(published_truth()), people, trials, rng).counts.deltas
    interval = mean_with_interval(deltas)
    return {
        "sign flips": share([sign_flip(deltas, rng, 999).p < 0.05]),
        "Wilcoxon": share([wilcoxon_test(deltas).p < 0.05]),
        f"Student's interval of the mean Δ {NO_TEST} leaves 0 out": share([not interval.low <= 0 <= interval.high]),
    }


def one_null_of_pairs(seed: int) -> Hits:
    rng = np.random.default_rng([16, seed])
    rows = simulate_comparisons(
        np.zeros(2), LISTENERS, PAIRS, rng, person_spread=PERSON_SPREAD, item_spread=ITEM_SPREAD, items=ITEMS
    )
    wins = np.where(rows[:, 2] == 0, rows[:, 4], 1 - rows[:, 4])
    _, p = clustered_rate(wins, rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64))
    return {"preference rate over people and items": share([p < 0.05])}


_CACHE: dict[str, np.ndarray] = {}


def marginal_rate(gap: float) -> float:
    """Rate over all people and items: each has own deviations of both systems."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    spread = np.sqrt(2 * (PERSON_SPREAD**2 + ITEM_SPREAD**2))
    return float((1 / (1 + np.exp(-(gap + spread * nodes)))) @ weights / weights.sum())


def marginal_strengths() -> np.ndarray:
    """The scale that all people together have; each gap is a little smaller than an average person's."""
    if "strengths" not in _CACHE:
        from ghostnote.study.bradley_terry import fit_strengths

        nodes, weights = np.polynomial.hermite_e.hermegauss(60)
        gaps = STRENGTHS[:, None] - STRENGTHS[None]
        rates = (1 / (1 + np.exp(-(gaps[..., None] + np.sqrt(2) * PERSON_SPREAD * nodes)))) @ weights / weights.sum()
        np.fill_diagonal(rates, 0.0)
        _CACHE["strengths"] = fit_strengths(rates * 1e7)
    return _CACHE["strengths"]


def share(values: Iterable[bool]) -> tuple[float, float]:
    listed = list(values)
    return float(sum(listed)), float(len(listed))


def many(function: Callable[..., Hits], studies: int, *arguments, workers: int) -> dict[str, tuple[float, float]]:
    total: dict[str, np.ndarray] = {}
    with ProcessPoolExecutor(workers) as pool:
        columns = [[a] * studies for a in arguments]
        for found in pool.map(function, range(studies), *columns, chunksize=10):
            for name, pair in found.items():
                total[name] = total.get(name, np.zeros(2)) + pair
    shares = {name: (float(pair[0] / pair[1]), float(pair[1])) for name, pair in total.items()}
    print("\n".join(rows(shares)), flush=True)
    return shares


def marginals(studies: int) -> list[str]:
    truth = published_truth()
    rng = np.random.default_rng(14)
    values = []
    for _ in range(studies):
        counts = simulate_study(truth, PUBLISHED_PEOPLE, PUBLISHED_TRIALS, rng).counts
        deltas = counts.deltas
        first, second = counts.liked_before / PUBLISHED_TRIALS, counts.liked_after / PUBLISHED_TRIALS
        values.append(
            (first.mean(), second.mean(), deltas.mean(), deltas.std(ddof=1), deltas.min(), deltas.max(),
             (deltas > 0).mean(), (deltas > 0.2).mean(), (deltas <= 0).mean())
        )  # fmt: skip
    table = np.array(values)
    low, high = np.quantile(table, [0.025, 0.975], axis=0)
    published = (
        PUBLISHED_BEFORE, PUBLISHED_AFTER, 0.168, PUBLISHED_SPREAD, -0.067, 0.5, 18 / 25, 0.36, 0.28,
    )  # fmt: skip
    names = (
        "mean θ before", "mean θ after", "mean Δ", "sd of Δ as seen", "least Δ", "most Δ", "share with Δ > 0",
        "share with Δ > 0.2", "share with Δ ≤ 0",
    )  # fmt: skip
    lines = ["| | published | simulated, mean | 95 % of simulated studies |", "|---|---|---|---|"]
    for i, name in enumerate(names):
        lines.append(f"| {name} | {published[i]:.3f} | {table[:, i].mean():.3f} | {low[i]:.3f} … {high[i]:.3f} |")
    return lines


def rows(found: dict[str, tuple[float, float]]) -> list[str]:
    return [f"| {name} | {100 * value:.1f} % | {count:,.0f} |" for name, (value, count) in found.items()]


def out_of_bounds(report: str) -> list[str]:
    """Return what the tables of a report have that is out of its bounds, or that they are not there."""
    wrong, tables = [], {"interval": 0, "test": 0}
    kind = ""
    for line in report.splitlines():
        if line.startswith("| interval |"):
            kind = "interval"
        elif line.startswith("| test, p < 0.05 |"):
            kind = "test"
        elif not line.startswith("|"):
            kind = ""
        found = re.fullmatch(r"\| (.+) \| ([\d.]+|nan) % \| [\d,]+ \|", line)
        if not kind or not found:
            continue
        tables[kind] += 1
        name, percent = found[1], float(found[2])
        low, high = INTERVALS_HOLD if kind == "interval" else (0.0, TESTS_ERR)
        if NO_TEST not in name and not low <= percent <= high:
            wrong.append(f"{name}: {percent:g} %, not in {low:g}–{high:g} %")
    return wrong + [f"no {kind} is told of" for kind, count in tables.items() if not count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes [default: one a core]")
    parser.add_argument("--report", type=Path, default=REPORT)
    arguments = parser.parse_args()
    studies, workers = arguments.studies, arguments.workers
    started = time.perf_counter()
    truth = published_truth()
    published = many(one_rating_study, studies, truth, PUBLISHED_PEOPLE, PUBLISHED_TRIALS, workers=workers)
    other = many(one_rating_study, studies, SMALL, 30, 60, workers=workers)
    pairs = many(one_pair_study, studies, workers=workers)
    nulls = {f"{n} people": many(one_null, 20 * studies, n, 30, workers=workers) for n in (12, 25)}
    nulls[f"{LISTENERS} people"] = many(one_null_of_pairs, 10 * studies, workers=workers)
    rng = np.random.default_rng(15)
    plans = [power_of_ratings(truth, people, trials, rng, 300) for people in (8, 12, 25) for trials in (30, 60)]
    weak = fitted_truth(0.372, 0.43, 0.16, 0.15, 30)
    plans += [power_of_ratings(weak, people, trials, rng, 300) for people in (12, 25, 50) for trials in (30, 60)]
    text = [
        "# Coverage of what studies are told",
        "",
        f"Written by `bench/study_coverage.py` on {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}; {studies:,} simulated studies each.",
        "",
        "Simulated participants have a true θ before and after; the number in the last column is how many intervals or",
        "tests were checked. Bound: 95 % intervals hold the truth in 93–97 % of studies; tests are wrong in ≤ 5 %.",
        "",
        f"## Ratings: {PUBLISHED_PEOPLE} people, {PUBLISHED_TRIALS} + {PUBLISHED_TRIALS} loops, as published",
        "",
        f"True: θ {truth.moments()[0]:.3f} → {truth.moments()[1]:.3f}, sd of true Δ {truth.moments()[3]:.3f}, "
        f"{100 * truth.improved:.0f} % of people truly improve.",
        "",
        "| interval | holds the truth | checked |",
        "|---|---|---|",
        *rows(published),
        "",
        "## Ratings: 30 people, 60 + 60 loops, fewer improve",
        "",
        f"True: θ {SMALL.moments()[0]:.3f} → {SMALL.moments()[1]:.3f}, sd of true Δ {SMALL.moments()[3]:.3f}, "
        f"{100 * SMALL.improved:.0f} % of people truly improve.",
        "",
        "| interval | holds the truth | checked |",
        "|---|---|---|",
        *rows(other),
        "",
        f"## Blind pairs: {LISTENERS} people, {PAIRS} pairs each",
        "",
        "| interval | holds the truth | checked |",
        "|---|---|---|",
        *rows(pairs),
        "",
        "## False positives, where nothing changed on average",
        "",
        "Single people still change: the standard deviation of true Δ is that of above.",
        "",
        "| test, p < 0.05 | wrong | checked |",
        "|---|---|---|",
        *[
            f"| {name}, {who} | {100 * value:.2f} % | {count:,.0f} |"
            for who, found in nulls.items()
            for name, (value, count) in found.items()
        ],
        "",
        "## The published study, simulated",
        "",
        "A population is fitted to the published means and the spread of Δ as seen; all else follows.",
        "",
        *marginals(studies),
        "",
        "## Power",
        "",
        "| people | ratings of each arm | mean Δ as seen | found by sign flips | half width of the interval |",
        "|---|---|---|---|---|",
        *[
            f"| {p.people} | {p.trials} | {p.delta:+.3f} | {100 * p.found.value:.0f} % | ± {p.half_width:.3f} |"
            for p in plans
        ],
        "",
        f"Took {(time.perf_counter() - started) / 60:.0f} minutes.",
        "",
    ]  # fmt: skip
    arguments.report.write_text("\n".join(text), encoding="utf-8")
    if wrong := out_of_bounds("\n".join(text)):
        sys.exit("out of bounds:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
