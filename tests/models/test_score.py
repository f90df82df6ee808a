import numpy as np
import pytest

from ghostnote.groove import Grid
from ghostnote.models.score import FEATURES, REFERENCES, read_score


def score_of(*cells: tuple[int, int], bars: int = 4, steps_per_beat: int = 4):
    grid = Grid.uniform(bars, steps_per_beat=steps_per_beat)
    hits = np.zeros((len(grid), 9), dtype=np.float32)
    for step, voice in cells:
        hits[step, voice] = 1
    return read_score(hits, grid)


def slow_references(hits: np.ndarray, grid: Grid) -> list[list[int]]:
    """The definition, hit by hit, as a reader would write it down."""
    cells = [(s, v) for s in range(len(hits)) for v in range(9) if hits[s, v]]
    number = {cell: i for i, cell in enumerate(cells)}
    none = len(cells)

    def last(voice: int, before: int) -> int:
        return max((number[s, v] for s, v in cells if v == voice and s < before), default=none)

    rows = []
    for step, voice in cells:
        own_step = [number.get((step, v), none) if v < voice else none for v in range(9)]
        latest = [last(v, step) for v in range(9)]
        previous = last(voice, step)
        before_that = none if previous == none else last(voice, cells[previous][0])
        lags = []
        for lag in (0.25, 0.5, 1.0, 2.0, grid.bar_beats[step], 2 * grid.bar_beats[step]):
            at = [s for s in range(step) if abs(grid.onsets_beats[s] - (grid.onsets_beats[step] - lag)) < 1e-6]
            lags.append(number.get((at[0], voice), none) if at else none)
        rows.append([*own_step, *latest, previous, before_that, *lags])
    return rows


@pytest.mark.parametrize(("steps_per_beat", "bar_beats"), [(4, 4.0), (3, 4.0), (4, 3.0), (4, 3.5)])
def test_references_follow_their_definition(steps_per_beat, bar_beats):
    grid = (
        Grid.uniform(4, steps_per_beat=steps_per_beat, bar_beats=bar_beats)
        if bar_beats != 3.5
        else Grid.uniform(4, bar_beats=3.5)
    )
    hits = (np.random.default_rng(1).random((len(grid), 9)) < 0.3).astype(np.float32)
    assert read_score(hits, grid).references.tolist() == slow_references(hits, grid)


def test_references_never_look_ahead():
    grid = Grid.uniform(8)
    hits = (np.random.default_rng(0).random((len(grid), 9)) < 0.3).astype(np.float32)
    score = read_score(hits, grid)
    none = len(score)
    own = np.arange(none)[:, None]
    assert ((score.references < own) | (score.references == none)).all()


def test_hits_are_in_playing_order():
    score = score_of((4, 1), (4, 0), (0, 2))
    assert list(zip(score.steps, score.voices, strict=True)) == [(0, 2), (4, 0), (4, 1)]


def test_shapes_and_finite_values():
    score = score_of((0, 0), (63, 8))
    assert score.features.shape == (2, FEATURES)
    assert score.references.shape == (2, REFERENCES)
    assert np.isfinite(score.features).all()


def test_empty_score_reads_as_nothing():
    score = score_of()
    assert len(score) == 0
    assert score.features.shape == (0, FEATURES)


def test_tempo_and_position_matter():
    hits = np.zeros((32, 9), dtype=np.float32)
    hits[[0, 4], 0] = 1
    slow, fast = (read_score(hits, Grid.uniform(2, tempo_bpm=tempo)) for tempo in (80, 160))
    assert (slow.features[0] != fast.features[0]).any()
    assert (slow.features[0] != slow.features[1]).any()
