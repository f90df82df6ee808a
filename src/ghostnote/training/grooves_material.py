"""What every section of the report on the GrooVAE family is measured on, and what it counts alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ghostnote.data import Performance, count_bars
from ghostnote.evaluation import Estimate, GrooveMetric, bootstrap, discriminate
from ghostnote.evaluation.hits import STEPS_PER_BAR
from ghostnote.groove import GrooveBatch
from ghostnote.training.grooves_text import Row
from ghostnote.training.recurrent import RecurrentNetwork
from ghostnote.training.train_recurrent import trained_recurrent

SEEDS = (0, 1, 2)
PRODUCT = "**Ghostnote**"
GUESS, SAMPLE = "best guess", "one sample"


@dataclass(frozen=True, eq=False)
class Material:
    """What all tasks are measured on.

    Args:
        performances: recordings of the split, in 4/4.
        real: their windows of two bars.
        train: windows that the models learned from.
        runs: where the reproductions' weights lie.
        say: told what is done next.
        resamples: of every bootstrap.
    """

    performances: Sequence[Performance]
    real: GrooveBatch
    train: GrooveBatch
    runs: Path
    say: Callable[[str], None] = lambda message: None
    resamples: int = 1000

    @property
    def full(self) -> GrooveBatch:
        """The windows that do not end in padding, as those of recordings shorter than a window do."""
        lengths = {p.index: count_bars(p) for p in self.performances}
        bars = self.real.hits.shape[1] // STEPS_PER_BAR
        return self.real.take(np.array([lengths[int(i)] >= bars for i in self.real.performances], dtype=bool))

    def network(self, name: str, example: GrooveBatch | None = None) -> RecurrentNetwork:
        """Return the trained reproduction `name`."""
        return trained_recurrent(self.runs / name, name, self.real if example is None else example)

    def estimates(
        self, metrics: Iterable[GrooveMetric], reference: GrooveBatch, estimate: GrooveBatch
    ) -> dict[str, Estimate]:
        """Return metrics by name with intervals by recording, each from the same resamples."""
        return {
            metric.name: bootstrap(metric, reference, estimate, rng=np.random.default_rng(0), resamples=self.resamples)
            for metric in metrics
        }

    def auc(self, real: GrooveBatch, played: GrooveBatch) -> dict[str, Estimate]:
        """Return how well real and played windows are told apart, as `auc`."""
        return {"auc": discriminate(real, played, resamples=self.resamples).auc}


def mean_of_rows(rows: Sequence[Row], metric: str) -> float:
    """Return the mean of a metric over takes."""
    return float(np.mean([row.value(metric) for row in rows]))


def take_name(seed: int) -> str:
    """Return what tables call the take of a seed."""
    return f"{PRODUCT}, take {seed}"
