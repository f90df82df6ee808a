from dataclasses import replace

import numpy as np
import pytest

from ghostnote.critic import load_encoder
from ghostnote.critic.hearing import Hearing
from ghostnote.critic.rows import LAGS, ROW_VALUES, TURNS, measure_rows, rows_of
from ghostnote.errors import InvalidParameter
from ghostnote.explore.engine import Engine
from ghostnote.explore.generators import RandomGrid
from ghostnote.explore.pool import SoundPool
from ghostnote.loops import Loop, pattern_of_text
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool

POOL = draw_pool(12, 4)
EACH = (ROW_VALUES - 6) // 2
PLACES, AGAIN, SYNCOPATION, WAITS = 1, 6, 6 + len(LAGS), 6 + len(LAGS) + 1 + 2 * len(TURNS)


def rows(*texts: str) -> np.ndarray:
    return measure_rows(pattern_of_text(*texts).velocities[None])[0]


def test_four_on_the_floor() -> None:
    found = rows("x---x---x---x---")
    assert found[0] == pytest.approx(0.25)
    assert found[PLACES : PLACES + 5].tolist() == [1, 1, 1, 0, 0]
    assert found[AGAIN + LAGS.index(4)] == pytest.approx(0.95, abs=0.01)
    assert found[AGAIN + LAGS.index(2)] < 0
    assert found[WAITS : WAITS + 2].tolist() == [0.25, 0]
    assert not found[EACH : 2 * EACH].any(), "one row does not differ from itself"
    assert found[-6:].tolist() == [0.25, 0.25, pytest.approx(0.433, abs=1e-3), 0.5, 0.75, 0.25]


def test_waits_go_round_the_bar() -> None:
    found = rows("---x--x---------")
    assert found[WAITS] == pytest.approx(13 / 16)
    assert found[WAITS + 1] == pytest.approx(5 / 8), "waits of 3 and 13: mean 8, deviation 5"


def test_hits_before_stronger_steps_syncopate() -> None:
    assert rows("x---x---x---x---")[SYNCOPATION] == 0
    assert rows("-x---x---x---x--")[SYNCOPATION] < rows("---x---x---x---x")[SYNCOPATION]


def test_rows_have_no_order_and_silent_ones_say_nothing() -> None:
    texts = ("x--x--x---x-x---", "----x-------x---", "x-x-x-x-x-x-x-x-")
    wanted = rows(*texts)
    np.testing.assert_allclose(rows(*reversed(texts)), wanted, atol=1e-6)
    np.testing.assert_allclose(rows(*texts, "-" * 16), wanted, atol=1e-6)
    assert np.abs(rows(*texts[:2]) - wanted).max() > 0.05


@pytest.mark.parametrize("steps", [8, 12, 24, 32])
def test_other_metres_have_finite_measures(steps: int) -> None:
    rng = np.random.default_rng(steps)
    found = measure_rows((rng.random((50, steps, 4)) < 0.2) * rng.uniform(0.1, 1.0, (50, steps, 4)))
    assert found.shape == (50, ROW_VALUES)
    assert np.isfinite(found).all()


def test_silence_is_measured_and_so_is_nothing_at_all() -> None:
    assert np.isfinite(measure_rows(np.zeros((2, 16, 4)))).all()
    assert rows_of([]).shape == (0, ROW_VALUES)


def test_loops_are_measured_alike_alone_and_beside_others_of_more_rows() -> None:
    few = Loop(pattern_of_text("x---x---x---x---", "--x---x---x---x-"), POOL[:2])
    texts = ("x---x---x---x---", "--x---x---x---x-", "x-x-x-x-x-x-x-x-", "-------x--------")
    many = Loop(pattern_of_text(*texts), POOL[:4])
    np.testing.assert_allclose(rows_of([few, many])[0], rows_of([few])[0], atol=1e-6)


def test_rows_of_one_sound_are_heard_as_one() -> None:
    split = pattern_of_text("x-------x-------", "----x-------x---", "--x---x---x---x-")
    apart = Loop(split, (POOL[0], POOL[0], POOL[1]))
    whole = Loop(pattern_of_text("x---x---x---x---", "--x---x---x---x-"), POOL[:2])
    np.testing.assert_allclose(rows_of([apart]), rows_of([whole]), atol=1e-6)
    assert np.abs(rows_of([replace(apart, sounds=POOL[:3])]) - rows_of([whole])).max() > 0.05


def test_an_engine_reads_patterns_and_an_encoder_without_them_tells_rows_by_ear() -> None:
    bank, encoder = SoundBank(), load_encoder()
    generator = RandomGrid(SoundPool(POOL, bank))
    rng = np.random.default_rng(2)
    loops = [generator.draw(rng) for _ in range(200)]
    hearing = Hearing(bank)
    read, told = encoder.embed(hearing.hear(loops), rows_of(loops)), encoder.embed(hearing.hear(loops))
    np.testing.assert_allclose(Engine(generator, bank).embed(loops), read, atol=1e-4)
    half = encoder.values // 2
    same = np.r_[: half // 2, half : 2 * half]
    np.testing.assert_allclose(read[:, same], told[:, same], atol=1e-6)
    ours = slice(half // 2, half)
    agreed = [np.corrcoef(a, b)[0, 1] for a, b in zip(read[:, ours].T, told[:, ours].T, strict=True)]
    assert np.mean(agreed[:4]) > 0.5, "the ear tells roughly what the pattern says"
    assert np.abs(read[:, ours] - told[:, ours]).mean() > 0.01


def test_rows_of_another_shape_are_refused() -> None:
    with pytest.raises(InvalidParameter, match=r"rows must have shape \(1, 48\); got \(2, 48\)"):
        load_encoder().embed(np.zeros((1, 64, 40), np.float32), np.zeros((2, ROW_VALUES), np.float32))
