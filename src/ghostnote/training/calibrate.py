"""Choose how the models draw, on validation, by rules fixed beforehand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ghostnote.data import Performance, windows_of
from ghostnote.evaluation import METRICS, discriminate
from ghostnote.models.checkpoint import Checkpoint
from ghostnote.models.composer import Composer
from ghostnote.models.performer import Performer
from ghostnote.training.grooves_playing import product_generate
from ghostnote.training.playing import play_recordings

LARGEST_TIMING_MAE_MS = 25.0
LARGEST_AUC = 0.78
TEMPERATURES = (1.0, 0.95, 0.9, 0.85, 0.8)
RULE = (
    "the largest temperature, for variety, whose samples on validation have a discriminator AUC of at most 0.78 and a "
    "timing MAE of at most 25 ms; if there is none, the temperature with the lowest AUC"
)


COMPOSER_TEMPERATURES = (1.0, 0.95, 0.9, 0.85)
COMPOSER_RULE = (
    "of 1.0, 0.95, 0.9 and 0.85 the temperature whose generated beats on validation have the lowest discriminator AUC; "
    "a higher one, for variety, if its AUC is at most 0.01 above that"
)


@dataclass(frozen=True)
class Trial:
    """One temperature and what it measured on validation."""

    temperature: float
    timing_mae_ms: float
    velocity_mae: float
    timing_kl: float
    velocity_kl: float
    auc: float

    @property
    def passes(self) -> bool:
        """Whether the rule allows this temperature."""
        return self.auc <= LARGEST_AUC and self.timing_mae_ms <= LARGEST_TIMING_MAE_MS


def calibrate(checkpoint: Checkpoint, performances: Sequence[Performance], report: Path) -> None:
    """Try `TEMPERATURES` from the highest down; write what was measured, and the chosen one, to `report` (JSON)."""
    real = windows_of(performances)
    trials = []
    for temperature in TEMPERATURES:
        card = {**checkpoint.card, "sampling": {"temperature": temperature}}
        performer = Performer(Checkpoint(checkpoint.folder, card))
        played = play_recordings(performer, performances, sample=True, seed=1)
        measured = {metric.name: metric(real, played) for metric in METRICS}
        trial = Trial(
            temperature,
            measured["timing_mae_ms"],
            measured["velocity_mae"],
            measured["timing_kl"],
            measured["velocity_kl"],
            discriminate(real, played, resamples=1).auc.value,
        )
        print(json.dumps({k: round(v, 4) for k, v in asdict(trial).items()}), flush=True)  # noqa: T201 - a command
        trials.append(trial)
        if trial.passes:
            break
    chosen = next((trial for trial in trials if trial.passes), min(trials, key=lambda trial: trial.auc))
    rows = [{k: round(v, 4) for k, v in asdict(trial).items()} for trial in trials]
    chosen_row = {k: round(v, 4) for k, v in asdict(chosen).items()}
    report.write_text(
        json.dumps({"rule": RULE, "chosen": chosen_row, "trials": rows}, indent=2) + "\n", encoding="utf-8"
    )


def calibrate_composer(checkpoint: Checkpoint, performances: Sequence[Performance], report: Path) -> None:
    """Generate beats like those of `performances` at each temperature; write AUCs and the choice to `report` (JSON)."""
    real = windows_of(performances)
    rows = []
    for temperature in COMPOSER_TEMPERATURES:
        card = {**checkpoint.card, "sampling": {"temperature": temperature}}
        composer = Composer(Checkpoint(checkpoint.folder, card))
        made = product_generate(real, seed=1, composer=composer)
        rows.append({"temperature": temperature, "auc": round(discriminate(real, made, resamples=1).auc.value, 4)})
        print(json.dumps(rows[-1]), flush=True)  # noqa: T201 - a command
    lowest = min(row["auc"] for row in rows)
    chosen = next(row for row in rows if row["auc"] <= lowest + 0.01)
    text = json.dumps({"rule": COMPOSER_RULE, "chosen": chosen, "trials": rows}, indent=2)
    report.write_text(text + "\n", encoding="utf-8")
