"""Did a score take on another groove's feel? How late and how loud each drum is on each 16th, donor against transfer.

The two have different hits, so their habits are compared: for each window the mean offset (and velocity) of each voice
on each of the 16 positions in the bar, over the cells that both have. A habit that is copied as a table scores 0; that
is no proof of a good performance, only that the feel arrived.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import STEPS_PER_BAR, Floats, Integers
from ghostnote.evaluation.metric import Counted, GrooveMetric, mean_of, ratio
from ghostnote.evaluation.resolution import MIDI_MAXIMUM
from ghostnote.groove import GrooveBatch


def position_means(hits: NDArray[np.floating], values: NDArray[np.floating]) -> Floats:
    """Return the mean of `values` at each position in the bar.

    Args:
        hits, values: `(grooves, steps, voices)`, of whole bars of 16 steps.

    Returns:
        `(grooves, 16, voices)`, NaN where there is no hit.

    Raises:
        InvalidParameter: the steps are not whole bars.
    """
    grooves, steps, voices = hits.shape
    if steps % STEPS_PER_BAR:
        raise InvalidParameter(f"windows must be whole bars of {STEPS_PER_BAR} steps; got {steps} steps")
    folded = (grooves, steps // STEPS_PER_BAR, STEPS_PER_BAR, voices)
    count = hits.reshape(folded).sum(axis=1)
    total = (hits * values).reshape(folded).sum(axis=1, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / count)


def _apart(reference: GrooveBatch, estimate: GrooveBatch, quantity: str) -> tuple[Floats, Integers]:
    if reference.hits.shape != estimate.hits.shape:
        raise InvalidParameter(
            f"donors and transferred windows must have one shape; got {reference.hits.shape} and {estimate.hits.shape}"
        )
    one, other = (position_means(side.hits, getattr(side, quantity)) for side in (reference, estimate))
    cells = np.nonzero(np.isfinite(one) & np.isfinite(other))
    return abs(one[cells] - other[cells]), cells[0].astype(np.int64)


def _offsets(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    apart, groove = _apart(reference, estimate, "offsets")
    return Counted(mean_of(apart * estimate.step_milliseconds[groove]), estimate.performances[groove])


def _velocities(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    apart, groove = _apart(reference, estimate, "velocities")
    return Counted(mean_of(apart * MIDI_MAXIMUM), estimate.performances[groove])


FEEL_TIMING_MS = GrooveMetric("feel_timing_ms", "ms", _offsets, ratio)
FEEL_VELOCITY = GrooveMetric("feel_velocity", "of 127", _velocities, ratio)


def feel_timing_ms(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the mean absolute difference of mean offsets by window, position in the bar and voice.

    Args:
        reference: the donors of the feel, one for each window.
        estimate: other scores that were given their feel. Offsets are steps; ms are counted at these windows' tempo.

    Returns:
        In ms, ≥ 0, or NaN if no cell is shared.

    Raises:
        InvalidParameter: shapes differ, or windows are not whole bars.
    """
    return FEEL_TIMING_MS(reference, estimate)


def feel_velocity(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the mean absolute difference of mean velocities, 0…127; as `feel_timing_ms`."""
    return FEEL_VELOCITY(reference, estimate)
