from __future__ import annotations

import math

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import groove_distance, path_quality
from ghostnote.groove import VOICES, Grid, Groove


def groove(*hits: tuple[int, int, float, float], bars: int = 1) -> Groove:
    """A groove of `(step, voice, velocity, offset)`."""
    arrays = np.zeros((3, 16 * bars, len(VOICES)), dtype=np.float32)
    for step, voice, velocity, offset in hits:
        arrays[:, step, voice] = 1, velocity, offset
    return Groove(*arrays, Grid.uniform(bars))


ONE = groove((0, 0, 0.5, 0.0), (4, 1, 1.0, 0.1))


def test_equal_grooves_are_no_distance_apart() -> None:
    assert groove_distance(ONE, groove((0, 0, 0.5, 0.0), (4, 1, 1.0, 0.1))) == 0


def test_distance_worked_by_hand() -> None:
    other = groove((0, 0, 0.75, -0.25), (8, 1, 1.0, 0.0), (9, 2, 0.1, 0.0))
    # Snare away, snare and hat added; the kick is 0.25 louder and 0.25 steps earlier.
    assert groove_distance(ONE, other) == groove_distance(other, ONE) == pytest.approx(3 + 0.25 + 2 * 0.25)


def test_drifting_over_the_border_of_a_step_is_no_jump() -> None:
    # From 4.0 to 5.0 in tenths; at 4.5 the hit changes its cell.
    path = [groove((4 + (at >= 0.5), 1, 1.0, at - (at >= 0.5))) for at in np.arange(0, 11) / 10]
    quality = path_quality((path[0], path[-1]), path)
    assert quality.distances.tolist() == pytest.approx([0.2] * 10, rel=1e-4)
    assert quality.largest_over_mean == pytest.approx(1, rel=1e-4)
    assert groove_distance(path[0], path[-1]) == 2


def test_beyond_a_step_a_hit_is_replaced() -> None:
    assert groove_distance(groove((4, 1, 1.0, 0.0)), groove((9, 1, 1.0, 0.0))) == 2
    # The nearer of two is moved, the other taken away.
    two = groove((4, 1, 1.0, 0.0), (5, 1, 1.0, -0.25))
    assert groove_distance(two, groove((5, 1, 1.0, 0.0))) == pytest.approx(1 + 2 * 0.25)


def test_voices_are_not_exchanged() -> None:
    assert groove_distance(groove((4, 1, 1.0, 0.0)), groove((4, 2, 1.0, 0.0))) == 2


@pytest.mark.parametrize("seed", range(5))
def test_it_is_a_distance_and_the_plain_count_bounds_it(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def random_groove() -> Groove:
        hits = rng.random((16, len(VOICES))) < 0.3
        return Groove(
            *(np.where(hits, values, 0).astype(np.float32)
              for values in (1, rng.random(hits.shape), rng.uniform(-0.5, 0.49, hits.shape))), Grid.uniform(1)
        )  # fmt: skip

    a, b, c = (random_groove() for _ in range(3))
    assert groove_distance(a, b) == pytest.approx(groove_distance(b, a))
    assert groove_distance(a, c) <= groove_distance(a, b) + groove_distance(b, c) + 1e-9
    both = a.hits * b.hits
    apart = abs(a.velocities - b.velocities) + 2 * abs(a.offsets - b.offsets)
    assert groove_distance(a, b) <= abs(a.hits - b.hits).sum() + (both * apart).sum() + 1e-5
    still = Groove(a.hits, a.velocities, a.offsets * 0, a.grid), Groove(b.hits, b.velocities, b.offsets * 0, b.grid)
    louder = (both * abs(a.velocities - b.velocities)).sum()
    assert groove_distance(*still) == pytest.approx(abs(a.hits - b.hits).sum() + louder, rel=1e-5)


def test_even_path_is_smooth_and_straight() -> None:
    path = [groove((0, 0, v, 0.0)) for v in (0.2, 0.4, 0.6, 0.8)]
    quality = path_quality((path[0], path[-1]), path)
    assert quality.largest_over_mean == pytest.approx(1, rel=1e-5)
    assert quality.detour == pytest.approx(1, rel=1e-5)
    assert quality.distances.tolist() == pytest.approx([0.2, 0.2, 0.2])
    assert quality.ends_exact
    assert quality.hits_midway == 1


def test_a_jump_shows() -> None:
    path = [ONE, ONE, groove((8, 2, 0.5, 0.0)), groove((8, 2, 0.5, 0.0))]
    quality = path_quality((path[0], path[-1]), path)
    assert quality.largest_over_mean == 3
    assert quality.detour == 1


def test_a_detour_shows() -> None:
    assert path_quality((ONE, groove()), [ONE, groove((8, 8, 1.0, 0.0)), groove()]).detour == pytest.approx(4 / 2)


@pytest.mark.parametrize("end", [groove((0, 0, 0.5, 0.001), (4, 1, 1.0, 0.1)), groove((0, 0, 0.5, 0.0))])
def test_ends_must_be_exact(end: Groove) -> None:
    assert path_quality((ONE, groove()), [ONE, groove()]).ends_exact
    assert not path_quality((ONE, groove()), [end, groove()]).ends_exact
    assert not path_quality((groove(), ONE), [groove(), end]).ends_exact


def test_thin_middle_shows() -> None:
    assert path_quality((ONE, ONE), [ONE, groove((0, 0, 0.5, 0.0)), ONE]).hits_midway == 0.5


def test_standing_still_has_no_jump() -> None:
    quality = path_quality((ONE, ONE), [ONE, ONE])
    assert math.isnan(quality.largest_over_mean)
    assert math.isnan(quality.detour)
    assert math.isnan(path_quality((groove(), groove()), [groove(), groove()]).hits_midway)


def test_unfit_paths_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="at least two grooves; got 1"):
        path_quality((ONE, ONE), [ONE])
    with pytest.raises(InvalidParameter, match="as many steps as each other; got 16 and 32"):
        groove_distance(ONE, groove(bars=2))
