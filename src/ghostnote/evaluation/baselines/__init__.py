"""Simple performers of scores, fitted on training windows: the rows that a model has to beat."""

from collections.abc import Callable

from ghostnote.evaluation.baselines.baseline import Baseline
from ghostnote.evaluation.baselines.constant import fit_mean_table, fit_quantised, fit_train_mean
from ghostnote.evaluation.baselines.linear import fit_linear
from ghostnote.evaluation.baselines.neighbours import fit_knn
from ghostnote.evaluation.baselines.network import fit_mlp
from ghostnote.groove import GrooveBatch

BASELINES: dict[str, Callable[[GrooveBatch], Baseline]] = {
    "quantised": fit_quantised,
    "train_mean": fit_train_mean,
    "mean_table": fit_mean_table,
    "linear": fit_linear,
    "knn": fit_knn,
    "mlp": fit_mlp,
}

__all__ = [
    "BASELINES",
    "Baseline",
    "fit_knn",
    "fit_linear",
    "fit_mean_table",
    "fit_mlp",
    "fit_quantised",
    "fit_train_mean",
]
