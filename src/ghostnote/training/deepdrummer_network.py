"""DeepDrummer's critic: coefficients of one bar in, log-probabilities of dislike and like out.

Source: the description of Alain et al. 2020 (arXiv 2008.04391): three times [convolution of 64 channels, kernel 4×8,
stride 2×4; LeakyReLU; dropout .167; batch norm], a 1×1 convolution to 8 channels, 200 values, a dense layer of 128, one
of 2, log-softmax: 291,274 weights. The description names no nonlinearity behind the 1×1 convolution, so there is none,
and none between the dense layers, where one LeakyReLU stands here, since two layers would otherwise be one. What goes
in is not normalised.

Nothing here departs from that; three things are written so that a processor has less to do: the first convolution as a
product with its patches, dropout from sixteen random bits a value (so p = .16701), and `listening_copy`, in which batch
norm is part of the layer behind it.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

CHANNELS = 64
KERNEL, STRIDE = (4, 8), (2, 4)
DROPOUT = 0.167
DISLIKED, LIKED = 0, 1


class Dropout(nn.Module):
    """Leaves out values by chance while training, from a generator of its own.

    Args:
        seed: of chance.
        probability: of each value.
    """

    def __init__(self, seed: int, probability: float = DROPOUT) -> None:
        super().__init__()
        self._chance = np.random.SFC64(seed)
        self._least = np.int16(round(probability * 2**16) - 2**15)
        kept = 1.0 - round(probability * 2**16) / 2**16
        self._scale = np.float32(1.0 / kept).view(np.uint32)

    def forward(self, values: Tensor) -> Tensor:
        """Return `values`, in any shape, without those left out, the others scaled up."""
        return values * self.mask(values) if self.training else values

    def mask(self, values: Tensor) -> Tensor:
        """Return 0 or one over the share that is kept, in the shape and the order in memory of `values`."""
        count = values.numel()
        bits = np.asarray(self._chance.random_raw(-(-count // 4))).view(np.int16)[:count]
        kept: NDArray[np.uint32] = (bits >= self._least).astype(np.uint32)
        kept *= self._scale
        return torch.from_numpy(kept.view(np.float32)).as_strided(values.shape, values.stride())


class DeepDrummerNetwork(nn.Module):
    """The critic.

    Args:
        seed: of its first weights and of dropout.

    Shape:
        features: `(batch, 60, 442)`.
        result: `(batch, 2)`, log-probabilities of `DISLIKED` and `LIKED`.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.convolutions = nn.ModuleList(
                nn.Conv2d(channels, CHANNELS, KERNEL, STRIDE) for channels in (1, CHANNELS, CHANNELS)
            )
            self.dropouts = nn.ModuleList(Dropout(seed + 1 + layer) for layer in range(3))
            self.norms = nn.ModuleList(nn.BatchNorm2d(CHANNELS) for _ in range(3))
            self.narrow = nn.Conv2d(CHANNELS, 8, 1)
            self.dense = nn.Linear(200, 128)
            self.last = nn.Linear(128, 2)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, features: Tensor) -> Tensor:
        """Return log-probabilities."""
        values = features
        for layer, (dropout, norm) in enumerate(zip(self.dropouts, self.norms, strict=True)):
            values = convolve_patches(self._conv(0), values) if layer == 0 else self.convolutions[layer](values)
            values = norm(dropout(nn.functional.leaky_relu(values)))
        return self._judge(self.narrow(values))

    def _conv(self, layer: int) -> nn.Conv2d:
        convolution = self.convolutions[layer]
        assert isinstance(convolution, nn.Conv2d)
        return convolution

    def _judge(self, narrowed: Tensor) -> Tensor:
        dense = nn.functional.leaky_relu(self.dense(narrowed.flatten(1)))
        return nn.functional.log_softmax(self.last(dense), dim=1)


def convolve_patches(convolution: nn.Conv2d, features: Tensor) -> Tensor:
    """Return `(batch, channels, …)` of one-channel `features`, channels innermost: the same as the convolution.

    Torch's own goes back through one channel several times slower than through this product.
    """
    patches = features.unfold(1, KERNEL[0], STRIDE[0]).unfold(2, KERNEL[1], STRIDE[1]).flatten(3)
    products = nn.functional.linear(patches, convolution.weight.flatten(1), convolution.bias)
    return products.permute(0, 3, 1, 2)


class ListeningCopy(nn.Module):
    """What a `DeepDrummerNetwork` says when it is not training, with fewer passes over its values; it does not learn.

    Convolutions are not padded, so a batch norm is a scale and a shift that the layer behind it can take on.
    """

    def __init__(self, network: DeepDrummerNetwork) -> None:
        super().__init__()
        layers: list[nn.Conv2d] = [_copy(network._conv(0))]
        behind = [network._conv(1), network._conv(2), network.narrow]
        for norm, layer in zip(network.norms, behind, strict=True):
            assert isinstance(norm, nn.BatchNorm2d)
            layers.append(_after_norm(norm, layer))
        self.layers = nn.ModuleList(layers)
        self.dense, self.last = network.dense, network.last

    def forward(self, features: Tensor) -> Tensor:
        """Return log-probabilities, `(batch, 2)`."""
        first = self.layers[0]
        assert isinstance(first, nn.Conv2d)
        values = nn.functional.leaky_relu_(convolve_patches(first, features))
        for layer in (self.layers[1], self.layers[2]):
            values = nn.functional.leaky_relu_(layer(values))
        dense = nn.functional.leaky_relu(self.dense(self.layers[3](values).flatten(1)))
        return nn.functional.log_softmax(self.last(dense), dim=1)


def _copy(layer: nn.Conv2d) -> nn.Conv2d:
    copied = nn.Conv2d(layer.in_channels, layer.out_channels, KERNEL, STRIDE)
    copied.load_state_dict(layer.state_dict())
    return copied


@torch.no_grad()
def _after_norm(norm: nn.BatchNorm2d, layer: nn.Conv2d) -> nn.Conv2d:
    """Return a layer that does what `norm` as it stands and `layer` do."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert layer.bias is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    shift = norm.bias - norm.running_mean * scale
    kernel = (layer.kernel_size[0], layer.kernel_size[1])
    merged = nn.Conv2d(layer.in_channels, layer.out_channels, kernel, (layer.stride[0], layer.stride[1]))
    merged.weight.copy_(layer.weight * scale[None, :, None, None])
    assert merged.bias is not None
    merged.bias.copy_(layer.bias + (layer.weight * shift[None, :, None, None]).sum(dim=(1, 2, 3)))
    return merged.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
