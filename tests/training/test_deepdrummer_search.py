import math

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.loops import Loop, Pattern, mutate, render_loop, with_sound
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import FileSound
from ghostnote.training.deepdrummer_features import BAR_FRAMES
from ghostnote.training.deepdrummer_rendering import (
    FIRST_BAR,
    SECOND_BAR,
    STEADY_BAR,
    HeardBar,
    hear,
    render_nine_seconds,
)
from ghostnote.training.deepdrummer_search import ChainSettings, accepts, run_chains

SOUNDS = tuple(FileSound(f"{number:032x}", f"sound {number}") for number in range(6))


def bank_of_noises() -> SoundBank:
    bank, rng = SoundBank(), np.random.default_rng(0)
    for sound, seconds in zip(SOUNDS, (0.1, 0.4, 1.0, 1.9, 2.5, 4.0), strict=True):
        bank.add(sound, rng.normal(0, 0.1, round(seconds * 44_100)).astype(np.float32))
    return bank


def draw_sound(sound, rng):
    return SOUNDS[int(rng.integers(len(SOUNDS)))]


def change(loop, rng):
    return mutate(loop, draw_sound, rng)


def random_loop(seed: int) -> Loop:
    rng = np.random.default_rng(seed)
    hits = (rng.random((16, 4)) < 0.5).astype(np.float32)
    return Loop(Pattern(hits), tuple(draw_sound(None, rng) for _ in range(4)))


@pytest.mark.parametrize(("bar", "first"), [(FIRST_BAR, 0), (SECOND_BAR, BAR_FRAMES)], ids=["first", "second"])
def test_bars_are_those_of_nine_seconds(bar, first):
    bank, loop = bank_of_noises(), random_loop(1)
    nine = render_nine_seconds(loop, bank)
    np.testing.assert_allclose(hear(loop, bank, bar).audio, nine[first : first + BAR_FRAMES], atol=1e-6)


def test_steady_bar_is_what_is_played():
    bank, loop = bank_of_noises(), random_loop(2)
    np.testing.assert_allclose(hear(loop, bank, STEADY_BAR).audio, render_loop(loop, bank), atol=1e-6)


@pytest.mark.parametrize("bar", [FIRST_BAR, STEADY_BAR], ids=["first", "steady"])
def test_what_changed_is_rendered_as_all_is(bar):
    bank, rng = bank_of_noises(), np.random.default_rng(3)
    heard = hear(random_loop(3), bank, bar)
    for _ in range(12):
        heard = hear(change(heard.loop, rng), bank, bar, heard)
        np.testing.assert_array_equal(heard.audio, hear(heard.loop, bank, bar).audio)


def test_rows_that_stay_are_not_rendered_again():
    bank, loop = bank_of_noises(), random_loop(4)
    before = hear(loop, bank, FIRST_BAR)
    after = hear(with_sound(loop, 2, SOUNDS[0 if loop.sounds[2] != SOUNDS[0] else 1]), bank, FIRST_BAR, before)
    assert [a is b for a, b in zip(before.rows, after.rows, strict=True)] == [True, True, False, True]


def test_a_loop_of_another_length_is_refused():
    loop = random_loop(0)
    with pytest.raises(InvalidParameter, match="2 s"):
        hear(Loop(loop.pattern, loop.sounds, tempo_bpm=100), bank_of_noises(), FIRST_BAR)


@pytest.mark.parametrize(
    ("old", "new", "temperature", "chance", "accepted"),
    [
        (0.5, 0.6, 1.0, 0.999, True),  # better is always accepted
        (0.5, 0.4, 1.0, 0.79, True),  # 0.4 / 0.5 = 0.8
        (0.5, 0.4, 1.0, 0.81, False),
        (0.5, 0.4, 0.1, 0.10, True),  # 0.8^10 = 0.107
        (0.5, 0.4, 0.1, 0.11, False),
    ],
)
def test_acceptance_by_hand(old, new, temperature, chance, accepted):
    assert accepts(math.log(old), math.log(new), temperature, chance) is accepted


class Scripted:
    """Chance, mutations and scores from lists, so that a chain can be followed by hand."""

    def __init__(self, scores: list[float], chances: list[float]) -> None:
        self.scores, self.chances = iter(scores), iter(chances)
        self.made = 0

    def hear(self, loop: Loop, before: HeardBar | None) -> HeardBar:
        audio = np.zeros(4, dtype=np.float32)
        return HeardBar(Loop(loop.pattern, loop.sounds, seed=self._next()), (), audio)

    def _next(self) -> int:
        self.made += 1
        return self.made - 1

    def score(self, bars):
        return np.log([next(self.scores) for _ in bars])

    def random(self, size=None):
        return np.ones(size) if size is not None else next(self.chances)


@pytest.mark.parametrize(
    ("settings", "end"),
    [
        (ChainSettings(mutations=4), 3),
        (ChainSettings(mutations=4, keeps_best=True), 2),
        (ChainSettings(mutations=4, enough=0.75), 2),
        (ChainSettings(mutations=0), 0),
    ],
    ids=["last state", "best state", "until enough", "no mutations"],
)
def test_chain_by_hand(settings, end):
    """p: .5 at first; .2 against .9 is refused, .8 taken, .6 against .7 (ratio .75) taken, .1 against .5 refused."""
    script = Scripted([0.5, 0.2, 0.8, 0.6, 0.1], [0.9, 0.0, 0.7, 0.5])
    ended = run_chains([random_loop(0)], script.hear, script.score, change, [script], settings)  # type: ignore[list-item]
    assert [loop.seed for loop in ended] == [end]


def test_chains_in_step_go_as_they_do_alone():
    bank = bank_of_noises()

    def hear_first(loop, before):
        return hear(loop, bank, FIRST_BAR, before)

    def score(bars):
        return -np.log1p(np.square(bars.astype(np.float64)).sum(axis=1))

    def rngs():
        return [np.random.default_rng(seed) for seed in range(3)]

    starts, settings = [random_loop(seed) for seed in range(3)], ChainSettings(mutations=8, temperature=0.5)
    together = run_chains(starts, hear_first, score, change, rngs(), settings)
    alone = [
        run_chains([start], hear_first, score, change, [rng], settings)[0]
        for start, rng in zip(starts, rngs(), strict=True)
    ]
    assert together == alone
    assert together != starts


@pytest.mark.parametrize("values", [{"temperature": 0.0}, {"mutations": -1}])
def test_chain_settings_out_of_range(values):
    with pytest.raises(InvalidParameter, match="temperature must be above 0"):
        ChainSettings(**values)
