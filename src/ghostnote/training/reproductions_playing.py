"""Let the paper's models do their tasks on windows of the dataset, decoded freely as a user would hear them.

A best guess takes the posterior mean and the likelier of hit and silence in each cell; a sample draws both. Velocities
and offsets have no distribution of their own: they are the decoder's means. Nothing here knows a tempo.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ghostnote.groove import VOICES, GrooveBatch, Voice
from ghostnote.training.recurrent import Performance, RecurrentNetwork
from ghostnote.training.reproductions import REPRODUCTIONS

LATEST = np.float32(0.5 - 1e-6)
AT_ONCE = 512
STEPS_PER_BAR = 16
_PARALLEL = 1e-6  # below this sine, two latents point one way


def drumify(
    network: RecurrentNetwork, taps: GrooveBatch, *, name: str = "tap2drum", sample: bool, seed: int = 0
) -> GrooveBatch:
    """Return kits to `taps`, one-voice windows (or windows, of which the tap is taken).

    Args:
        network: of reproduction `name`, `tap2drum` or `tap2drum_dropout`.
        sample: draw latent and hits.
    """
    inputs = REPRODUCTIONS[name].inputs(taps, None)
    return _grooves(_perform(network, inputs, sample=sample, seed=seed), taps)


def infill(network: RecurrentNetwork, windows: GrooveBatch, *, sample: bool, seed: int = 0) -> GrooveBatch:
    """Return `windows` with the closed hi-hat written anew; all else is theirs."""
    written = _perform(network, REPRODUCTIONS["infill"].inputs(windows, None), sample=sample, seed=seed)
    hits, velocities, offsets = (array.copy() for array in (windows.hits, windows.velocities, windows.offsets))
    column = Voice.CLOSED_HIHAT.column
    hits[..., column], velocities[..., column], offsets[..., column] = (part[..., 0] for part in written)
    return replace(windows, hits=hits, velocities=velocities, offsets=offsets)


def transfer(
    network: RecurrentNetwork,
    scores: GrooveBatch,
    donors: GrooveBatch,
    *,
    sample: bool,
    clamp: bool = True,
    seed: int = 0,
) -> GrooveBatch:
    """Return `scores` played with the feel of `donors`, window by window.

    Args:
        clamp: hear the score's own hits at each step; otherwise the model's, which become the result's.
    """
    reproduction = REPRODUCTIONS["transfer"]
    control = reproduction.controls(scores)
    inputs = reproduction.inputs(donors, None)
    played = _perform(network, inputs, sample=sample, seed=seed, control=control, clamp=control if clamp else None)
    return _grooves(played, scores)


def generate(network: RecurrentNetwork, like: GrooveBatch, *, seed: int = 0) -> GrooveBatch:
    """Return as many windows as `like`, at its tempos, cut side by side from four-bar samples of the prior."""
    steps = REPRODUCTIONS["autoencoder"].bars * STEPS_PER_BAR
    per_sample = steps // like.hits.shape[1]
    count = -(-len(like) // per_sample)
    torch.manual_seed(seed)
    parts = []
    for start in range(0, count, AT_ONCE):
        z = torch.randn(min(AT_ONCE, count - start), network.config.latent_units)
        parts.append(_arrays(network.decode(z, steps, sample=True)))
    shape = (count * per_sample, like.hits.shape[1], len(VOICES))
    written = tuple(np.concatenate(arrays).reshape(shape)[: len(like)] for arrays in zip(*parts, strict=True))
    return _grooves(written, like)


@torch.no_grad()
def interpolate(
    network: RecurrentNetwork, first: GrooveBatch, second: GrooveBatch, *, steps: int
) -> tuple[GrooveBatch, ...]:
    """Return the paths between the latents of `first` and `second`, four-bar windows, as `steps` batches.

    Latents are posterior means, the way between them follows the sphere as in the paper, hits are the likelier ones.
    """
    inputs = REPRODUCTIONS["autoencoder"].inputs
    one, other = (network.encode(torch.from_numpy(inputs(side, None)))[0] for side in (first, second))
    path = []
    for share in np.linspace(0.0, 1.0, steps):
        z = slerp(one, other, float(share))
        path.append(_grooves(_arrays(network.decode(z, first.hits.shape[1], sample=False)), first))
    return tuple(path)


def slerp(one: Tensor, other: Tensor, share: float) -> Tensor:
    """Return the points `share` of the way from `one` to `other`, `(batch, latent)`, along the sphere.

    Source: Shoemake 1985; where both point one way, along the straight line.
    """
    cosine = torch.nn.functional.cosine_similarity(one, other, dim=-1).clamp(-1.0, 1.0)[:, None]
    angle = torch.arccos(cosine)
    sine = torch.sin(angle)
    straight = (1.0 - share) * one + share * other
    divisor = sine.clamp_min(_PARALLEL)
    round_ = (torch.sin((1.0 - share) * angle) * one + torch.sin(share * angle) * other) / divisor
    return torch.where(sine > _PARALLEL, round_, straight)


Written = tuple[NDArray[np.float32], ...]


def _perform(
    network: RecurrentNetwork,
    inputs: NDArray[np.float32],
    *,
    sample: bool,
    seed: int,
    control: Tensor | None = None,
    clamp: Tensor | None = None,
) -> Written:
    torch.manual_seed(seed)
    parts = []
    for start in range(0, len(inputs), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        performance = network.perform(
            torch.from_numpy(inputs[rows]),
            sample=sample,
            control=None if control is None else control[rows],
            clamp=None if clamp is None else clamp[rows],
        )
        parts.append(_arrays(performance))
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def _arrays(performance: Performance) -> Written:
    """Return hits, velocities and offsets in steps, both zero where there is no hit."""
    if performance.hits is None:
        raise ValueError("a performance that was decoded freely has hits")
    hits = performance.hits.numpy()
    return hits, hits * performance.velocities.numpy(), hits * (performance.offsets.numpy() / 2).clip(-0.5, LATEST)


def _grooves(written: Written, like: GrooveBatch) -> GrooveBatch:
    hits, velocities, offsets = written
    return GrooveBatch(hits, velocities, offsets, like.tempos_bpm, like.performances, like.start_bars, like.styles)
