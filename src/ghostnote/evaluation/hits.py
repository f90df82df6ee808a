"""The hits of a reference and of an estimate of the same score, side by side: what every pooled metric reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove import GrooveBatch

STEPS_PER_BAR = 16

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PairedHits:
    """Every hit of two performances of one score, one row each, over all grooves of a batch.

    Args:
        reference_velocities, estimate_velocities: `(hits,)`, in [0, 1].
        reference_offsets, estimate_offsets: `(hits,)`, in [-0.5, 0.5) steps, positive is late.
        step_milliseconds: `(hits,)`, length of a 16th at the hit's tempo.
        voices: `(hits,)`, column of the voice, 0…8.
        positions: `(hits,)`, 16th within the bar, 0…15.
        performances: `(hits,)`, id of the recording.
    """

    reference_velocities: Floats
    estimate_velocities: Floats
    reference_offsets: Floats
    estimate_offsets: Floats
    step_milliseconds: Floats
    voices: Integers
    positions: Integers
    performances: Integers

    def __len__(self) -> int:
        return len(self.voices)


def pair_hits(reference: GrooveBatch, estimate: GrooveBatch) -> PairedHits:
    """Return the hits of both batches in rows; grooves are bars of 4/4 in 16ths, from the start of a bar.

    Hits of overlapping windows count once in each window: that is the paper's pooling.

    Raises:
        InvalidParameter: the batches differ in shape, in hits or in tempos.
    """
    if reference.hits.shape != estimate.hits.shape:
        raise InvalidParameter(
            f"reference and estimate must have one shape; got {reference.hits.shape} and {estimate.hits.shape}"
        )
    differing = int((reference.hits != estimate.hits).sum())
    if differing:
        raise InvalidParameter(
            f"reference and estimate must have the same hits; they differ in {differing} cells. "
            "Is the estimate made with reference.with_performance()?"
        )
    if not np.array_equal(reference.tempos_bpm, estimate.tempos_bpm):
        raise InvalidParameter("reference and estimate must have the same tempos_bpm. Are the grooves in one order?")
    groove, step, voice = np.nonzero(reference.hits)
    cells = (groove, step, voice)
    return PairedHits(
        reference_velocities=reference.velocities[cells].astype(np.float64),
        estimate_velocities=estimate.velocities[cells].astype(np.float64),
        reference_offsets=reference.offsets[cells].astype(np.float64),
        estimate_offsets=estimate.offsets[cells].astype(np.float64),
        step_milliseconds=reference.step_milliseconds[groove].astype(np.float64),
        voices=voice.astype(np.int64),
        positions=(step % STEPS_PER_BAR).astype(np.int64),
        performances=reference.performances[groove].astype(np.int64),
    )
