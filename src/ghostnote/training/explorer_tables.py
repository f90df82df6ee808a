"""Tables of the report on the explorer, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.evaluation.listeners import Listener
from ghostnote.training import explorer_figures as figures
from ghostnote.training.explorer_measures import (
    WANTED_RATE,
    Comparison,
    Measures,
    gains_of,
)
from ghostnote.training.explorer_sanity import Sanity
from ghostnote.training.explorer_simulation import RATINGS, Run

WHAT = {
    "random": "random loops for ever",
    "original": "DeepDrummer's algorithm as released",
    "mended": "the same with its faults mended",
    "product": "Ghostnote's engine",
    "without-encoder": "plain statistics of the log-mel levels in place of the encoder",
    "without-rows": "no pattern is read: what rows do is told by ear",
    "without-head": "logistic regression with a ridge in place of the Bayesian head",
    "best-of-random": "the best of 1,000 random loops in place of the search",
    "hill-climb": "greedy hill climbing of 100 mutations in place of the search",
    "metropolis": "a Metropolis chain of 100 mutations in place of the search",
    "without-openers": "no openers",
}


def format_runs(by_method: Mapping[str, Sequence[Run]], everyone: int) -> str:
    """Return which runs are there, and what is missing."""
    rows = []
    for name, runs in by_method.items():
        worlds = [sum(run.world == world for run in runs) for world in ("synthesised", "recorded")]
        seeds = ", ".join(str(seed) for seed in sorted({run.seed for run in runs}))
        who = f"{len({run.listener for run in runs})} of {everyone}"
        rows.append((name, WHAT.get(name, ""), str(len(runs)), who, seeds, f"{worlds[0]} + {worlds[1]}"))
    table = format_table(("method", "what it is", "runs", "listeners", "seeds", "sounds of ours + recorded"), rows)
    missing = [name for name in figures.MAIN if len({run.listener for run in by_method.get(name, [])}) < everyone]
    if not missing:
        return table
    return table + (
        f"\n**Not all runs are there** ({', '.join(missing)}): a run of a baseline takes ten minutes and more of a "
        "core. Listeners are run in an order in which each beginning is balanced over kinds and noises; `python -m "
        "ghostnote.training explorer` goes on where it stopped.\n"
    )


def format_main(measures: Mapping[str, Measures]) -> str:
    """Return what was liked before and after, by method."""
    heads = (
        "method",
        "runs",
        "θ before",
        "θ after",
        "Δθ",
        "Δθ ≤ 0",
        f"ratings to {WANTED_RATE:g}",
        "by listener: median (reached)",
        "seconds per rating: median, p95",
    )
    rows = [
        (
            m.method,
            str(m.runs),
            format_estimate(m.before),
            format_estimate(m.after),
            format_signed(m.gain),
            format_percent(m.unimproved),
            format_count(m.reached),
            f"{_number(m.own_reached)} ({m.own_share:.0%})",
            f"{m.median_seconds:.2f}, {m.late_seconds:.2f}",
        )
        for m in measures.values()
    ]
    return format_table(heads, rows)


def format_comparisons(comparisons: Sequence[Comparison]) -> str:
    """Return the product run against run with each baseline."""
    heads = ("product against", "pairs", "Δθ", "its Δθ", "more", "ratio", f"ratings to {WANTED_RATE:g}", "its ratings")
    rows = [
        (
            c.other,
            str(c.pairs),
            format_signed(c.gain),
            format_signed(c.other_gain),
            format_signed(c.more),
            format_estimate(c.ratio, 1),
            format_count(c.reached),
            format_count(c.other_reached),
        )
        for c in comparisons
    ]
    return format_table(heads, rows)


def format_checkpoints(by_method: Mapping[str, Sequence[Run]]) -> list[str]:
    """Return the table of θ at several numbers of ratings, for the methods that were examined at them."""
    rows, heads = [], []
    for name, runs in by_method.items():
        counts = sorted(set.intersection(*(set(run.examined) for run in runs)))
        if len(counts) > 1:
            rates = [np.mean([np.mean(run.examined[n].liked) for run in runs]) for n in counts]
            before = np.mean([np.mean(run.before.liked) for run in runs])
            rows.append((name, *(f"{rate:.2f}" for rate in (before, *rates))))
            heads = ["method", "0", *map(str, counts)]
    return ["θ without learning, after so many ratings:\n", format_table(heads, rows)] if rows else []


def format_true(measures: Mapping[str, Measures]) -> str:
    """Return the true taste before and after."""
    rows = [
        (m.method, format_estimate(m.true_before), format_estimate(m.true_after), format_signed(m.true_gain))
        for m in measures.values()
    ]
    return format_table(("method", "truly liked before", "after", "difference"), rows)


def format_kinds(by_method: Mapping[str, Sequence[Run]], listeners: Mapping[str, Listener]) -> str:
    """Return the gains by kind of taste."""
    groups: dict[str, Callable[[Run], bool]] = {
        kind: lambda run, kind=kind: listeners[run.listener].kind == kind  # type: ignore[misc]
        for kind in ("timbre", "rhythm", "both")
    }
    for noise in (0.0, 0.1, 0.2):
        groups[f"noise {noise:.0%}"] = lambda run, noise=noise: (
            listeners[run.listener].group == "steady"  # type: ignore[misc]
            and listeners[run.listener].noise == noise
        )
    for group in ("drifting", "rare"):
        groups[group] = lambda run, group=group: listeners[run.listener].group == group  # type: ignore[misc]
    groups["sounds of ours"] = lambda run: run.world == "synthesised"
    groups["recorded"] = lambda run: run.world == "recorded"
    shown = [name for name in figures.MAIN if name in by_method]
    rows = []
    for words, fits in groups.items():
        cells = []
        for name in shown:
            gains = gains_of([run for run in by_method[name] if fits(run)])
            cells.append(f"{gains.mean():+.2f} ({len(gains)})" if len(gains) else "–")
        rows.append((words, *cells))
    return format_table(("listeners", *(f"{name} (runs)" for name in shown)), rows)


def format_diversity(measures: Mapping[str, Measures]) -> str:
    """Return how different the proposals are from each other."""
    rows = [
        (m.method, *(format_percent(e) for e in (m.patterns, m.sound, m.patterns_late, m.sound_late)))
        for m in measures.values()
    ]
    return format_table(
        ("method", "after: patterns", "after: sound", "on the way: patterns", "on the way: sound"), rows
    )


def format_calibration(measures: Mapping[str, Measures]) -> str:
    """Return how far P(like) can be believed."""
    rows = []
    for m in measures.values():
        if m.calibration is None:
            continue
        chance = m.chance_calibration
        cells = ("–", "–") if chance is None else (f"{chance.ece:.3f}", f"{chance.brier:.3f}")
        auc = "–" if m.auc is None else format_estimate(m.auc)
        rows.append((m.method, f"{m.calibration.ece:.3f}", f"{m.calibration.brier:.3f}", *cells, auc))
    return format_table(("method", "proposals: ECE", "Brier", "random loops: ECE", "Brier", "AUC"), rows)


def format_sanity(
    listeners: Mapping[str, Listener],
    sanity: Mapping[str, Sequence[Sanity]],
    likeness: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]],
) -> str:
    """Return who the listeners are, and whether their tastes can be learned."""
    words = [
        "Rates on random loops that set no threshold; *probe*: AUC of a ridge regression on the true traits from 80 "
        "noisy answers, and the share truly liked of its best 3 %. Both are given for sounds of ours / recorded ones. "
        "A wish with a level in brackets is for just so much, neither more nor less.\n"
    ]
    rows = []
    for i, (name, listener) in enumerate(listeners.items()):
        found = [checked[i] for checked in sanity.values()]
        rows.append(
            (
                name,
                listener.words,
                f"{listener.rate:.2f}",
                " / ".join(f"{s.rate:.2f}" for s in found),
                " / ".join(f"{s.true_rate:.2f}" for s in found),
                " / ".join(f"{s.auc:.2f}, {s.best:.2f}" for s in found),
            )
        )
    words.append(format_table(("listener", "", "wanted", "likes", "truly", "probe"), rows))
    for name, matrix in likeness.items():
        pairs = matrix[np.triu_indices(len(matrix), 1)]
        mean = float(
            np.mean([s.rate for s, who in zip(sanity[name], listeners.values(), strict=True) if who.group != "rare"])
        )
        words.append(
            f"{name}: mean rate of the listeners that are not rare {mean:.3f}; correlations of true likes between "
            f"listeners: mean size {np.abs(pairs).mean():.2f}, from {pairs.min():.2f} to {pairs.max():.2f}.\n"
        )
    return "\n".join(words)


def format_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def format_estimate(e: Estimate, digits: int = 2) -> str:
    """Return an estimate with its interval."""
    if not np.isfinite(e.value):
        return "–"
    if not np.isfinite(e.low):
        return f"{e.value:.{digits}f}"
    return f"{e.value:.{digits}f} [{e.low:.{digits}f}, {e.high:.{digits}f}]"


def format_signed(e: Estimate) -> str:
    """Return a difference with its interval."""
    if not np.isfinite(e.low):
        return f"{e.value:+.2f}"
    return f"{e.value:+.2f} [{e.low:+.2f}, {e.high:+.2f}]"


def format_percent(e: Estimate) -> str:
    """Return a share with its interval."""
    if not np.isfinite(e.low):
        return f"{e.value:.0%}"
    return f"{e.value:.0%} [{e.low:.0%}, {e.high:.0%}]"


def format_count(e: Estimate) -> str:
    """Return a number of ratings with its interval."""
    if np.isnan(e.low):
        return _number(e.value)
    return f"{_number(e.value)} [{_number(e.low)}, {_number(e.high)}]"


def _number(value: float) -> str:
    return f"{value:.0f}" if np.isfinite(value) else f"> {RATINGS}"
