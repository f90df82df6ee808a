from dataclasses import replace

import numpy as np
import pytest
import torch

from ghostnote.errors import InvalidParameter
from ghostnote.loops import Loop, Pattern
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import FileSound
from ghostnote.training.deepdrummer_explorer import (
    MENDED,
    ORIGINAL,
    DeepDrummerExplorer,
    mended_explorer,
    original_candidates_per_second,
    original_explorer,
)
from ghostnote.training.deepdrummer_features import BAR_FRAMES, ORIGINAL_FEATURES
from ghostnote.training.deepdrummer_learning import MOST_ROTATION, LearningSettings, TasteLearner
from ghostnote.training.deepdrummer_search import ChainSettings

DARK, BRIGHT = (
    tuple(FileSound(f"{kind}{number:031x}", f"{kind} {number}") for number in range(4)) for kind in ("d", "b")
)
BOTH = pytest.mark.parametrize("settings", [ORIGINAL, MENDED], ids=["original", "mended"])


def bank_of_tones() -> SoundBank:
    """Low and high bursts of noise."""
    bank, rng = SoundBank(), np.random.default_rng(0)
    decay = np.exp(-np.arange(8_000) / 1_500)
    for number, (dark, bright) in enumerate(zip(DARK, BRIGHT, strict=True)):
        noise = rng.normal(0, 0.3, 8_000)
        bank.add(dark, (np.cumsum(noise) * decay * 0.05 * (1 + 0.1 * number)).astype(np.float32))
        bank.add(bright, (np.diff(noise, n=2, prepend=[0, 0]) * decay * 0.5).astype(np.float32))
    return bank


class DarkOrBright:
    """Loops of dark sounds or of bright ones, by halves."""

    locked_rows: tuple[int, ...] = ()
    locked_hits: tuple[int, ...] = ()

    def draw(self, rng: np.random.Generator) -> Loop:
        sounds = BRIGHT if rng.random() < 0.5 else DARK
        hits = (rng.random((16, 4)) < 0.5).astype(np.float32)
        return Loop(Pattern(hits), tuple(sounds[int(rng.integers(4))] for _ in range(4)))

    def draw_sound(self, sound, rng):
        return (*DARK, *BRIGHT)[int(rng.integers(8))]


def brightness(loop: Loop) -> float:
    return sum(sound in BRIGHT for sound in loop.sounds) / len(loop.sounds)


def quick(settings, *, batches=2, mutations=3):
    chain = replace(settings.chain, mutations=mutations)
    return replace(settings, chain=chain, learning=LearningSettings(batches=batches, batch=4))


def explorer(settings, seed=0, **amounts) -> DeepDrummerExplorer:
    return DeepDrummerExplorer(DarkOrBright(), bank_of_tones(), seed, quick(settings, **amounts))


@BOTH
def test_amounts_are_those_of_the_paper(settings):
    assert settings.learning == LearningSettings(40, 16, 5.74e-5, 5.9e-6, 0.05, 0.05, 0.006)
    assert settings.chain.mutations == 100
    assert settings.chain.enough is None
    assert settings.final == (ChainSettings(500, enough=0.95) if settings is ORIGINAL else settings.chain)


@BOTH
def test_nothing_is_learned_before_there_are_both_classes(settings):
    one = explorer(settings)
    first = [weights.clone() for weights in one.learner.network.parameters()]
    loops = [DarkOrBright().draw(np.random.default_rng(seed)) for seed in range(3)]
    for loop in loops[:2]:
        one.rate(loop, True)
        one.judge([])
    assert one.learner.learned_batches == 0
    assert all(torch.equal(a, b) for a, b in zip(first, one.learner.network.parameters(), strict=True))
    one.rate(loops[2], False)
    one.judge([])
    assert one.learner.learned_batches == 2
    assert not torch.equal(first[0], next(iter(one.learner.network.parameters())))


@pytest.mark.parametrize(("settings", "learned"), [(ORIGINAL, 0), (MENDED, 2)], ids=["original", "mended"])
def test_when_the_last_rating_is_learned(settings, learned):
    """What is known while the third proposal is made: nothing yet in the original, both ratings in the mended one."""
    one = explorer(settings, mutations=1)
    known = []
    for liked in (True, False):
        one.rate(one.propose(), liked)
    search = one._search
    one._search = lambda *given: (known.append(one.learner.learned_batches), search(*given))[1]
    one.propose()
    assert known == [learned]
    assert one.learner.learned_batches == 2


@BOTH
def test_same_seed_same_session(settings):
    def session(seed):
        one = explorer(settings, seed)
        proposed = []
        for index in range(3):
            proposed.append(one.propose())
            one.rate(proposed[-1], index % 2 == 0)
        return proposed, one.judge(proposed)

    assert session(1) == session(1)
    assert session(1)[0] != session(2)[0]


@BOTH
def test_a_simple_taste_is_learned(settings):
    """Ten ratings of bright against dark; then unheard loops are told apart."""
    learning = LearningSettings(batches=3, batch=8, rate=1e-3)
    one = DeepDrummerExplorer(DarkOrBright(), bank_of_tones(), 0, replace(settings, learning=learning))
    rng = np.random.default_rng(5)
    for loop in (DarkOrBright().draw(rng) for _ in range(10)):
        one.rate(loop, brightness(loop) > 0.5)
    unheard = [DarkOrBright().draw(rng) for _ in range(16)]
    likes = np.array(one.judge(unheard))
    bright = np.array([brightness(loop) > 0.5 for loop in unheard])
    assert likes[bright].mean() > likes[~bright].mean() + 0.2
    assert ((likes > np.median(likes)) == bright).mean() > 0.75


def test_final_stops_when_content():
    one = explorer(ORIGINAL)
    one.learner.log_likes = lambda bars: np.full(len(bars), np.log(0.96))
    mutated = []
    source = one._generator
    one._generator = DarkOrBright()
    one._generator.draw_sound = lambda sound, rng: (mutated.append(sound), source.draw_sound(sound, rng))[1]
    assert len(one.final(5)) == 5
    assert not mutated


def test_batches_are_balanced_and_varied():
    learner = TasteLearner(ORIGINAL_FEATURES, LearningSettings(batch=8), seed=1)
    up = np.linspace(0.0, 1.0, BAR_FRAMES, dtype=np.float32)
    learner.add(np.zeros(BAR_FRAMES, dtype=np.float32), liked=False)
    learner.add(up, liked=True)
    bars = learner.varied_bars().numpy()
    assert bars.shape == (8, BAR_FRAMES)
    levels, noise = bars[:4].mean(axis=1), bars[:4].std(axis=1)
    np.testing.assert_allclose(noise, 0.006, rtol=0.05)
    assert 0.01 < np.abs(levels).max() < 0.25
    gains = np.polyfit(up, bars[4:].T, 1)[0]
    assert np.abs(gains - 1).max() < 0.25
    assert len(np.unique(gains)) == 4
    assert MOST_ROTATION == 127


def test_learner_refuses_a_bar_of_another_length():
    with pytest.raises(InvalidParameter, match="88200"):
        TasteLearner(ORIGINAL_FEATURES).add(np.zeros(10, dtype=np.float32), liked=True)


def test_factories_name_the_versions():
    made = [make(DarkOrBright(), bank_of_tones(), seed=2) for make in (original_explorer, mended_explorer)]
    assert [one.name for one in made] == ["original", "mended"]
    assert [one.settings for one in made] == [ORIGINAL, MENDED]


def test_original_speed_is_measured():
    assert original_candidates_per_second(DarkOrBright(), bank_of_tones(), 2) > 0
    with pytest.raises(InvalidParameter, match="count"):
        original_candidates_per_second(DarkOrBright(), bank_of_tones(), 0)
