"""What every section of the report on the GrooVAE family is measured on, and what it counts alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ghostnote.data import Performance, groove_of, index_windows
from ghostnote.evaluation import Estimate, GrooveMetric, bootstrap, discriminate
from ghostnote.groove import GrooveBatch
from ghostnote.groove.transforms import tap, thin
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


def thinned_taps(performances: Sequence[Performance], real: GrooveBatch, *, dropped: float, seed: int) -> GrooveBatch:
    """Return the taps of whole recordings with hits dropped, cut into windows like `real`, `(windows, steps, 1)`.

    Args:
        real: `windows_of(performances)`.
        dropped: see `thin`.
        seed: with the recording's index, of what is dropped; as `product_drumify` drops it.
    """
    index = index_windows(performances)
    steps = real.hits.shape[1]
    arrays = np.zeros((3, len(real), steps, 1), dtype=np.float32)
    for place, performance in enumerate(performances):
        windows = np.flatnonzero(index.places == place)
        if not len(windows):
            continue
        left = thin(tap(groove_of(performance)), dropped, np.random.default_rng((seed, performance.index)))
        for window in windows:
            start = int(index.start_bars[window]) * steps // index.bars
            for array, values in zip(arrays, (left.hits, left.velocities, left.offsets), strict=True):
                part = values[start : start + steps]
                array[window, : len(part)] = part
    hits, velocities, offsets = arrays
    return GrooveBatch(hits, velocities, offsets, real.tempos_bpm, real.performances, real.start_bars, real.styles)
