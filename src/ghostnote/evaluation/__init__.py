"""How good is a performance of a score? Metrics take `(reference, estimate)`; definitions are in docs/metrics.md."""

from ghostnote.evaluation.baselines import BASELINES, Baseline
from ghostnote.evaluation.bootstrap import Estimate, bootstrap, bootstrap_all
from ghostnote.evaluation.correlation import (
    OFFSET_CORRELATION,
    VELOCITY_CORRELATION,
    offset_correlation,
    velocity_correlation,
)
from ghostnote.evaluation.discriminator import Clue, Discrimination, Explanation, discriminate, explain_discriminator
from ghostnote.evaluation.divergence import (
    TIMING_KL,
    TIMING_KL_GAUSSIAN,
    VELOCITY_KL,
    VELOCITY_KL_GAUSSIAN,
    timing_kl,
    timing_kl_gaussian,
    velocity_kl,
    velocity_kl_gaussian,
)
from ghostnote.evaluation.metric import Metric
from ghostnote.evaluation.resolution import round_to_midi
from ghostnote.evaluation.timing import TIMING_MAE_MS, TIMING_MSE_16THS, timing_mae_ms, timing_mse_16ths
from ghostnote.evaluation.velocity import VELOCITY_MAE, velocity_mae

METRICS: tuple[Metric, ...] = (
    TIMING_MAE_MS,
    TIMING_MSE_16THS,
    VELOCITY_MAE,
    OFFSET_CORRELATION,
    VELOCITY_CORRELATION,
    TIMING_KL,
    VELOCITY_KL,
    TIMING_KL_GAUSSIAN,
    VELOCITY_KL_GAUSSIAN,
)

__all__ = [
    "BASELINES",
    "METRICS",
    "Baseline",
    "Clue",
    "Discrimination",
    "Estimate",
    "Explanation",
    "Metric",
    "bootstrap",
    "bootstrap_all",
    "discriminate",
    "explain_discriminator",
    "offset_correlation",
    "round_to_midi",
    "timing_kl",
    "timing_kl_gaussian",
    "timing_mae_ms",
    "timing_mse_16ths",
    "velocity_correlation",
    "velocity_kl",
    "velocity_kl_gaussian",
    "velocity_mae",
]
