"""Velocity error, pooled over all hits of all windows."""

from __future__ import annotations

from ghostnote.evaluation.hits import PairedHits
from ghostnote.evaluation.metric import Metric, Tally, mean_of, ratio
from ghostnote.evaluation.resolution import MIDI_MAXIMUM
from ghostnote.groove import GrooveBatch


def _absolute_midi(hits: PairedHits) -> Tally:
    return mean_of(abs(hits.estimate_velocities - hits.reference_velocities) * MIDI_MAXIMUM)


VELOCITY_MAE = Metric("velocity_mae", "of 127", _absolute_midi, ratio)


def velocity_mae(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the mean absolute velocity error in MIDI units.

    Returns:
        In 0…127, or NaN if there is no hit.

    Raises:
        InvalidParameter: the batches are not two performances of the same scores.
    """
    return VELOCITY_MAE(reference, estimate)
