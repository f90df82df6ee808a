from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from played import Hit, batch_of, silence

from ghostnote.evaluation import density_profile, profile_of, velocity_profile
from ghostnote.groove import GrooveBatch, Voice


def in_styles(hits: list[Hit], *styles: int) -> GrooveBatch:
    return dataclasses.replace(batch_of(hits, tempos_bpm=[120.0] * len(styles)), styles=np.array(styles))


# Two bars are eight beats. Style 3: four kicks and two snares in one window, nothing in the other. Style 5: one ride.
KICKS = [(0, step, 0, 100, 0.0) for step in (0, 8, 16, 24)]
REAL = in_styles([*KICKS, (0, 4, 1, 40, 0.0), (0, 12, 1, 60, 0.0), (2, 0, 8, 30, 0.0)], 3, 3, 5)


def test_profile_of_each_style() -> None:
    profile = profile_of(REAL)
    assert profile.styles.tolist() == [3, 5]
    assert profile.windows.tolist() == [2, 1]
    assert profile.hits_per_beat[0, :3].tolist() == [4 / 16, 2 / 16, 0]
    assert profile.hits_per_beat[1, Voice.RIDE.column] == 1 / 8
    assert profile.velocities[0, :2].tolist() == pytest.approx([100, 50], rel=1e-6)
    assert math.isnan(profile.velocities[0, 2])
    assert profile.mean_velocities.tolist() == pytest.approx([500 / 6, 30], rel=1e-6)


def test_equal_profiles_are_no_distance_whichever_window_has_what() -> None:
    moved = in_styles([(1, s + 1, v, m, o) if g == 0 else (g, s, v, m, o) for g, s, v, m, o in
                       [*KICKS, (0, 4, 1, 40, 0.0), (0, 12, 1, 60, 0.0), (2, 0, 8, 30, 0.0)]], 3, 3, 5)  # fmt: skip
    assert density_profile(REAL, moved) == velocity_profile(REAL, moved) == 0


def test_distances_worked_by_hand() -> None:
    # Two kicks and a snare too many for style 3, no ride at all in style 5; kicks 10 louder, the snares as loud.
    more = [*KICKS, (1, 0, 0, 100, 0.0), (1, 8, 0, 100, 0.0)]
    guess = in_styles([(g, s, v, 110, o) for g, s, v, _, o in more] + [(0, 4, 1, 50, 0.0)] * 1
                      + [(0, 12, 1, 50, 0.0), (0, 14, 1, 50, 0.0)], 3, 3, 5)  # fmt: skip
    # Style 3 has 16 beats, style 5 eight: (2 + 1) / 16 and 1 / 8.
    assert density_profile(REAL, guess) == pytest.approx((16 * 3 / 16 + 8 * 1 / 8) / 24)
    # Only kick (4 real hits) and snare (2) of style 3 are on both sides.
    assert velocity_profile(REAL, guess) == pytest.approx((4 * 10 + 2 * 0) / 6, rel=1e-5)


def test_styles_of_one_side_are_left_out() -> None:
    other = in_styles(KICKS, 7)
    assert math.isnan(density_profile(REAL, other))
    assert math.isnan(velocity_profile(REAL, other))
    assert math.isnan(velocity_profile(silence(), silence()))
    assert density_profile(silence(), silence()) == 0
