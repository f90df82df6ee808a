"""DeepDrummer's critic: coefficients of one bar in, log-probabilities of dislike and like out.

Source: the description of Alain et al. 2020 (arXiv 2008.04391): three times [convolution of 64 channels, kernel 4×8,
stride 2×4; LeakyReLU; dropout .167; batch norm], a 1×1 convolution to 8 channels, 200 values, a dense layer of 128, one
of 2, log-softmax: 291,274 weights. The description names no nonlinearity behind the 1×1 convolution, so there is none,
and none between the dense layers, where one LeakyReLU stands here, since two layers would otherwise be one. What goes
in is not normalised.

Nothing here departs from that, but a processor has less to do: channels lie innermost, the first convolution is a
product with its patches, dropout takes sixteen random bits a value (so p = .16701), and batch norm, which needs no
padding to be minded, is a scale and a shift that the layer behind it takes on, in `forward` as in `ListeningCopy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import conv2d, leaky_relu, leaky_relu_, linear, log_softmax

CHANNELS = 64
KERNEL, STRIDE = (4, 8), (2, 4)
DROPOUT = 0.167
LEAK = 0.01
DISLIKED, LIKED = 0, 1


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
            self.first = nn.Conv2d(1, CHANNELS, KERNEL, STRIDE)
            self.second = nn.Conv2d(CHANNELS, CHANNELS, KERNEL, STRIDE)
            self.third = nn.Conv2d(CHANNELS, CHANNELS, KERNEL, STRIDE)
            self.norms = nn.ModuleList(nn.BatchNorm2d(CHANNELS) for _ in range(3))
            self.narrow = nn.Conv2d(CHANNELS, 8, 1)
            self.dense = nn.Linear(200, 128)
            self.last = nn.Linear(128, 2)
        self.dropout = Dropout(seed)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, features: Tensor) -> Tensor:
        """Return log-probabilities."""
        values = convolve_patches(self.first, features)
        for norm, layer in zip(self._norms(), (self.second, self.third, self.narrow), strict=True):
            if self.training:
                channels_last = values.permute(0, 2, 3, 1)
                active, mean, variance = activate(channels_last, self.dropout.mask(channels_last))
                _remember(norm, mean, variance, active.numel() // CHANNELS)
                weight, bias = take_on(norm, mean, variance, layer)
                values = conv2d(active.permute(0, 3, 1, 2), weight, bias, layer.stride)
            else:
                values = layer(norm(leaky_relu(values, LEAK)))
        return _judge(self.dense, self.last, values)

    def _norms(self) -> list[nn.BatchNorm2d]:
        return [norm for norm in self.norms if isinstance(norm, nn.BatchNorm2d)]


class Dropout:
    """Says which values are left out.

    Args:
        seed: of chance.
    """

    def __init__(self, seed: int) -> None:
        self._chance = np.random.SFC64(seed)
        left_out = round(DROPOUT * 2**16)
        self._least = np.int16(left_out - 2**15)
        self._scale = np.float32(1.0 / (1.0 - left_out / 2**16)).view(np.uint32)

    def mask(self, values: Tensor) -> Tensor:
        """Return factors in the shape of `values`: 0, or for those that stay one over the share that stays."""
        count = values.numel()
        bits = np.asarray(self._chance.random_raw(-(-count // 4))).view(np.int16)[:count]
        factors: NDArray[np.uint32] = (bits >= self._least).astype(np.uint32)
        factors *= self._scale  # whole numbers, in place: much quicker than from truth to float32
        return torch.from_numpy(factors.view(np.float32)).view(values.shape)


class ListeningCopy(nn.Module):
    """What a `DeepDrummerNetwork` says when it is not training, in fewer passes; it does not learn."""

    def __init__(self, network: DeepDrummerNetwork) -> None:
        super().__init__()
        self.first, self.dense, self.last = network.first, network.dense, network.last
        self._layers: list[_Layer] = []
        for norm, layer in zip(network._norms(), (network.second, network.third, network.narrow), strict=True):
            assert norm.running_mean is not None
            assert norm.running_var is not None
            with torch.no_grad():
                weight, bias = take_on(norm, norm.running_mean, norm.running_var, layer)
            self._layers.append(_Layer(weight, bias, (layer.stride[0], layer.stride[1])))

    def forward(self, features: Tensor) -> Tensor:
        """Return log-probabilities, `(batch, 2)`."""
        values = convolve_patches(self.first, features)
        for layer in self._layers:
            values = conv2d(leaky_relu_(values, LEAK), layer.weight, layer.bias, layer.stride)
        return _judge(self.dense, self.last, values)


@dataclass(frozen=True, eq=False)
class _Layer:
    """A convolution that has taken on the norm before it."""

    weight: Tensor
    bias: Tensor
    stride: tuple[int, int]


def convolve_patches(convolution: nn.Conv2d, features: Tensor) -> Tensor:
    """Return `(batch, channels, …)` of one-channel `features`, channels innermost: the same as the convolution.

    Torch's own goes back through one channel several times slower than through this product.
    """
    patches = features.unfold(1, KERNEL[0], STRIDE[0]).unfold(2, KERNEL[1], STRIDE[1]).flatten(3)
    return linear(patches, convolution.weight.flatten(1), convolution.bias).permute(0, 3, 1, 2)


def take_on(norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor, layer: nn.Conv2d) -> tuple[Tensor, Tensor]:
    """Return weight and bias of a convolution that does what `norm`, with these moments, and `layer` do in turn."""
    assert layer.bias is not None
    scale = norm.weight * torch.rsqrt(variance + norm.eps)
    shift = norm.bias - mean * scale
    bias = layer.bias + layer.weight.sum(dim=(2, 3)) @ shift
    return layer.weight * scale[None, :, None, None], bias


def activate(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return `values`, `(batch, height, width, channels)`, after LeakyReLU and dropout; each channel's mean, variance.

    Bars go one after the other, so that each is still in the processor's cache for the next operation.
    """
    result: tuple[Tensor, Tensor, Tensor] = _Activation.apply(values, mask)  # type: ignore[no-untyped-call]
    return result


class _Activation(torch.autograd.Function):
    """See `activate`."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        active = torch.empty_like(values)
        sums = torch.zeros(2, values.shape[-1], dtype=torch.float64)
        for given, kept, result in zip(values, mask, active, strict=True):
            torch.mul(leaky_relu(given, LEAK), kept, out=result)
            rows = result.flatten(0, 1)
            sums[0] += rows.sum(dim=0)
            sums[1] += rows.square().sum(dim=0)
        mean, square = sums / (active.numel() // active.shape[-1])
        variance = (square - mean.square()).float()
        mean = mean.float()
        ctx.save_for_backward(active, mask, mean)
        return active, mean, variance

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        active, mask, mean = ctx.saved_tensors
        of_active, of_mean, of_variance = gradients
        count = active.numel() // active.shape[-1]
        slope = of_variance * (2.0 / count)
        constant = of_mean / count - slope * mean
        result = torch.empty_like(active)
        for gradient, value, kept, out in zip(of_active, active, mask, result, strict=True):
            through = torch.addcmul(constant, value, slope).add_(gradient).mul_(kept)
            torch.ops.aten.leaky_relu_backward.grad_input(through, value, LEAK, False, grad_input=out)
        return result, None


@torch.no_grad()
def _remember(norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor, count: int) -> None:
    """Move the running moments of `norm`, as it does itself."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.momentum is not None
    norm.running_mean.lerp_(mean, norm.momentum)
    norm.running_var.lerp_(variance * (count / (count - 1)), norm.momentum)


def _judge(dense: nn.Linear, last: nn.Linear, narrowed: Tensor) -> Tensor:
    return log_softmax(last(leaky_relu(dense(narrowed.flatten(1)), LEAK)), dim=1)
