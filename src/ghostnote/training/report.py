"""The report on humanizing: who plays the test scores how well, and can a machine tell it from the recordings?"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ghostnote.data import load_performances, load_windows, windows_of
from ghostnote.evaluation import BASELINES, METRICS, Discrimination, Estimate, bootstrap_all, discriminate
from ghostnote.groove import GrooveBatch
from ghostnote.models.performer import load_performer
from ghostnote.training.playing import play_recordings, play_windows
from ghostnote.training.report_figures import draw_by_voice, draw_curves, draw_distributions
from ghostnote.training.runs import read_log
from ghostnote.training.train_recurrent import trained_recurrent

PRODUCT = "Ghostnote performer"
SEEDS = (0, 1, 2)
COLUMNS = {
    "timing_mae_ms": "timing MAE ms",
    "timing_mse_16ths": "MSE 16ths²",
    "velocity_mae": "velocity MAE /127",
    "offset_correlation": "r offset",
    "velocity_correlation": "r velocity",
    "timing_kl": "timing KL",
    "velocity_kl": "velocity KL",
    "timing_kl_gaussian": "timing KL, Gaussian",
    "velocity_kl_gaussian": "velocity KL, Gaussian",
}
ERRORS = tuple(name for name in COLUMNS if "kl" not in name)  # a constant has no distribution to compare
DIGITS = {"timing_mae_ms": 2, "timing_mse_16ths": 4, "velocity_mae": 2}
REPRODUCTIONS = {"seq2seq": "Seq2Seq (reproduced)", "vib": "VIB (reproduced)"}


@dataclass(frozen=True, eq=False)
class Row:
    """One line of a table."""

    name: str
    played: GrooveBatch
    estimates: dict[str, Estimate]
    told_apart: Discrimination | None = None


def write_report(*, archive: Path | None, runs: Path, results: Path, split: str = "test") -> None:
    """Measure every row on `split` and write `humanize.md`, `humanize.json` and the figures to `results`."""
    began = time.monotonic()
    results.mkdir(parents=True, exist_ok=True)
    performances = load_performances(split, archive=archive, metre="4-4")
    real = windows_of(performances)
    train = load_windows("train", archive=archive)
    points: list[Row] = []
    samples: list[Row] = []
    for kind, name, play in _players(train, real, runs):
        _say(began, f"{kind}: {name}")
        played = play()
        told_apart = discriminate(real, played) if kind == "sampled" else None
        row = Row(name, played, bootstrap_all(METRICS, real, played, rng=np.random.default_rng(0)), told_apart)
        (samples if kind == "sampled" else points).append(row)

    performer = load_performer()
    _say(began, "product")
    calm = play_recordings(performer, performances, sample=False)
    points.append(Row(f"**{PRODUCT}**, median", calm, bootstrap_all(METRICS, real, calm, rng=np.random.default_rng(0))))
    takes = []
    for seed in SEEDS:
        take = play_recordings(performer, performances, sample=True, seed=seed)
        estimates = bootstrap_all(METRICS, real, take, rng=np.random.default_rng(0))
        takes.append(Row(f"**{PRODUCT}**, take {seed}", take, estimates, discriminate(real, take)))
    samples.extend(takes)

    logs = {name: read_log(runs / name) for name in REPRODUCTIONS}
    draw_curves({REPRODUCTIONS[k]: log for k, log in logs.items()}, read_log(runs / "performer"), results)
    shown = {row.name.replace("*", ""): row.played for row in samples if row.name in _SHOWN} | {
        PRODUCT: takes[0].played
    }
    draw_distributions(real, shown, results / "humanize-distributions.png")
    draw_by_voice(real, shown, results / "humanize-by-voice.png")
    text = _markdown(split, points, samples, takes, logs, real, time.monotonic() - began)
    (results / "humanize.md").write_text(text, encoding="utf-8")
    numbers = {
        kind: {
            row.name.replace("*", ""): {
                **{name: asdict(estimate) for name, estimate in row.estimates.items()},
                **({"auc": asdict(row.told_apart.auc)} if row.told_apart else {}),
            }
            for row in rows
        }
        for kind, rows in (("point", points), ("sampled", samples))
    }
    (results / "humanize.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    _say(began, f"written to {results}")


_SHOWN = ("quantised, jittered", "Seq2Seq (reproduced), hits drawn freely")


def _players(train: GrooveBatch, real: GrooveBatch, runs: Path) -> Iterator[tuple[str, str, Callable[[], GrooveBatch]]]:
    """Yield (kind of row, name, function that plays the test scores)."""
    for name, fit in BASELINES.items():
        baseline = fit(train)
        label = name.replace("_", "-")
        drawn = f"{label}, one neighbour" if name == "knn" else f"{label}, jittered"
        yield "point", label, partial(baseline.predict, real)
        yield "sampled", drawn, partial(baseline.predict, real, sample=True, rng=np.random.default_rng(0))
    for name, label in REPRODUCTIONS.items():
        network = trained_recurrent(runs / name, name, real)
        yield "point", f"{label}, teacher-forced", partial(play_windows, network, real, "teacher_forced")
        yield "point", f"{label}, free-running", partial(play_windows, network, real, "free")
        yield "sampled", f"{label}, hits drawn freely", partial(play_windows, network, real, "sampled")
        yield "sampled", f"{label}, hits clamped", partial(play_windows, network, real, "sampled_clamped")


def _markdown(
    split: str,
    points: list[Row],
    samples: list[Row],
    takes: list[Row],
    logs: dict[str, list[dict[str, float]]],
    real: GrooveBatch,
    seconds: float,
) -> str:
    calm = points[-1]
    chosen = "Nothing was chosen" if split == "test" else "Models were chosen"
    sampled_seq2seq = [row for row in samples if row.name.startswith(REPRODUCTIONS["seq2seq"])]
    others = [row for row in samples if row not in takes]

    def value(row: Row, metric: str) -> float:
        return row.estimates[metric].value

    def auc(row: Row) -> float:
        return row.told_apart.auc.value if row.told_apart else float("nan")

    def mean(metric: str) -> float:
        return float(np.mean([value(take, metric) for take in takes]))

    best_other = min((row for row in points if row is not calm), key=lambda row: value(row, "timing_mae_ms"))
    baseline_rows = [row for row in others if "reproduced" not in row.name]
    least = {kl: min(value(row, kl) for row in baseline_rows) for kl in ("timing_kl", "velocity_kl")}
    targets = [
        ("median: timing MAE ≤ 19.2 ms", value(calm, "timing_mae_ms"), value(calm, "timing_mae_ms") <= 19.2),
        (
            f"median: timing MAE below every other row ({best_other.name}: {value(best_other, 'timing_mae_ms'):.2f})",
            value(calm, "timing_mae_ms"),
            value(calm, "timing_mae_ms") < value(best_other, "timing_mae_ms"),
        ),
        ("median: velocity MAE ≤ 22", value(calm, "velocity_mae"), value(calm, "velocity_mae") <= 22),
        ("one sample: timing MAE ≤ 25 ms", mean("timing_mae_ms"), mean("timing_mae_ms") <= 25),
    ]
    for kl, words in (("timing_kl", "timing KL"), ("velocity_kl", "velocity KL")):
        half = min(value(row, kl) for row in sampled_seq2seq) / 2
        mine = mean(kl)
        targets.append((f"one sample: {words} ≤ half of sampled Seq2Seq ({half:.3f})", mine, mine <= half))
        targets.append((f"one sample: {words} below every baseline ({least[kl]:.3f})", mine, mine < least[kl]))
    heard = float(np.mean([auc(take) for take in takes]))
    targets.append(("real-or-generated AUC ≤ 0.80", heard, heard <= 0.80))
    lowest = min(auc(row) for row in others)
    targets.append((f"every other row's AUC above 0.80 (lowest {lowest:.3f})", lowest, lowest > 0.80))

    lines = [
        "# Humanizing: results",
        "",
        "Written by `make evaluate`; do not edit. Metrics, bins and smoothing are defined in [metrics](../metrics.md).",
        "",
        f"{split.capitalize()} split of the Groove MIDI Dataset, {len(real):,} windows of two bars (zero-padded, hop "
        f"of one bar), {int(real.hits.sum()):,} hits after the nine-voice, loudest-hit reduction. Baselines are given "
        "hits and tempo of a window, the reproductions its hits, as in the paper. The performer is given the hits of "
        f"the whole recording, its tempo and its style label. {chosen} on this split. In brackets: 95 % bootstrap "
        "intervals over recordings.",
        "",
        "The paper (Gillick et al. 2019) reports 18.80 ms for its Seq2Seq and 22.6 ms for the quantised score; whether "
        "its errors are teacher-forced or free-running is unknown, and its estimator of the KLs could not be checked.",
        "",
        "## Targets",
        "",
        "Figures of one sample are means over three takes (seeds).",
        "",
        "| target | measured | met |",
        "|---|---|---|",
        *(f"| {words} | {measured:.3f} | {'yes' if met else '**no**'} |" for words, measured, met in targets),
        "",
        "## Point predictions",
        "",
        "The best single guess. A low error alone proves little: two drummers who play the same groove differ by "
        "21.6 ms.",
        "",
        *_table(points, ERRORS),
        "",
        "## One sample",
        "",
        "What a listener gets. The discriminator (gradient boosting on the values of a window and on features of its "
        "coherence, cross-validated by recording) says how well real and generated windows can be told apart: 0.5 is "
        "not at all, 1 always. It is the same for all rows.",
        "",
        *_table(samples, tuple(COLUMNS)),
        "",
        "![Distributions](humanize-distributions.png)",
        "",
        "![By voice](humanize-by-voice.png)",
        "",
        "## Training",
        "",
        "| model | epochs | steps | minutes | best validation loss |",
        "|---|---|---|---|---|",
    ]
    for name, log in logs.items():
        best = min(row["validation_loss"] for row in log)
        last = log[-1]
        minutes = last["seconds"] / 60
        lines.append(f"| {REPRODUCTIONS[name]} | {last['epoch']} | {last['steps']} | {minutes:.0f} | {best:.2f} |")
    unfinished = [
        REPRODUCTIONS[name] for name, log in logs.items() if min(log, key=lambda r: r["validation_loss"]) is log[-1]
    ]
    card = load_performer().card
    validation = card["validation"]
    lines += [
        f"| {PRODUCT} | {card['recipe']['epochs']} | {card['training']['steps']} | {card['training']['minutes']} "
        f"| {sum(validation[k] for k in ('velocity_nats', 'offset_nats')):.2f} nats per hit |",
        "",
        "![Learning curves](humanize-curves.png)",
        "",
        *(
            [
                f"{' and '.join(unfinished)}: the validation loss still fell when the hour that a reproduction gets "
                "was over (wall time, on cores shared with other work). These rows show what the network reaches in "
                "these steps, not its best; and only its decoder's inputs are dropped in training, while the released "
                "code drops the encoder's as well. Its velocities are low because the loss counts silent cells too, as "
                "the paper's does: where a hit is not expected, its velocity is drawn towards 0.",
                "",
            ]
            if unfinished
            else []
        ),
        f"Evaluated in {seconds / 60:.0f} minutes on {platform.machine()}, {platform.system()}, Python "
        f"{platform.python_version()}.",
        "",
    ]
    return "\n".join(lines)


def _table(rows: list[Row], metrics: tuple[str, ...]) -> list[str]:
    apart = any(row.told_apart for row in rows)
    head = [*(COLUMNS[name] for name in metrics), *(["AUC"] if apart else [])]
    lines = ["| player | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
    for row in rows:
        cells = [_cell(row.estimates[name], DIGITS.get(name, 3)) for name in metrics]
        if apart:
            cells.append(_cell(row.told_apart.auc, 3) if row.told_apart else "–")
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
    return lines


def _cell(estimate: Estimate, digits: int) -> str:
    if not np.isfinite(estimate.value):
        return "–"
    if not np.isfinite(estimate.low):
        return f"{estimate.value:.{digits}f}"
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def _say(began: float, message: str) -> None:
    print(f"{time.monotonic() - began:6.0f} s  {message}", flush=True)  # noqa: T201 - a command
