"""The published dataset itself, wherever a copy is at hand."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ghostnote.data import GROOVE, SPLITS, STYLES, Performance, load_performances, load_windows, windows_of
from ghostnote.evaluation import timing_mae_ms
from ghostnote.evaluation.timing import timing_mse_16ths
from ghostnote.groove import GrooveBatch
from ghostnote.midi import drum_map

# Looked up before the tests of this folder hide the environment.
_SHARED = Path(__file__).parents[2].parent / "shared" / "data" / GROOVE.file_name
ARCHIVE = Path(os.environ.get("GHOSTNOTE_GMD_ARCHIVE") or _SHARED)

pytestmark = pytest.mark.skipif(not ARCHIVE.is_file(), reason="no copy of the Groove MIDI Dataset is at hand")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """The dataset read twice, and its windows."""

    performances: list[Performance]
    again: list[Performance]
    windows: dict[str, GrooveBatch]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GHOSTNOTE_HOME", str(tmp_path_factory.mktemp("home")))
        performances = load_performances(archive=ARCHIVE)
        again = load_performances(archive=ARCHIVE)
        windows = {split: load_windows(split, archive=ARCHIVE) for split in SPLITS}
    return Dataset(performances, again, windows)


def test_cache_holds_what_the_archive_holds(dataset: Dataset) -> None:
    for one, other in zip(dataset.performances, dataset.again, strict=True):
        assert (one.id, one.styles, one.tempo_bpm, one.split) == (other.id, other.styles, other.tempo_bpm, other.split)
        np.testing.assert_array_equal(one.ticks, other.ticks)
        np.testing.assert_array_equal(one.pitches, other.pitches)
        np.testing.assert_array_equal(one.velocities, other.velocities)


def test_splits_are_the_official_ones(dataset: Dataset) -> None:
    assert Counter(p.split for p in dataset.performances) == {"train": 897, "validation": 124, "test": 129}
    in_four = Counter(p.split for p in dataset.performances if p.metre == "4-4")
    assert in_four == {"train": 887, "validation": 122, "test": 129}


def test_every_hit_is_read_and_has_a_voice(dataset: Dataset) -> None:
    assert sum(len(p.ticks) for p in dataset.performances) == 446_312
    pitches = np.unique(np.concatenate([p.pitches for p in dataset.performances]))
    assert len(pitches) == 22
    assert all(drum_map("roland_td11").voice_of(int(pitch)) is not None for pitch in pitches)


def test_styles_are_the_eighteen_of_the_dataset(dataset: Dataset) -> None:
    assert tuple(sorted({p.style for p in dataset.performances})) == STYLES
    assert {p.beat_type for p in dataset.performances} == {"beat", "fill"}


def test_windows_are_as_many_as_published(dataset: Dataset) -> None:
    assert {split: len(batch) for split, batch in dataset.windows.items()} == {
        "train": 16_940,
        "validation": 2_110,
        "test": 2_124,
    }
    in_four = [p for p in dataset.performances if p.metre == "4-4"]
    full = {split: len(windows_of([p for p in in_four if p.split == split], pad_short=False)) for split in SPLITS}
    assert full == {"train": 16_537, "validation": 2_055, "test": 2_084}


def test_no_recording_is_in_two_splits(dataset: Dataset) -> None:
    found = [set(batch.performances.tolist()) for batch in dataset.windows.values()]
    assert sum(len(ids) for ids in found) == len(set().union(*found)) == 887 + 122 + 129


def test_quantised_row_is_the_one_of_the_paper(dataset: Dataset) -> None:
    truth = dataset.windows["test"]
    quantised = truth.with_performance(truth.velocities, np.zeros_like(truth.offsets))
    assert timing_mae_ms(truth, quantised) == pytest.approx(22.65, abs=0.05)
    assert timing_mse_16ths(truth, quantised) == pytest.approx(0.0415, abs=0.0003)


def test_drummers_play_ahead_of_the_grid(dataset: Dataset) -> None:
    truth = dataset.windows["test"]
    assert truth.offsets[truth.hits > 0].mean() == pytest.approx(-0.07, abs=0.005)
