import pytest
import torch
from torch.nn.functional import batch_norm, conv2d, leaky_relu, linear, log_softmax

from ghostnote.training.deepdrummer_network import DROPOUT, DeepDrummerNetwork, Dropout, ListeningCopy


def features(count: int, seed: int = 0):
    return torch.randn(count, 60, 442, generator=torch.Generator().manual_seed(seed)) * 30


def slow_answers(network: DeepDrummerNetwork, given, *, training: bool, dropout: Dropout | None = None):
    """The network as it is described, layer by layer, with torch's own operations; norms move in training."""
    values = given[:, None]
    for layer, norm in zip((network.first, network.second, network.third), network.norms, strict=True):
        values = leaky_relu(conv2d(values, layer.weight, layer.bias, stride=(2, 4)), 0.01)
        if dropout is not None:
            values = values * dropout.mask(values.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        moments = norm.running_mean, norm.running_var
        values = batch_norm(values, *moments, norm.weight, norm.bias, training=training, momentum=0.1, eps=1e-5)
    values = conv2d(values, network.narrow.weight, network.narrow.bias)
    assert values.shape[1:] == (8, 5, 5)
    values = leaky_relu(linear(values.flatten(1), network.dense.weight, network.dense.bias), 0.01)
    return log_softmax(linear(values, network.last.weight, network.last.bias), dim=1)


def with_moved_norms(seed: int) -> DeepDrummerNetwork:
    network = DeepDrummerNetwork(seed)
    chance = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for norm in network.norms:
            norm.weight.uniform_(0.5, 2.0, generator=chance)
            norm.bias.uniform_(-1.0, 1.0, generator=chance)
            norm.running_mean.uniform_(-1.0, 1.0, generator=chance)
            norm.running_var.uniform_(0.5, 2.0, generator=chance)
    return network


def test_network_has_the_weights_of_the_paper():
    assert sum(weights.numel() for weights in DeepDrummerNetwork().parameters()) == 291_274


def test_answers_are_log_probabilities():
    said = DeepDrummerNetwork().eval()(features(3))
    assert said.shape == (3, 2)
    torch.testing.assert_close(said.exp().sum(dim=1), torch.ones(3))


def test_learning_is_that_of_the_slow_network():
    """The same answers, gradients and moments, with norms that later layers take on and without."""
    labels = torch.tensor([0, 1, 1, 0])
    told = []
    for answers in (
        lambda network: network.train()(features(4)),
        lambda network: slow_answers(network, features(4), training=True, dropout=Dropout(5)),
    ):
        network = with_moved_norms(5)
        said = answers(network)
        torch.nn.functional.nll_loss(said, labels).backward()
        moments = [moment for norm in network.norms for moment in (norm.running_mean, norm.running_var)]
        told.append((said.detach(), [weights.grad for weights in network.parameters()], moments))
    (said, gradients, moments), (slow_said, slow_gradients, slow_moments) = told
    torch.testing.assert_close(said, slow_said, atol=1e-4, rtol=1e-4)
    for gradient, slow in zip(gradients, slow_gradients, strict=True):
        assert float((gradient - slow).norm()) < 1e-3 * float(slow.norm()) + 1e-6
    for moment, slow in zip(moments, slow_moments, strict=True):
        torch.testing.assert_close(moment, slow, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("listen", [lambda network: network.eval(), ListeningCopy], ids=["network", "listening copy"])
def test_listening_is_that_of_the_slow_network(listen):
    network = with_moved_norms(3)
    with torch.no_grad():
        wanted = slow_answers(network, features(5), training=False)
        torch.testing.assert_close(listen(network)(features(5)), wanted, atol=1e-4, rtol=1e-4)


def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    dropout, values = Dropout(seed=1), torch.empty(4, 29, 109, 64)
    mask = dropout.mask(values)
    assert float((mask == 0).float().mean()) == pytest.approx(DROPOUT, abs=0.002)
    assert float(mask.mean()) == pytest.approx(1.0, abs=0.002)
    assert not torch.equal(mask, dropout.mask(values))


def test_first_weights_depend_on_the_seed_alone():
    state = torch.random.get_rng_state()
    one, again, other = (DeepDrummerNetwork(seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(one.dense.weight, again.dense.weight)
    assert not torch.equal(one.dense.weight, other.dense.weight)
