"""How DeepDrummer's critic learns from ratings, and what it says of bars.

Source: the description of Alain et al. 2020 (arXiv 2008.04391): after each rating 40 batches of 16, half of them liked
and half not, Adam with a rate of 5.74e-5 and a weight decay of 5.9e-6; each bar is changed a little each time: gain
N(1, .05), level shift N(0, .05), noise N(0, .006), rotation by up to 127 samples. Nothing is learned before there are
both classes. Weights, running averages and moments go on from rating to rating. Read into the description: the level
shift is added to all samples of a bar, bars are drawn with replacement, rotations 0…127 are equally likely.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ghostnote.errors import InvalidParameter
from ghostnote.sounds.bank import Mono
from ghostnote.training.deepdrummer_features import BAR_FRAMES, BarFeatures, FeatureSettings
from ghostnote.training.deepdrummer_network import DISLIKED, LIKED, DeepDrummerNetwork, ListeningCopy

MOST_ROTATION = 127
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # as in malloc.h


@dataclass(frozen=True)
class LearningSettings:
    """Amounts of the description.

    Args:
        batches: after each rating.
        batch: bars in each, half liked and half not.
        rate, weight_decay: of Adam.
        gain_sd, level_sd, noise_sd: of the changes to each bar.
    """

    batches: int = 40
    batch: int = 16
    rate: float = 5.74e-5
    weight_decay: float = 5.9e-6
    gain_sd: float = 0.05
    level_sd: float = 0.05
    noise_sd: float = 0.006


class TasteLearner:
    """A critic and all that it was told. Making one calls `keep_freed_memory`.

    Args:
        features: what it hears of a bar.
        settings: how it learns.
        seed: of its weights, and of all chance in learning.
    """

    def __init__(
        self, features: FeatureSettings, settings: LearningSettings = LearningSettings(), seed: int = 0
    ) -> None:
        keep_freed_memory()
        seeds = np.random.SeedSequence(seed).generate_state(3)
        self.settings = settings
        self.network = DeepDrummerNetwork(int(seeds[0]))
        self.learned_batches = 0
        self._features = BarFeatures(features)
        self._rng = np.random.default_rng(int(seeds[1]))
        self._noise = torch.Generator().manual_seed(int(seeds[2]))
        self._optimizer = torch.optim.Adam(
            self.network.parameters(), lr=settings.rate, weight_decay=settings.weight_decay, fused=True
        )
        self._bars: dict[int, list[Tensor]] = {DISLIKED: [], LIKED: []}
        self._listening: ListeningCopy | None = None

    @property
    def has_both_classes(self) -> bool:
        """Whether something was liked and something was not."""
        return all(self._bars.values())

    def add(self, bar: Mono, *, liked: bool) -> None:
        """Keep a rated bar, `(BAR_FRAMES,)`; nothing is learned yet.

        Raises:
            InvalidParameter: it has another length.
        """
        if bar.shape != (BAR_FRAMES,):
            raise InvalidParameter(f"a bar must have shape ({BAR_FRAMES},); got {bar.shape}")
        wrapped = np.concatenate([bar, bar[:MOST_ROTATION]])
        self._bars[LIKED if liked else DISLIKED].append(torch.from_numpy(wrapped))

    def learn(self) -> None:
        """Do what follows a rating: 40 batches if there are both classes, nothing if not."""
        if not self.has_both_classes:
            return
        self._listening = None
        self.network.train()
        half = self.settings.batch // 2
        labels = torch.tensor([DISLIKED, LIKED]).repeat_interleave(half)
        for _ in range(self.settings.batches):
            loss = torch.nn.functional.nll_loss(self.network(self._features(self.varied_bars())), labels)
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
            self.learned_batches += 1

    def varied_bars(self) -> Tensor:
        """Return a batch, `(batch, BAR_FRAMES)`: first those not liked, then as many liked, each changed by chance."""
        settings, half = self.settings, self.settings.batch // 2
        chosen = [
            kept[index] for kept in self._bars.values() for index in self._rng.integers(len(kept), size=half).tolist()
        ]
        rotations = self._rng.integers(MOST_ROTATION + 1, size=len(chosen)).tolist()
        gains = self._rng.normal(1.0, settings.gain_sd, len(chosen)).tolist()
        levels = self._rng.normal(0.0, settings.level_sd, len(chosen)).astype(np.float32)
        bars = torch.empty(len(chosen), BAR_FRAMES).normal_(0.0, settings.noise_sd, generator=self._noise)
        for varied, bar, rotation, gain in zip(bars, chosen, rotations, gains, strict=True):
            varied.add_(bar[rotation : rotation + BAR_FRAMES], alpha=gain)
        return bars.add_(torch.from_numpy(levels)[:, None])

    def log_likes(self, bars: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logarithm of P(like) of each of `bars`, `(batch, BAR_FRAMES)`, as `(batch,)`."""
        if self._listening is None:
            self._listening = ListeningCopy(self.network)
        with torch.inference_mode():
            said = self._listening(self._features(torch.from_numpy(bars)))
        return np.asarray(said[:, LIKED].numpy(), dtype=np.float64)


def keep_freed_memory() -> None:
    """Let this process keep what it frees, up to 32 MB at once, for its next request, where the C library is GNU's.

    Else each tensor of a batch comes from the system anew, page by page: a sixth of the time of learning.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        change = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # another C library
        return
    for parameter, size in ((_TRIM_THRESHOLD, 2**30), (_MMAP_THRESHOLD, 2**25)):
        change(parameter, size)
