import json

import numpy as np
import pytest
import torch

from ghostnote.errors import StorageError
from ghostnote.groove import Grid, Groove, GrooveBatch
from ghostnote.training.performer import PerformerConfig
from ghostnote.training.recurrent import RecurrentConfig, RecurrentNetwork, loss_of
from ghostnote.training.reproductions import REPRODUCTIONS
from ghostnote.training.runs import read_log
from ghostnote.training.sequences import IGNORED, batches, collate, to_sequence, without_some_voices
from ghostnote.training.train_performer import Example, PerformerRecipe, train_performer, trained_performer
from ghostnote.training.train_recurrent import RecurrentRecipe, train_recurrent

SMALL = PerformerConfig(style_units=3, reader_units=16, player_units=16, dropout=0.0)


def groove(seed=0, bars=4) -> Groove:
    """Every snare is loud and late, every hat soft and early: easy to learn."""
    rng = np.random.default_rng(seed)
    grid = Grid.uniform(bars)
    hits = np.zeros((len(grid), 9), dtype=np.float32)
    hits[:, 1] = rng.random(len(grid)) < 0.4
    hits[:, 2] = rng.random(len(grid)) < 0.6
    velocities, offsets = hits * 0.0, hits * 0.0
    velocities[:, 1], velocities[:, 2] = 110 / 127 * hits[:, 1], 40 / 127 * hits[:, 2]
    offsets[:, 1], offsets[:, 2] = 0.2 * hits[:, 1], -0.1 * hits[:, 2]
    return Groove(hits, velocities, offsets, grid)


def examples(count, start=0):
    return [Example(groove(start + i), groove(start + i), 1) for i in range(count)]


def batch_of(count, start=0) -> GrooveBatch:
    grooves = [groove(start + i, bars=2) for i in range(count)]
    ids = np.arange(count)
    stacked = [np.stack([getattr(g, name) for g in grooves]) for name in ("hits", "velocities", "offsets")]
    return GrooveBatch(*stacked, np.full(count, 120.0), ids, ids * 0, ids * 0)


def test_performer_learns_a_plain_rule(tmp_path):
    recipe = PerformerRecipe(epochs=40, batch_size=3, silent_voices=0.0, learning_rate=2e-2, averaging=0.5)
    train_performer(examples(12), examples(3, 100), tmp_path, recipe, SMALL)
    log = read_log(tmp_path)
    assert log[-1]["median_velocity_mae"] < 3
    assert log[-1]["median_timing_mae_ms"] < 3
    assert log[-1]["velocity_nats"] < 0.7 * log[0]["velocity_nats"]
    assert trained_performer(tmp_path, SMALL)


def test_interrupted_training_goes_on_as_if_it_had_not_been(tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    settings = {"batch_size": 4, "silent_voices": 0.0}
    train_performer(examples(8), examples(2, 50), whole, PerformerRecipe(epochs=4, **settings), SMALL)

    class Interrupted(Exception):
        pass

    from ghostnote.training.runs import Run

    original = Run.save_state

    def save_and_stop(self, *arguments):
        original(self, *arguments)
        if self.epoch == 2:
            raise Interrupted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "save_state", save_and_stop)
        with pytest.raises(Interrupted):
            train_performer(examples(8), examples(2, 50), parts, PerformerRecipe(epochs=4, **settings), SMALL)
    train_performer(examples(8), examples(2, 50), parts, PerformerRecipe(epochs=4, **settings), SMALL)
    first, second = read_log(whole), read_log(parts)
    assert [row["epoch"] for row in second] == [1, 2, 3, 4]
    assert second[-1]["velocity_nats"] == pytest.approx(first[-1]["velocity_nats"], abs=1e-3)


def test_missing_weights_say_what_to_do(tmp_path):
    with pytest.raises(StorageError, match="train them first"):
        trained_performer(tmp_path, SMALL)


def test_batches_hold_every_hit_once():
    sequences = [to_sequence(groove(i, bars=6), 1) for i in range(5)]
    made = list(batches(sequences, hits=20, size=3, rng=np.random.default_rng(0), style_dropout=0.5))
    seen = sum(int((batch.velocities != IGNORED).sum()) for batch in made)
    assert seen == sum(len(s.velocities) for s in sequences)
    assert {int(s) for batch in made for s in batch.style} == {0, 1}


def test_padding_is_ignored():
    batch = collate([(to_sequence(groove(bars=1), 0), 0, 3), (to_sequence(groove(bars=4), 0), 0, 9)])
    assert batch.velocities.shape == (2, 9)
    assert (batch.velocities[0, 3:] == IGNORED).all()


def test_silent_voices_leave_some():
    thinned = without_some_voices(groove(), np.random.default_rng(0))
    assert 0 < thinned.hits.sum() < groove().hits.sum()


@pytest.mark.parametrize("bottleneck", ["deterministic", "variational"])
def test_recurrent_models_have_the_papers_shapes(bottleneck):
    network = RecurrentNetwork(RecurrentConfig(bottleneck=bottleneck))
    parameters = sum(p.numel() for p in network.parameters())
    assert 3.3e6 < parameters < 4.1e6
    target = REPRODUCTIONS["vib"].targets(batch_of(2))
    performance = network(target[..., :9], target)
    assert performance.hit_logits.shape == performance.velocities.shape == performance.offsets.shape == (2, 32, 9)
    assert performance.offsets.abs().max() <= 1
    free = network.eval().perform(target[..., :9], sample=True)
    assert torch.isfinite(free.velocities).all()


def test_kl_is_charged_only_beyond_the_free_nats():
    config = RecurrentConfig(bottleneck="variational")
    network = RecurrentNetwork(config)
    target = REPRODUCTIONS["vib"].targets(batch_of(2))
    performance = network(target[..., :9], target)
    below, above = (
        loss_of(type(performance)(*(*vars(performance).values(),)[:3], torch.full((2,), kl)), target, config).item()
        for kl in (0.9 * config.free_nats, config.free_nats + 10.0)
    )
    assert above - below == pytest.approx(2.0, abs=1e-3)


@pytest.mark.parametrize("name", ["seq2seq", "tap2drum_dropout", "infill", "transfer"])
def test_recurrent_training_logs_and_stops(name, tmp_path):
    recipe = RecurrentRecipe(batch_size=8, patience_epochs=1, most_minutes=0.02)
    train_recurrent(batch_of(16), batch_of(4, 50), tmp_path, REPRODUCTIONS[name], recipe)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["steps"] == 2 * len(rows)
    assert np.isfinite(rows[-1]["validation_loss"])
    assert (tmp_path / "best.safetensors").exists()
