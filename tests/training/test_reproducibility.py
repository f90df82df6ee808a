"""Twice from one seed, and interrupted against not, the same weights must come out.

On one machine, with one version of PyTorch and one number of threads, they are equal to the bit; the tolerance of
docs/training.md is what these tests allow.
"""

import pytest
import torch
from beats import SMALL_COMPOSER, SMALL_PERFORMER, examples, songs
from safetensors.torch import load_file

from ghostnote.training.runs import Run, read_log
from ghostnote.training.train_composer import ComposerRecipe, train_composer
from ghostnote.training.train_performer import PerformerRecipe, train_performer

TOLERANCE = 1e-6
EPOCHS = 4


def train_small_performer(folder, *, seed=0, start=None):
    recipe = PerformerRecipe(seed=seed, epochs=EPOCHS, batch_size=4, chunk_hits=48)
    return train_performer(examples(8), examples(2, 50), folder, recipe, SMALL_PERFORMER, start=start)


def train_small_composer(folder, *, seed=0, start=None):
    recipe = ComposerRecipe(seed=seed, epochs=EPOCHS, steps_per_batch=192)
    return train_composer(songs(8), songs(2, 50), folder, recipe, SMALL_COMPOSER, start=start)


TRAININGS = pytest.mark.parametrize(
    "train", [train_small_performer, train_small_composer], ids=["performer", "composer"]
)


def assert_equal_states(first, second, tolerance=TOLERANCE):
    one, other = (load_file(folder / "state.safetensors") for folder in (first, second))
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], atol=tolerance, rtol=0)


@TRAININGS
def test_one_seed_gives_the_same_weights_twice(tmp_path, train):
    first, second, other = (tmp_path / name for name in ("first", "second", "other"))
    train(first)
    torch.rand(7)  # what happened before in the process does not matter
    train(second)
    assert_equal_states(first, second)
    train(other, seed=1)
    with pytest.raises(AssertionError):
        assert_equal_states(first, other)


@TRAININGS
def test_interrupted_and_resumed_equals_uninterrupted(tmp_path, train, monkeypatch):
    """With dropout, which draws from a generator whose state must survive as well."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(whole)

    class Interrupted(Exception):
        pass

    save_state = Run.save_state

    def save_and_stop(self, *arguments):
        save_state(self, *arguments)
        if self.epoch == 2:
            raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(Run, "save_state", save_and_stop)
        with pytest.raises(Interrupted):
            train(parts)
    torch.manual_seed(99)  # another process begins elsewhere
    train(parts)
    assert_equal_states(whole, parts)
    assert [row["epoch"] for row in read_log(parts)] == [1, 2, 3, 4]


@TRAININGS
def test_a_training_can_begin_with_given_weights(tmp_path, train):
    train(tmp_path / "first")
    weights = tmp_path / "first" / "best.safetensors"
    train(tmp_path / "second", start=weights)
    rows = read_log(tmp_path / "second")
    assert [row["epoch"] for row in rows] == [0, 1, 2, 3, 4]
    best = min(read_log(tmp_path / "first"), key=nats)
    assert nats(rows[0]) == pytest.approx(nats(best), abs=1e-3)


def nats(row):
    return sum(value for name, value in row.items() if name.endswith("_nats"))
