from __future__ import annotations

import numpy as np
from played import batch_of

from ghostnote.evaluation import round_to_midi
from ghostnote.evaluation.resolution import to_midi_velocities, to_ticks


def test_recorded_values_stay_as_they_are() -> None:
    velocities, ticks = np.arange(1, 128), np.arange(-60, 60)
    np.testing.assert_array_equal(to_midi_velocities((velocities / 127).astype(np.float32)), velocities)
    np.testing.assert_array_equal(to_ticks((ticks / 120).astype(np.float32)), ticks)


def test_ends_stay_within_range() -> None:
    assert to_midi_velocities(np.array([0.0, 1.0])).tolist() == [1, 127]
    assert to_ticks(np.array([-0.5, 0.4999])).tolist() == [-60, 59]


def test_rounding_goes_to_the_nearest() -> None:
    assert to_ticks(np.array([0.4 / 120, 0.6 / 120, -0.4 / 120, -0.6 / 120])).tolist() == [0, 1, 0, -1]


def test_rounded_batch_keeps_empty_cells_empty() -> None:
    rounded = round_to_midi(batch_of([(0, 3, 1, 64.3, 0.1001)]))
    assert rounded.hits.sum() == 1
    assert np.count_nonzero(rounded.velocities) == 1
    assert rounded.velocities[0, 3, 1] == np.float32(64 / 127)
    assert rounded.offsets[0, 3, 1] == np.float32(12 / 120)
