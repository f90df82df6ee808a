"""DeepDrummer as a baseline: as it was released, with its faults, and with them mended.

Source: Alain, Chevalier-Boisvert, Osterrath, Piché-Taillefer, "DeepDrummer: Generating Drum Loops using Deep Learning
and a Human in the Loop", 2020 (arXiv 2008.04391), ported from a description of it and of its released program.

| | `ORIGINAL` | `MENDED` |
|---|---|---|
| features | built for 16 kHz, fed 44.1 kHz | windows of 25 ms at 44.1 kHz |
| learns from, scores | bar 2 with tails, bar 1 without | the steady bar, both |
| order | proposes, then learns the last rating | learns, then proposes |
| before it has learned | searches with first weights | draws |
| chain | temperature 1, returns the last state | `MENDED_TEMPERATURE`, returns the best |
| in the end | until P(like) > .95, at most 500 mutations | 100 mutations, as for any proposal |

Both make 100 mutations per proposal, from a new draw. To stop at .95 may throw away what a chain that exploits finds
(of one simulated listener's last thirty 67 % were liked, of fifteen without the stop 87 %). That the released
program's search starts silent or full is no part of this: it happens with its four-on-the-floor option alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from ghostnote.errors import InvalidParameter
from ghostnote.explore.generators import Generator
from ghostnote.loops.loop import Loop
from ghostnote.loops.mutation import mutate
from ghostnote.sounds.bank import SoundBank
from ghostnote.training.deepdrummer_features import (
    BAR_FRAMES,
    MENDED_FEATURES,
    ORIGINAL_FEATURES,
    BarFeatures,
    FeatureSettings,
)
from ghostnote.training.deepdrummer_learning import LearningSettings, TasteLearner
from ghostnote.training.deepdrummer_network import DeepDrummerNetwork
from ghostnote.training.deepdrummer_rendering import (
    FIRST_BAR,
    SECOND_BAR,
    STEADY_BAR,
    HeardBar,
    hear,
    render_nine_seconds,
)
from ghostnote.training.deepdrummer_search import ChainSettings, run_chains

MENDED_TEMPERATURE = 0.1


@dataclass(frozen=True)
class DeepDrummerSettings:
    """In what the versions differ.

    Args:
        name: of the version, in reports.
        features: what the critic hears.
        learned_bar: which bar it learns from, `FIRST_BAR`, `SECOND_BAR` or `STEADY_BAR`.
        scored_bar: which bar it scores.
        learns_first: whether the last rating is learned before the next proposal is made.
        searches_untaught: whether it searches before it has learned anything; if not, it draws.
        chain: its search for a proposal.
        final: its search for those of which it learns no more.
        learning: amounts.
    """

    name: str
    features: FeatureSettings
    learned_bar: int
    scored_bar: int
    learns_first: bool
    searches_untaught: bool
    chain: ChainSettings
    final: ChainSettings
    learning: LearningSettings = field(default_factory=LearningSettings)


ORIGINAL = DeepDrummerSettings(
    name="original",
    features=ORIGINAL_FEATURES,
    learned_bar=SECOND_BAR,
    scored_bar=FIRST_BAR,
    learns_first=False,
    searches_untaught=True,
    chain=ChainSettings(mutations=100),
    final=ChainSettings(mutations=500, enough=0.95),
)
_EXPLOITING = ChainSettings(mutations=100, temperature=MENDED_TEMPERATURE, keeps_best=True)
MENDED = DeepDrummerSettings(
    name="mended",
    features=MENDED_FEATURES,
    learned_bar=STEADY_BAR,
    scored_bar=STEADY_BAR,
    learns_first=True,
    searches_untaught=False,
    chain=_EXPLOITING,
    final=_EXPLOITING,
)


class DeepDrummerExplorer:
    """Proposes, is told, learns; an `Explorer` of the evaluation.

    Args:
        generator: of loops of two seconds, and of sounds.
        bank: holds their sounds.
        seed: of all chance: same calls, same answers.
        settings: `ORIGINAL` or `MENDED`.
    """

    def __init__(
        self, generator: Generator, bank: SoundBank, seed: int = 0, settings: DeepDrummerSettings = ORIGINAL
    ) -> None:
        self.name = settings.name
        self.settings = settings
        self.learner = TasteLearner(settings.features, settings.learning, seed)
        self._generator = generator
        self._bank = bank
        self._rng = np.random.default_rng((seed, 1))
        self._unlearned: list[tuple[Loop, bool, Callable[[DeepDrummerNetwork], None] | None]] = []

    def propose(self) -> Loop:
        """Return the next loop to be rated."""
        if self.settings.learns_first:
            self._learn()
            return self._search(1, self.settings.chain)[0]
        loop = self._search(1, self.settings.chain)[0]
        self._learn()
        return loop

    def rate(self, loop: Loop, liked: bool, then: Callable[[DeepDrummerNetwork], None] | None = None) -> None:
        """Take note of a rating; it is learned when the next proposal is made, before or after it.

        Args:
            loop: that was heard.
            liked: what was said of it.
            then: called with the critic's network as it is once this is learned, and nothing after it.
        """
        self._unlearned.append((loop, liked, then))

    def catch_up(self, proposed: int) -> None:
        """Go on as if `proposed` proposals had been made, the last of them after all ratings so far."""
        self._learn()
        self._rng.spawn(proposed)

    def final(self, count: int) -> list[Loop]:
        """Return what the critic finds after all ratings are learned."""
        self._learn()
        return self._search(count, self.settings.final)

    def judge(self, loops: Sequence[Loop]) -> list[float]:
        """Return P(like) of each of `loops` as the critic stands after all ratings, 0…1.

        Before there are both classes that is what its first weights say, or with `MENDED` one half.
        """
        self._learn()
        if not (self.settings.searches_untaught or self.learner.learned_batches):
            return [0.5] * len(loops)
        bars = [hear(loop, self._bank, self.settings.scored_bar).audio for loop in loops]
        return [float(np.exp(self.learner.log_likes(bar[None])[0])) for bar in bars]

    def _learn(self) -> None:
        while self._unlearned:
            loop, liked, then = self._unlearned[0]
            audio = hear(loop, self._bank, self.settings.learned_bar).audio
            del self._unlearned[0]  # whatever happens now, it is not learned twice
            self.learner.add(audio, liked=liked)
            self.learner.learn()
            if then is not None:
                then(self.learner.network)

    def _search(self, count: int, chain: ChainSettings) -> list[Loop]:
        rngs = self._rng.spawn(count)
        starts = [self._generator.draw(rng) for rng in rngs]
        if not (self.settings.searches_untaught or self.learner.learned_batches):
            return starts
        return run_chains(starts, self._hear, self.learner.log_likes, self._change, rngs, chain)

    def _change(self, loop: Loop, rng: np.random.Generator) -> Loop:
        return mutated(loop, self._generator, rng)

    def _hear(self, loop: Loop, before: HeardBar | None) -> HeardBar:
        return hear(loop, self._bank, self.settings.scored_bar, before)


def mutated(loop: Loop, generator: Generator, rng: np.random.Generator) -> Loop:
    """Return a mutation of `loop` that leaves alone what `generator` locks."""
    locked_rows, locked_hits = generator.locked_rows, generator.locked_hits
    return mutate(loop, generator.draw_sound, rng, locked_rows=locked_rows, locked_hits=locked_hits)


def original_explorer(generator: Generator, bank: SoundBank, seed: int = 0) -> DeepDrummerExplorer:
    """Return the baseline as it was released."""
    return DeepDrummerExplorer(generator, bank, seed, ORIGINAL)


def mended_explorer(generator: Generator, bank: SoundBank, seed: int = 0) -> DeepDrummerExplorer:
    """Return the baseline with its faults mended."""
    return DeepDrummerExplorer(generator, bank, seed, MENDED)


def original_candidates_per_second(generator: Generator, bank: SoundBank, count: int, seed: int = 0) -> float:
    """Return how many candidates the released program's way renders and scores in a second, measured over `count`.

    One by one: a mutation, nine seconds rendered, the coefficients of its first bar, the network with a batch of one.

    Args:
        generator: as for `DeepDrummerExplorer`.
        bank: holds its sounds.
        count: at least 1.
        seed: of chance.

    Raises:
        InvalidParameter: `count` is below 1.
    """
    if count < 1:
        raise InvalidParameter(f"count must be at least 1; got {count}")
    rng = np.random.default_rng(seed)
    features, network = BarFeatures(ORIGINAL_FEATURES), DeepDrummerNetwork(seed).eval()
    loop = generator.draw(rng)
    started = 0.0
    with torch.inference_mode():
        for index in range(count + 1):
            if index == 1:  # the first one warms up
                started = time.perf_counter()
            loop = mutated(loop, generator, rng)
            bar = render_nine_seconds(loop, bank)[:BAR_FRAMES]
            network(features(torch.from_numpy(bar)[None]))
        return count / (time.perf_counter() - started)
