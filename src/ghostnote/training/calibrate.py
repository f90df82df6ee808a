"""Choose how the performer draws, on validation, by a rule fixed beforehand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ghostnote.data import Performance, windows_of
from ghostnote.evaluation import METRICS, discriminate
from ghostnote.models.checkpoint import Checkpoint
from ghostnote.models.performer import Performer
from ghostnote.training.playing import play_recordings

LARGEST_TIMING_MAE_MS = 25.0
TEMPERATURES = (1.0, 0.95, 0.9, 0.85, 0.8)
RULE = (
    "among the temperatures whose sampled timing MAE on validation is at most 25 ms, the one with the smallest sum of "
    "discriminator AUC, timing KL and velocity KL"
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
    def cost(self) -> float:
        """What the rule minimises."""
        return self.auc + self.timing_kl + self.velocity_kl


def calibrate(checkpoint: Checkpoint, performances: Sequence[Performance], report: Path) -> Trial:
    """Try all `TEMPERATURES`, write them to `report` (JSON) and return the one that the rule chooses."""
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
    allowed = [trial for trial in trials if trial.timing_mae_ms <= LARGEST_TIMING_MAE_MS]
    chosen = min(allowed or trials, key=lambda trial: trial.cost)
    rows = [{k: round(v, 4) for k, v in asdict(trial).items()} for trial in trials]
    chosen_row = {k: round(v, 4) for k, v in asdict(chosen).items()}
    report.write_text(
        json.dumps({"rule": RULE, "chosen": chosen_row, "trials": rows}, indent=2) + "\n", encoding="utf-8"
    )
    return chosen
