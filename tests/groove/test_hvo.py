import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.groove import Grid, Groove, GrooveBatch


def arrays(velocity=0.5, offset=0.25):
    hits = np.zeros((32, 9), dtype=np.float32)
    hits[3, 1] = 1
    return hits, hits * velocity, hits * offset


def test_uniform_grid_counts_bars_and_positions():
    grid = Grid.uniform(2, tempo_bpm=100, bar_beats=3.0)
    assert len(grid) == 24
    assert grid.bars.tolist() == [0] * 12 + [1] * 12
    assert grid.positions_beats[12] == 0.0
    assert grid.step_milliseconds[0] == pytest.approx(150.0)


@pytest.mark.parametrize("wrong", [{"bars": 0}, {"tempo_bpm": 0}, {"bar_beats": 3.1}, {"steps_per_beat": 0}])
def test_uniform_grid_refuses_nonsense(wrong):
    with pytest.raises(InvalidParameter, match="uniform grid"):
        Grid.uniform(**wrong)


def test_groove_takes_valid_arrays():
    groove = Groove(*arrays(offset=-0.5), Grid.uniform())
    assert groove.offsets[3, 1] == -0.5


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (arrays(offset=0.93), r"offsets must lie in \[-0.5, 0.5\) steps; got 0.93. Are these seconds\?"),
        (arrays(offset=0.5), r"offsets must lie in \[-0.5, 0.5\)"),
        (arrays(velocity=100), r"velocities must lie in \[0, 1\]; got 100. Are these MIDI velocities\?"),
        (arrays(velocity=np.nan), "velocities must be finite"),
        ((arrays()[0] * 2, arrays()[1], arrays()[2]), "hits must be 0 or 1"),
        ((arrays()[0] * 0, arrays()[1], arrays()[2] * 0), "velocities must be zero where there is no hit"),
        (tuple(a[:16] for a in arrays()), "hits must have shape"),
    ],
)
def test_groove_refuses_what_breaks_the_rules(values, message):
    with pytest.raises(InvalidParameter, match=message):
        Groove(*values, Grid.uniform())


def test_batch_takes_and_replaces():
    hits, velocities, offsets = (np.stack([a, a]) for a in arrays())
    ids = np.arange(2)
    batch = GrooveBatch(hits, velocities, offsets, np.array([120.0, 60.0]), ids, ids, ids)
    assert batch.step_milliseconds.tolist() == [125.0, 250.0]
    assert len(batch.take(np.array([1]))) == 1
    louder = batch.with_performance(np.ones_like(hits), np.zeros_like(hits))
    assert louder.velocities.sum() == 2.0


def test_batch_refuses_ids_of_another_length():
    hits, velocities, offsets = (a[None] for a in arrays())
    one = np.arange(1)
    with pytest.raises(InvalidParameter, match="tempos_bpm must have shape"):
        GrooveBatch(hits, velocities, offsets, np.ones(2), one, one, one)
