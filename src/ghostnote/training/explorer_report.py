"""The report on the explorer: from the runs that are there to `explorer.md`, `explorer.json` and figures."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.evaluation.listeners import Listener, draw_listeners
from ghostnote.evaluation.preference import mean_of, over_listeners
from ghostnote.training import explorer_figures as figures
from ghostnote.training.explorer_measures import (
    RESAMPLES,
    WANTED_RATE,
    Comparison,
    Measures,
    compare,
    gains_of,
    liked_of,
    measure,
)
from ghostnote.training.explorer_sanity import Sanity, check_listeners
from ghostnote.training.explorer_simulation import RATINGS, Run, read_runs
from ghostnote.training.explorer_tables import (
    WHAT,
    format_calibration,
    format_checkpoints,
    format_comparisons,
    format_count,
    format_diversity,
    format_estimate,
    format_kinds,
    format_main,
    format_percent,
    format_runs,
    format_sanity,
    format_signed,
    format_table,
    format_true,
)
from ghostnote.training.explorer_worlds import World

MAIN = figures.MAIN
LEAST_DIVERSITY, MOST_UNIMPROVED = 0.70, 0.04
FACTORS = {"mended": 2.0, "original": 3.0}


@dataclass(frozen=True)
class Target:
    """What was asked for, what was measured, and whether it is met; None if it could not be measured."""

    words: str
    measured: str
    met: bool | None


def write_explorer_report(
    worlds: Mapping[str, World], runs: Path, results: Path, *, say: Callable[[str], None] = lambda line: None
) -> None:
    """Measure the runs in the folder `runs`; write `explorer.md`, `explorer.json` and figures to `results`.

    Args:
        worlds: by name; runs of others are left out.
        runs: folder of `run_all`.
        results: folder to write to.
        say: told of runs that are left out.

    Raises:
        InvalidParameter: there are no runs that are still about the same sounds and listeners.
    """
    listeners = {listener.name: listener for listener in draw_listeners()}
    everything = read_runs(runs)
    valid = [run for run in everything if _is_valid(run, listeners, worlds)]
    if len(valid) < len(everything):
        say(f"{len(everything) - len(valid)} runs are left out: sounds, listeners or worlds are others since")
    if not valid:
        raise InvalidParameter(f"runs must hold runs of the explorer on these sounds; {runs} holds none")
    by_method = _by_method(valid)
    measures = {name: measure(name, found) for name, found in by_method.items()}
    mine = by_method.get("product", [])
    comparisons = [
        c for name in MAIN if name != "product" and (c := compare(mine, by_method.get(name, []))) is not None
    ]
    ablations, pairs = compare_ablations(by_method)
    sanity, likeness = {}, {}
    for name, world in worlds.items():
        sanity[name], likeness[name] = check_listeners(list(listeners.values()), world)
    results.mkdir(parents=True, exist_ok=True)
    _draw(by_method, measures, ablations, pairs, results)
    text = format_report(by_method, measures, comparisons, ablations, pairs, listeners, sanity, likeness)
    (results / "explorer.md").write_text(text, encoding="utf-8")
    numbers = {
        "targets": list_targets(measures, comparisons),
        "measures": measures,
        "comparisons": comparisons,
        "ablations": {name: {"gain": gain, "liked": liked} for name, (gain, liked) in ablations.items()},
        "listeners": {name: listener.words for name, listener in listeners.items()},
        "sanity": sanity,
        "machine": describe_machine(),
    }
    (results / "explorer.json").write_text(json.dumps(_plain(numbers), indent=1, sort_keys=True) + "\n", "utf-8")


def _is_valid(run: Run, listeners: Mapping[str, Listener], worlds: Mapping[str, World]) -> bool:
    world, listener = worlds.get(run.world), listeners.get(run.listener)
    return world is not None and listener is not None and run.fingerprint == world.fingerprint(listener)


def _by_method(runs: Iterable[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.listener, run.seed)):
        found.setdefault(run.method, []).append(run)
    known = [name for name in WHAT if name in found]
    return {name: found[name] for name in (*known, *sorted(set(found) - set(known)))}


def compare_ablations(
    by_method: Mapping[str, Sequence[Run]],
) -> tuple[dict[str, tuple[Estimate, Estimate]], int]:
    """Return Δθ, and the share liked of all rated proposals, of the product, its ablations and random.

    All on the runs that every one of them has; and how many these are.
    """
    names = [name for name in by_method if name not in ("original", "mended")]
    if "product" not in names or len(set(names) - {"product", "random"}) == 0:
        return {}, 0
    names = ["product", *(name for name in names if name not in ("product", "random")), "random"]
    names = [name for name in names if name in by_method]
    shared = set.intersection(*({(run.listener, run.seed) for run in by_method[name]} for name in names))
    if not shared:
        return {}, 0
    found = {}
    for name in names:
        runs = [run for run in by_method[name] if (run.listener, run.seed) in shared]
        rng = np.random.default_rng(0)
        gain, liked = (
            over_listeners(mean_of(values), [run.listener for run in runs], rng, resamples=RESAMPLES)
            for values in (gains_of(runs), liked_of(runs).mean(axis=1))
        )
        found[name] = (gain, liked)
    return found, len(shared)


def list_targets(measures: Mapping[str, Measures], comparisons: Sequence[Comparison]) -> list[Target]:
    """Return the targets of the issue with what was measured of them."""
    product = measures.get("product")
    if product is None:
        return [Target("everything", "there are no runs of the product", None)]
    by_other = {comparison.other: comparison for comparison in comparisons}
    found = []
    for other, factor in FACTORS.items():
        words = f"mean Δθ ≥ {factor:g} × {other}"
        c = by_other.get(other)
        if c is None:
            found.append(Target(words, "no shared runs", None))
            continue
        gains = f"{format_signed(c.gain)} against {format_signed(c.other_gain)}"
        measured = f"{gains}: {format_estimate(c.ratio, 1)} × ({c.pairs} pairs of runs)"
        found.append(Target(words, measured, c.gain.value > 0 and c.gain.value >= factor * c.other_gain.value))
    words = f"ratings to reach θ = {WANTED_RATE:g}: ≤ 1/3 of mended"
    if (c := by_other.get("mended")) is None:
        found.append(Target(words, "no shared runs", None))
    else:
        theirs = min(c.other_reached.value, RATINGS)
        measured = f"{format_count(c.reached)} against {format_count(c.other_reached)} ({c.pairs} pairs of runs)"
        found.append(Target(words, measured, c.reached.value <= theirs / 3))
    found.append(
        Target(
            f"share of listeners with Δθ ≤ 0: ≤ {MOST_UNIMPROVED:.0%}",
            f"{format_percent(product.unimproved)} of {product.runs} runs",
            product.unimproved.value <= MOST_UNIMPROVED,
        )
    )
    found.append(
        Target(
            f"diversity of the last 30: ≥ {LEAST_DIVERSITY:.0%} of random's, patterns and sound",
            f"{format_percent(product.patterns)} and {format_percent(product.sound)}",
            min(product.patterns.value, product.sound.value) >= LEAST_DIVERSITY,
        )
    )
    return found


def format_report(
    by_method: Mapping[str, Sequence[Run]],
    measures: Mapping[str, Measures],
    comparisons: Sequence[Comparison],
    ablations: Mapping[str, tuple[Estimate, Estimate]],
    pairs: int,
    listeners: Mapping[str, Listener],
    sanity: Mapping[str, Sequence[Sanity]],
    likeness: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]],
) -> str:
    """Return the report in Markdown."""
    parts = [
        "# The explorer: results\n",
        "Written by `make evaluate`; do not edit. All measures are defined in [metrics](../metrics-explorer.md). "
        "Listeners are simulated: method is compared with method, and no number here stands beside those of people. In "
        "brackets: 95 % bootstrap intervals over listeners.\n",
        "## Targets\n",
        format_table(
            ("target", "measured", "met"),
            [
                (t.words, t.measured, "not measured" if t.met is None else "yes" if t.met else "**no**")
                for t in list_targets(measures, comparisons)
            ],
        ),
        "Targets of speed and of safety are measured in `bench/`.\n",
        "## Runs\n",
        format_runs(by_method, len(listeners)),
        "## Before and after\n",
        "Answers as given, noise included. *Before* are the same 30 random loops for all; *after* are 30 proposals "
        "after 80 ratings, without learning. Each row has the runs that are there; fair comparisons follow below.\n",
        format_main(measures),
        "![Share of proposals that are liked](explorer-curves.png)\n",
        "![Before and after, by listener](explorer-gains.png)\n",
    ]
    if comparisons:
        parts += ["Run against run, the same listener, sounds, seed and noise:\n", format_comparisons(comparisons)]
    parts += [
        *format_checkpoints(by_method),
        "The true taste, which nobody is told:\n",
        format_true(measures),
        "By what the taste hangs on, Δθ as given:\n",
        format_kinds(by_method, listeners),
        "## Diversity\n",
        "Of the 30 loops after 80 ratings, and of the last 30 that were rated on the way, against the 30 random ones "
        "before.\n",
        format_diversity(measures),
        "![Diversity](explorer-diversity.png)\n",
        "## Calibration\n",
        "P(like) as the critic has it against the answer as given. Proposals are chosen for their P(like), which "
        "flatters it; random loops are not. AUC is against the true taste. *Random* says the share of likes so far.\n",
        format_calibration(measures),
        "![Reliability](explorer-reliability.png)\n",
        "## What each part is worth\n",
    ]
    if ablations:
        rows = [
            (name, WHAT.get(name, ""), format_signed(g), format_percent(liked))
            for name, (g, liked) in ablations.items()
        ]
        parts += [
            f"On the {pairs} runs that all of them have.\n",
            format_table(("", "what it is", "Δθ", "liked of 80 on the way"), rows),
            "![What each part is worth](explorer-ablations.png)\n",
        ]
    else:
        parts.append("No runs of ablations are there that the product has too.\n")
    parts += ["## Listeners\n", format_sanity(listeners, sanity, likeness), f"\n{describe_machine()}\n"]
    return "\n".join(parts)


def _draw(
    by_method: Mapping[str, Sequence[Run]],
    measures: Mapping[str, Measures],
    ablations: Mapping[str, tuple[Estimate, Estimate]],
    pairs: int,
    results: Path,
) -> None:
    figures.draw_curves(by_method, results / "explorer-curves.png")
    figures.draw_gains(by_method, results / "explorer-gains.png")
    figures.draw_reliability(measures, results / "explorer-reliability.png")
    figures.draw_diversity(measures, results / "explorer-diversity.png", wanted=LEAST_DIVERSITY)
    if ablations:
        figures.draw_ablations(ablations, results / "explorer-ablations.png", pairs=pairs)


def describe_machine() -> str:
    """Return one sentence on the machine."""
    return (
        f"Measured on {os.cpu_count()} cores of {platform.machine()}, {platform.system()}, Python "
        f"{platform.python_version()}, one thread for each run, other work beside it: seconds are no benchmark."
    )


def _plain(value: Any) -> Any:
    """Return `value` as JSON values: rounded, and None for what is not finite."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    return round(float(value), 4) if np.isfinite(value) else None
