import numpy as np
import pytest
import torch
from torch import nn

from ghostnote.training.deepdrummer_network import (
    DROPOUT,
    DeepDrummerNetwork,
    Dropout,
    ListeningCopy,
    convolve_patches,
)


def features(count: int, seed: int = 0):
    return torch.randn(count, 60, 442, generator=torch.Generator().manual_seed(seed)) * 30


def test_network_has_the_weights_of_the_paper():
    assert sum(weights.numel() for weights in DeepDrummerNetwork().parameters()) == 291_274


def test_two_hundred_values_are_left_of_a_bar():
    network = DeepDrummerNetwork().eval()
    kept = []
    network.narrow.register_forward_hook(lambda module, given, result: kept.append(result.shape))
    said = network(features(3))
    assert kept == [(3, 8, 5, 5)]
    assert said.shape == (3, 2)
    torch.testing.assert_close(said.exp().sum(dim=1), torch.ones(3))


def test_patches_give_what_torchs_convolution_gives():
    network = DeepDrummerNetwork()
    convolution = network.convolutions[0]
    assert isinstance(convolution, nn.Conv2d)
    given = features(2)
    torch.testing.assert_close(convolve_patches(convolution, given), convolution(given[:, None]), atol=1e-3, rtol=1e-4)


def test_listening_copy_says_what_the_network_says():
    network = DeepDrummerNetwork(seed=3).train()
    for seed in range(3):
        network(features(4, seed))  # norms move
    network.eval()
    with torch.no_grad():
        for norm in network.norms:
            assert isinstance(norm, nn.BatchNorm2d)
            norm.weight.uniform_(0.5, 2.0, generator=torch.Generator().manual_seed(1))
            norm.bias.uniform_(-1.0, 1.0, generator=torch.Generator().manual_seed(2))
        torch.testing.assert_close(ListeningCopy(network)(features(5)), network(features(5)), atol=1e-4, rtol=1e-4)


def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    dropout = Dropout(seed=1).train()
    ones = torch.ones(4, 64, 29, 109).to(memory_format=torch.channels_last)
    kept = dropout(ones)
    assert float((kept == 0).float().mean()) == pytest.approx(DROPOUT, abs=0.002)
    assert float(kept.mean()) == pytest.approx(1.0, abs=0.002)
    assert not torch.equal(kept, dropout(ones))
    assert dropout.eval()(ones) is ones


def test_first_weights_depend_on_the_seed_alone():
    state = torch.random.get_rng_state()
    one, again, other = (DeepDrummerNetwork(seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(one.dense.weight, again.dense.weight)
    assert not torch.equal(one.dense.weight, other.dense.weight)
    assert np.isfinite(one(features(2)).detach().numpy()).all()
