"""How good is a performance, or a groove? Metrics take `(reference, estimate)`; definitions are in docs/metrics.md.

`METRICS` compare performances of the same scores; `HIT_METRICS`, `TAP_METRICS`, `FEEL_METRICS` and
`DISTRIBUTION_METRICS` compare grooves whose hits differ.
"""

from ghostnote.evaluation.adherence import (
    TAP_F1,
    TAP_OFFSET_CORRELATION,
    TAP_RECALL,
    tap_f1,
    tap_offset_correlation,
    tap_recall,
    taps_of,
)
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
from ghostnote.evaluation.feel_error import FEEL_TIMING_MS, FEEL_VELOCITY, feel_timing_ms, feel_velocity
from ghostnote.evaluation.hit_scores import (
    HIT_F1,
    HIT_PRECISION,
    HIT_RECALL,
    SHARED_TIMING_MAE_MS,
    SHARED_VELOCITY_MAE,
    hit_f1,
    hit_precision,
    hit_recall,
    only_voices,
    shared_timing_mae_ms,
    shared_velocity_mae,
)
from ghostnote.evaluation.metric import GrooveMetric, Metric
from ghostnote.evaluation.nearest import Nearest, find_nearest, kolmogorov_smirnov, spread_of_resamples
from ghostnote.evaluation.profiles import (
    DENSITY_PROFILE,
    VELOCITY_PROFILE,
    Profile,
    density_profile,
    profile_of,
    velocity_profile,
)
from ghostnote.evaluation.resolution import round_to_midi
from ghostnote.evaluation.smoothness import PathQuality, groove_distance, path_quality
from ghostnote.evaluation.timing import TIMING_MAE_MS, TIMING_MSE_16THS, timing_mae_ms, timing_mse_16ths
from ghostnote.evaluation.unpaired import (
    TIMING_KL_UNPAIRED,
    VELOCITY_KL_UNPAIRED,
    timing_kl_unpaired,
    velocity_kl_unpaired,
)
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
HIT_METRICS: tuple[GrooveMetric, ...] = (
    HIT_PRECISION,
    HIT_RECALL,
    HIT_F1,
    SHARED_TIMING_MAE_MS,
    SHARED_VELOCITY_MAE,
)
TAP_METRICS: tuple[GrooveMetric, ...] = (TAP_F1, TAP_RECALL, TAP_OFFSET_CORRELATION)
FEEL_METRICS: tuple[GrooveMetric, ...] = (FEEL_TIMING_MS, FEEL_VELOCITY)
DISTRIBUTION_METRICS: tuple[GrooveMetric, ...] = (
    TIMING_KL_UNPAIRED,
    VELOCITY_KL_UNPAIRED,
    DENSITY_PROFILE,
    VELOCITY_PROFILE,
)

__all__ = [
    "BASELINES",
    "DISTRIBUTION_METRICS",
    "FEEL_METRICS",
    "HIT_METRICS",
    "METRICS",
    "TAP_METRICS",
    "Baseline",
    "Clue",
    "Discrimination",
    "Estimate",
    "Explanation",
    "GrooveMetric",
    "Metric",
    "Nearest",
    "PathQuality",
    "Profile",
    "bootstrap",
    "bootstrap_all",
    "density_profile",
    "discriminate",
    "explain_discriminator",
    "feel_timing_ms",
    "feel_velocity",
    "find_nearest",
    "groove_distance",
    "hit_f1",
    "hit_precision",
    "hit_recall",
    "kolmogorov_smirnov",
    "offset_correlation",
    "only_voices",
    "path_quality",
    "profile_of",
    "round_to_midi",
    "shared_timing_mae_ms",
    "shared_velocity_mae",
    "spread_of_resamples",
    "tap_f1",
    "tap_offset_correlation",
    "tap_recall",
    "taps_of",
    "timing_kl",
    "timing_kl_gaussian",
    "timing_kl_unpaired",
    "timing_mae_ms",
    "timing_mse_16ths",
    "velocity_correlation",
    "velocity_kl",
    "velocity_kl_gaussian",
    "velocity_kl_unpaired",
    "velocity_mae",
    "velocity_profile",
]
