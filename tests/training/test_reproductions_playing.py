from __future__ import annotations

import numpy as np
import pytest
import torch

from ghostnote.evaluation import taps_of
from ghostnote.groove import GrooveBatch, Voice
from ghostnote.training import reproductions_playing as paper
from ghostnote.training.recurrent import RecurrentConfig, RecurrentNetwork
from ghostnote.training.reproductions import REPRODUCTIONS


def windows(count: int = 3, steps: int = 32, seed: int = 0) -> GrooveBatch:
    rng = np.random.default_rng(seed)
    hits = (rng.random((count, steps, 9)) < 0.2).astype(np.float32)
    ids = np.arange(count)
    return GrooveBatch(
        hits,
        hits * rng.uniform(0.2, 1, hits.shape).astype(np.float32),
        hits * rng.uniform(-0.4, 0.4, hits.shape).astype(np.float32),
        np.linspace(90, 150, count),
        ids,
        ids * 0,
        ids * 0,
    )


def network(name: str, example: GrooveBatch) -> RecurrentNetwork:
    torch.manual_seed(0)
    sizes = REPRODUCTIONS[name].config(example)
    small = {"encoder_units": 8, "latent_units": 6, "decoder_units": 8}
    return RecurrentNetwork(RecurrentConfig(**{**vars(sizes), **small})).eval()


def test_a_kit_depends_on_the_tap_alone() -> None:
    real = windows()
    kit = paper.drumify(network("tap2drum", real), real, sample=False)
    same = paper.drumify(network("tap2drum", real), taps_of(real), sample=False)
    assert kit.hits.shape == real.hits.shape
    assert np.array_equal(kit.hits, same.hits)
    assert np.array_equal(kit.offsets, same.offsets)
    assert kit.tempos_bpm is real.tempos_bpm


def test_samples_depend_on_the_seed_and_the_best_guess_does_not() -> None:
    real = windows()
    net = network("tap2drum", real)
    one, again, other = (paper.drumify(net, real, sample=True, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.hits, again.hits)
    assert not np.array_equal(one.hits, other.hits)
    guesses = [paper.drumify(net, real, sample=False, seed=seed) for seed in (1, 2)]
    assert np.array_equal(guesses[0].hits, guesses[1].hits)


def test_many_windows_are_decoded_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    real = windows(5)
    net = network("transfer", real)
    whole = paper.transfer(net, real, real.take(np.array([1, 2, 3, 4, 0])), sample=False)
    monkeypatch.setattr(paper, "AT_ONCE", 2)
    parts = paper.transfer(net, real, real.take(np.array([1, 2, 3, 4, 0])), sample=False)
    np.testing.assert_allclose(whole.velocities, parts.velocities, atol=1e-5)


@pytest.mark.parametrize("sample", [False, True])
def test_infill_writes_the_closed_hihat_and_nothing_else(sample: bool) -> None:
    real = windows()
    filled = paper.infill(network("infill", real), real, sample=sample)
    others = np.arange(9) != Voice.CLOSED_HIHAT.column
    for name in ("hits", "velocities", "offsets"):
        assert np.array_equal(getattr(filled, name)[..., others], getattr(real, name)[..., others])
    assert real.hits.sum() == windows().hits.sum()  # the recording is not changed


def test_infill_does_not_see_what_it_is_to_write() -> None:
    real = windows()
    net = network("infill", real)
    others = (np.arange(9) != Voice.CLOSED_HIHAT.column).astype(np.float32)
    bare = GrooveBatch(
        real.hits * others, real.velocities * others, real.offsets * others,
        real.tempos_bpm, real.performances, real.start_bars, real.styles,
    )  # fmt: skip
    column = Voice.CLOSED_HIHAT.column
    filled = [paper.infill(net, side, sample=False).velocities[..., column] for side in (real, bare)]
    assert np.array_equal(*filled)


def test_transfer_keeps_the_score_where_it_is_clamped() -> None:
    real = windows(4)
    net = network("transfer", real)
    donors = real.take(np.array([3, 2, 1, 0]))
    clamped = paper.transfer(net, real, donors, sample=True)
    assert np.array_equal(clamped.hits, real.hits)
    assert not np.array_equal(clamped.offsets, real.offsets)
    free = paper.transfer(net, real, donors, sample=False, clamp=False)
    assert not np.array_equal(free.hits, real.hits)


def test_generated_windows_are_as_many_as_asked_for() -> None:
    like = windows(5)
    made = paper.generate(network("autoencoder", windows(1, 64)), like, seed=1)
    assert made.hits.shape == like.hits.shape
    assert made.hits.any()
    assert np.array_equal(made.tempos_bpm, like.tempos_bpm)


def test_paths_begin_and_end_where_the_latents_of_the_ends_are() -> None:
    first, second = windows(2, 64), windows(2, 64, seed=1)
    net = network("autoencoder", first)
    path = paper.interpolate(net, first, second, steps=5)
    assert len(path) == 5
    back = paper.interpolate(net, second, first, steps=2)
    np.testing.assert_allclose(path[0].velocities, back[1].velocities, atol=1e-5)
    np.testing.assert_allclose(path[-1].velocities, back[0].velocities, atol=1e-5)


def test_slerp_keeps_to_the_sphere_and_copes_with_parallel_latents() -> None:
    one, other = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    half = paper.slerp(one, other, 0.5)
    assert half[0].tolist() == pytest.approx([0.5**0.5, 0.5**0.5])
    assert half[1].tolist() == pytest.approx([1.5, 0.0])
    assert torch.allclose(paper.slerp(one, other, 0.0), one)
    assert torch.allclose(paper.slerp(one, other, 1.0), other, atol=1e-6)
