from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from played import batch_of, played_by_drummers, played_note_by_note, random_scores

from ghostnote.evaluation import timing_kl, timing_kl_gaussian, velocity_kl, velocity_kl_gaussian
from ghostnote.evaluation.divergence import offset_bins, velocity_bins
from ghostnote.groove import GrooveBatch

ALL = [timing_kl, velocity_kl, timing_kl_gaussian, velocity_kl_gaussian]


def kicks(played: list[tuple[float, float]], *, step: int = 0) -> GrooveBatch:
    """One kick on `step` in each groove, with these (velocity, offset)."""
    hits = [(groove, step, 0, velocity, offset) for groove, (velocity, offset) in enumerate(played)]
    return batch_of(hits, tempos_bpm=[120.0] * len(played))


def join(*batches: GrooveBatch) -> GrooveBatch:
    """All grooves of `batches` in one."""
    names = ("hits", "velocities", "offsets", "tempos_bpm", "performances", "start_bars", "styles")
    return GrooveBatch(*(np.concatenate([getattr(batch, name) for batch in batches]) for name in names))


@pytest.mark.parametrize("kl", ALL)
def test_same_performance_has_no_divergence(kl) -> None:
    rng = np.random.default_rng(0)
    truth = played_by_drummers(random_scores(rng, recordings=10, windows=30), rng)
    assert kl(truth, truth) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("kl", ALL)
def test_only_the_distribution_of_a_cell_counts_not_which_hit_has_what(kl) -> None:
    played = [(10 * i % 120 + 5, (i % 9 - 4) / 10) for i in range(40)]
    assert kl(kicks(played), kicks(played[::-1])) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("kl", ALL)
def test_cells_are_kept_apart(kl) -> None:
    # Swapping two positions leaves the pooled distribution as it is, but not that of each position.
    early, late = [(30 + i % 9, -0.3 + i / 300) for i in range(30)], [(90 + i % 9, 0.2 + i / 300) for i in range(30)]
    truth = join(kicks(early, step=0), kicks(late, step=4))
    swapped = join(kicks(late, step=0), kicks(early, step=4))
    assert kl(truth, swapped) > 0.5


@pytest.mark.parametrize("kl", ALL)
def test_both_bars_of_a_window_share_their_cells(kl) -> None:
    early, late = [(30, -0.3)] * 30, [(90, 0.2)] * 30
    truth = join(kicks(early, step=3), kicks(late, step=19))
    swapped = join(kicks(late, step=3), kicks(early, step=19))
    assert kl(truth, swapped) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("kl", ALL)
def test_rare_cells_are_left_out(kl) -> None:
    assert math.isnan(kl(kicks([(64, 0.0)] * 19), kicks([(64, 0.0)] * 19)))
    assert kl(kicks([(64, 0.0)] * 20), kicks([(64, 0.0)] * 20)) == pytest.approx(0, abs=1e-9)


def test_histogram_divergence_worked_by_hand() -> None:
    # 20 + 20 real hits in two bins, 40 generated in one; 25 bins with 0.5 added to each make 52.5.
    truth = kicks([(64, 0.0)] * 20 + [(64, 0.25)] * 20)
    guess = kicks([(64, 0.0)] * 40)
    expected = 20.5 / 52.5 * math.log(20.5 / 40.5) + 20.5 / 52.5 * math.log(20.5 / 0.5)
    assert timing_kl(truth, guess) == pytest.approx(expected, rel=1e-9)
    assert velocity_kl(truth, guess) == pytest.approx(0, abs=1e-9)


def test_direction_is_real_to_generated() -> None:
    # Missing half of what is real costs more than adding what is not.
    narrow, wide = kicks([(64, 0.0)] * 40), kicks([(64, 0.0)] * 20 + [(64, 0.25)] * 20)
    assert timing_kl(wide, narrow) > 1.5 * timing_kl(narrow, wide)


def test_velocity_histogram_has_sixteen_bins() -> None:
    truth = kicks([(127, 0.0)] * 20)
    guess = kicks([(1, 0.0)] * 20)
    # 0.5 in each of 16 bins: 28 in all. Bins without hits are equal on both sides.
    expected = 20.5 / 28 * math.log(20.5 / 0.5) + 0.5 / 28 * math.log(0.5 / 20.5)
    assert velocity_kl(truth, guess) == pytest.approx(expected, rel=1e-9)


def test_gaussian_divergence_in_closed_form() -> None:
    # Values ±σ about μ have exactly these moments; rounding to ticks adds (1/120)²/12 to each variance.
    truth, guess = kicks([(64, 0.1), (64, -0.1)] * 15), kicks([(64, 0.25), (64, -0.15)] * 15)
    rounding = (1 / 120) ** 2 / 12
    p, q = 0.1**2 + rounding, 0.2**2 + rounding
    assert timing_kl_gaussian(truth, guess) == pytest.approx(0.5 * (math.log(q / p) + (p + 0.05**2) / q - 1), rel=1e-5)


def test_gaussian_divergence_of_constants_is_finite() -> None:
    assert 0 < timing_kl_gaussian(kicks([(64, 0.1)] * 20), kicks([(64, 0.2)] * 20)) < math.inf


def test_cells_weigh_by_their_real_hits() -> None:
    good, bad = [(64, 0.0)] * 60, [(64, 0.0)] * 20
    truth = join(kicks(good, step=0), kicks(bad, step=1))
    guess = join(kicks(good, step=0), kicks([(64, 0.25)] * 20, step=1))
    alone = timing_kl(kicks(bad), kicks([(64, 0.25)] * 20))
    assert timing_kl(truth, guess) == pytest.approx(alone * 20 / 80, rel=1e-9)


@pytest.mark.parametrize(
    ("ticks", "bin_"), [(-60, 0), (-58, 0), (-57, 1), (-3, 11), (-2, 12), (0, 12), (2, 12), (3, 13), (57, 23), (59, 24)]
)
def test_offset_bins_are_centred_on_the_grid(ticks: int, bin_: int) -> None:
    assert offset_bins(np.array([ticks / 120])).tolist() == [bin_]


@pytest.mark.parametrize(
    ("velocity", "bin_"), [(0, 0), (1, 0), (7, 0), (8, 1), (64, 8), (119, 14), (120, 15), (127, 15)]
)
def test_velocity_bins_are_of_eight_units(velocity: int, bin_: int) -> None:
    assert velocity_bins(np.array([velocity / 127], dtype=np.float32)).tolist() == [bin_]


def slow_kl(truth: GrooveBatch, guess: GrooveBatch, what: str) -> float:
    """The definition in docs/metrics.md, written out with dictionaries."""
    cells = defaultdict(lambda: (Counter(), Counter()))
    for groove, step, voice in np.argwhere(truth.hits):
        for side, batch in enumerate((truth, guess)):
            if what == "timing":
                ticks = math.floor(float(batch.offsets[groove, step, voice]) * 120 + 0.5)
                place = round(min(max(ticks, -60), 59) / 5)
            else:
                place = max(math.floor(float(batch.velocities[groove, step, voice]) * 127 + 0.5), 1) // 8
            cells[voice, step % 16][side][place] += 1
    places = range(-12, 13) if what == "timing" else range(16)
    weighted = hits = 0.0
    for real, generated in cells.values():
        count = real.total()
        if count >= 20:
            total = count + 0.5 * len(places)
            p = [(real[place] + 0.5) / total for place in places]
            q = [(generated[place] + 0.5) / total for place in places]
            weighted += count * sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
            hits += count
    return weighted / hits


def test_agrees_with_the_definition_written_out() -> None:
    rng = np.random.default_rng(4)
    scores = random_scores(rng, recordings=6, windows=12, density=0.2)
    truth, guess = played_by_drummers(scores, rng), played_note_by_note(scores, rng)
    assert timing_kl(truth, guess) == pytest.approx(slow_kl(truth, guess, "timing"), rel=1e-9)
    assert velocity_kl(truth, guess) == pytest.approx(slow_kl(truth, guess, "velocity"), rel=1e-9)
