"""PyTorch and ONNX must agree, and what training hears must be what playing hears."""

import numpy as np
import pytest
import torch

from ghostnote.groove import Grid, Groove
from ghostnote.models.checkpoint import read_checkpoint
from ghostnote.models.performer import Performer, Played, class_of_offset
from ghostnote.models.score import read_score
from ghostnote.training.export import export_performer
from ghostnote.training.performer import PerformerConfig, PerformerNetwork
from ghostnote.training.sequences import collate, to_sequence

SMALL = PerformerConfig(style_units=3, reader_units=8, player_units=12)


def groove(bars=3, seed=0) -> Groove:
    rng = np.random.default_rng(seed)
    grid = Grid.uniform(bars)
    hits = (rng.random((len(grid), 9)) < 0.3).astype(np.float32)
    velocities = rng.integers(1, 128, hits.shape).astype(np.float32) / 127 * hits
    offsets = (rng.integers(-60, 60, hits.shape) / 120).astype(np.float32) * hits
    return Groove(hits, velocities, offsets, grid)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return PerformerNetwork(SMALL).eval()


@pytest.fixture(scope="module")
def performer(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    export_performer(network, folder, styles=("rock",), card={"sampling": {"temperature": 1.0}})
    return Performer(read_checkpoint(folder))


def test_reader_graph_equals_pytorch(network, performer):
    score = read_score(groove().hits, groove().grid)
    reading = performer.read(score, 1)
    with torch.no_grad():
        context, velocity, offset = network.read(torch.from_numpy(score.features)[None], torch.tensor([1]))
    np.testing.assert_allclose(reading.context, context[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(reading.velocity_prior, torch.log_softmax(velocity, -1)[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(reading.offset_prior, torch.log_softmax(offset, -1)[0].numpy(), atol=1e-5)


def test_played_hits_are_what_teacher_forcing_would_draw(network, performer):
    """Feed a take back as if it were a recording: with the same chances, each hit's own distribution draws it again.

    This holds only if the references, the recurrent state, the order of factors and the classes agree everywhere.
    """
    original = groove(bars=4)
    score = read_score(original.hits, original.grid)
    take = performer.play([score], [performer.read(score, 1)], [np.random.default_rng(7)])[0]
    velocities, offsets = np.zeros_like(original.hits), np.zeros_like(original.hits)
    velocities[score.steps, score.voices] = take.velocities / 127
    offsets[score.steps, score.voices] = take.offsets
    recording = to_sequence(Groove(original.hits, velocities, offsets, original.grid), 1)
    batch = collate([(recording, 0, len(recording.velocities))])
    loudness = (2.0 * (batch.velocities + 1).float() / 127.0 - 1.0)[..., None]
    with torch.no_grad():
        velocity, offset, _, _ = network(batch.features, batch.style, batch.heard, loudness)
    chances = np.random.default_rng(7).random((len(score), 2), dtype=np.float32)
    for logits, chance, drawn in (
        (velocity[0], chances[:, 0], take.velocities - 1),
        (offset[0], chances[:, 1], class_of_offset(take.offsets)),
    ):
        cumulative = torch.softmax(logits, -1).cumsum(-1)[:, :-1].numpy()
        again = (cumulative <= chance[:, None]).sum(axis=1)
        assert (again == drawn).mean() > 0.99  # a chance may fall on the edge of a class


def test_fixed_hits_pass_through_the_graph(performer):
    original = groove()
    score = read_score(original.hits, original.grid)
    known = Played(np.full(len(score), 77), np.full(len(score), 0.25))
    take = performer.play([score], [performer.read(score, 0)], [np.random.default_rng(0)], known=[known])[0]
    assert (take.velocities == 77).all()
    np.testing.assert_allclose(take.offsets, 0.25)


def test_player_does_not_hear_the_future(network):
    sequence = to_sequence(groove(), 0)
    count = len(sequence.velocities)
    batch = collate([(sequence, 0, count)])
    loudness = (2.0 * (batch.velocities + 1).float() / 127.0 - 1.0)[..., None]
    changed = batch.heard.clone()
    changed[:, count // 2 :] = 0.5
    with torch.no_grad():
        first, _, _, _ = network(batch.features, batch.style, batch.heard, loudness)
        second, _, _, _ = network(batch.features, batch.style, changed, loudness)
    torch.testing.assert_close(first[:, : count // 2], second[:, : count // 2])
    assert (first[:, count // 2 :] != second[:, count // 2 :]).any()
