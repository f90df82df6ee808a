"""The report on the GrooVAE family as text: rows, tables, targets and sections become Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ghostnote.data import STYLES
from ghostnote.evaluation import Estimate, profile_of
from ghostnote.groove import GrooveBatch

HEADINGS = {
    "hit_precision": "precision",
    "hit_recall": "recall",
    "hit_f1": "hit F1",
    "shared_timing_mae_ms": "timing MAE ms",
    "shared_velocity_mae": "velocity MAE /127",
    "tap_f1": "adherence F1, 20 ms",
    "tap_recall": "taps kept, 20 ms",
    "tap_offset_correlation": "r of offsets",
    "timing_kl_unpaired": "timing KL",
    "velocity_kl_unpaired": "velocity KL",
    "density_profile": "density profile",
    "velocity_profile": "velocity profile",
    "feel_timing_ms": "feel, timing ms",
    "feel_velocity": "feel, velocity /127",
    "nearest_lower": "nearest, lower quartile",
    "nearest_median": "median",
    "nearest_upper": "upper quartile",
    "nearest_ks": "KS to real",
    "equal_scores": "equal scores",
    "copies": "copies",
    "largest_over_mean": "largest / mean step",
    "worst": "95 % of paths below",
    "within": "paths ≤ 2.5",
    "detour": "detour",
    "hits_midway": "hits midway",
    "ends_exact": "ends exact",
    "auc": "AUC",
}
DIGITS = {"shared_timing_mae_ms": 2, "shared_velocity_mae": 2, "feel_timing_ms": 2, "feel_velocity": 2}
PERCENTAGES = ("equal_scores", "copies", "within", "ends_exact")


@dataclass(frozen=True)
class Row:
    """One line of a table: who played, and what was measured by name of the metric."""

    name: str
    estimates: Mapping[str, Estimate]

    def value(self, metric: str) -> float:
        """Return the value of `metric`, NaN if it was not measured."""
        return self.estimates[metric].value if metric in self.estimates else float("nan")


@dataclass(frozen=True)
class Table:
    """Rows and the metrics that are shown of them, under a caption; tables of one key share their rows."""

    key: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Target:
    """What was asked for, what was measured, and whether it is met."""

    words: str
    measured: float
    met: bool


@dataclass(frozen=True)
class Section:
    """What was measured of one task.

    Args:
        title: heading.
        paragraphs: before the tables.
        tables: in order.
        targets: for the table at the top of the report.
        figures: file name by description.
        remarks: after tables and figures.
        shown: grooves that figures and profiles draw on, by name of the player.
    """

    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...]
    targets: tuple[Target, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    shown: Mapping[str, GrooveBatch] = field(default_factory=dict)


def plain(value: float) -> Estimate:
    """Return `value` as an estimate without an interval."""
    return Estimate(float(value), float("nan"), float("nan"))


def format_estimate(estimate: Estimate, name: str) -> str:
    """Return a cell: the value of metric `name` with its interval, a dash where it is undefined."""
    if not np.isfinite(estimate.value):
        return "–"
    if name in PERCENTAGES:
        return f"{100 * estimate.value:.1f} %"
    digits = DIGITS.get(name, 3)
    if not np.isfinite(estimate.low):
        return f"{estimate.value:.{digits}f}"
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def format_table(table: Table) -> list[str]:
    """Return the lines of a table; what a row lacks is a dash."""
    head = ["player", *(HEADINGS[name] for name in table.columns)]
    lines = [table.caption, ""] if table.caption else []
    lines += ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for row in table.rows:
        cells = [format_estimate(row.estimates[name], name) if name in row.estimates else "–" for name in table.columns]
        lines.append("| " + " | ".join([row.name, *cells]) + " |")
    return lines


def format_targets(targets: Iterable[Target]) -> list[str]:
    """Return the table of targets; one that could not be measured is not met."""
    lines = ["| target | measured | met |", "|---|---|---|"]
    for target in targets:
        measured = f"{target.measured:.3f}" if np.isfinite(target.measured) else "–"
        lines.append(f"| {target.words} | {measured} | {'yes' if target.met else '**no**'} |")
    return lines


def format_section(section: Section) -> list[str]:
    """Return the lines of a section."""
    lines = [f"## {section.title}", ""]
    for paragraph in section.paragraphs:
        lines += [paragraph, ""]
    for table in section.tables:
        lines += [*format_table(table), ""]
    for description, file in section.figures.items():
        lines += [f"![{description}]({file})", ""]
    for remark in section.remarks:
        lines += [remark, ""]
    return lines


def format_styles(players: Mapping[str, GrooveBatch]) -> list[str]:
    """Return a table of hits per beat and mean velocity of each style, one column for each player."""
    profiles = {name: profile_of(grooves) for name, grooves in players.items()}
    known = sorted({int(style) for profile in profiles.values() for style in profile.styles if style >= 0})
    lines = ["| style | " + " | ".join(profiles) + " |", "|---" * (len(profiles) + 1) + "|"]
    for style in known:
        cells = []
        for profile in profiles.values():
            place = np.flatnonzero(profile.styles == style)
            if not len(place):
                cells.append("–")
                continue
            density, loud = profile.hits_per_beat[place[0]].sum(), profile.mean_velocities[place[0]]
            cells.append(f"{density:.2f} / {loud:.0f}" if np.isfinite(loud) else f"{density:.2f} / –")
        lines.append(f"| {STYLES[style]} | " + " | ".join(cells) + " |")
    return lines


def format_training(logs: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Return the table of trainings from their logs, by title; those without a log are left out."""
    lines = ["| model | epochs | steps | minutes | best validation loss | still fell at the end |", "|---" * 6 + "|"]
    for title, log in logs.items():
        if not log:
            continue
        losses = [validation_loss(row) for row in log]
        last = log[-1]
        fell = "yes" if len(losses) > 1 and np.argmin(losses) == len(losses) - 1 else "no"
        minutes = last["seconds"] / 60
        lines.append(f"| {title} | {last['epoch']} | {last['steps']:,} | {minutes:.0f} | {min(losses):.2f} | {fell} |")
    return lines


def validation_loss(row: Mapping[str, Any]) -> float:
    """Return the loss that the best epoch was chosen by: a reproduction's, or all nats of a product model together."""
    if "validation_loss" in row:
        return float(row["validation_loss"])
    return float(sum(value for name, value in row.items() if name.endswith("_nats")))


def numbers_of(sections: Mapping[str, Section]) -> dict[str, Any]:
    """Return everything that was measured, for `grooves.json`; what is undefined is null."""
    found: dict[str, Any] = {}
    for name, section in sections.items():
        rows: dict[str, Any] = {}
        for table in section.tables:
            for row in table.rows:
                measured = {metric: _defined(asdict(estimate)) for metric, estimate in row.estimates.items()}
                rows.setdefault(table.key, {}).setdefault(row.name.replace("*", ""), {}).update(measured)
        targets = [_defined(asdict(target)) for target in section.targets]
        profiles = {player: _profile(grooves) for player, grooves in section.shown.items()}
        found[name] = {"tables": rows, "targets": targets, "profiles": profiles}
    return found


def _profile(grooves: GrooveBatch) -> dict[str, Any]:
    profile = profile_of(grooves)
    return {
        (STYLES[style] if style >= 0 else "unknown"): {
            "windows": int(profile.windows[i]),
            "hits_per_beat": [round(float(x), 4) for x in profile.hits_per_beat[i]],
            "velocities": [round(float(x), 2) if np.isfinite(x) else None for x in profile.velocities[i]],
        }
        for i, style in enumerate(profile.styles.tolist())
    }


def _defined(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in numbers.items()
    }
