"""Sounds and loops whose qualities are known by construction, and listeners tuned on random loops of made-up sounds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hearing import QUALITIES, describe_sound
from ghostnote.evaluation.listeners import (
    LIKE_RATE,
    Listener,
    Term,
    Wish,
    draw_listeners,
    tune,
)
from ghostnote.evaluation.traits import TRAIT_NAMES, TRAITS, Heard, is_low, measure_traits

RATE = 44_100


def _tone(hertz: float, decay_seconds: float, seconds: float = 1.0) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    return np.sin(2 * np.pi * hertz * at) * np.exp(-at / decay_seconds)


def _noise(decay_seconds: float, seconds: float = 1.0) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    return np.random.default_rng(0).normal(size=len(at)) * np.exp(-at / decay_seconds)


def _of(audio: np.ndarray) -> dict[str, float]:
    return dict(zip(QUALITIES, describe_sound(audio, RATE), strict=True))


def test_low_tone_is_dark_low_and_pitched() -> None:
    kick = _of(_tone(60, 0.2))
    assert kick["low"] > 0.95
    assert kick["high"] < 0.01
    assert abs(kick["pitch"]) < 0.1
    assert kick["brightness"] < -3


def test_noise_is_brighter_and_noisier_than_tone() -> None:
    hat, tone = _of(_noise(0.1)), _of(_tone(2_000, 0.1))
    assert hat["noisiness"] > tone["noisiness"] + 0.5
    assert hat["brightness"] > 2.5
    assert tone["brightness"] == pytest.approx(1.0, abs=0.1)


def test_decay_is_time_to_20_db_below() -> None:
    for decay in (0.05, 0.2):
        assert 10 ** _of(_tone(500, decay))["decay"] == pytest.approx(decay * np.log(10), rel=0.1)


def test_ripple_is_rough_and_slow_attack_is_slow() -> None:
    at = np.arange(RATE) / RATE
    smooth = _tone(800, 0.5)
    assert _of(smooth * (1 + np.sin(2 * np.pi * 70 * at)))["roughness"] > _of(smooth)["roughness"] + 0.3
    assert _of(smooth * np.minimum(at / 0.1, 1))["attack"] > _of(smooth)["attack"] + 0.5


def test_level_does_not_matter() -> None:
    np.testing.assert_allclose(describe_sound(_noise(0.1)), describe_sound(0.01 * _noise(0.1)), atol=1e-6)


@pytest.mark.parametrize("audio", [np.zeros(0), np.zeros(100), np.ones((100, 2)), np.array([1.0, np.nan])])
def test_sounds_that_are_none_are_refused(audio: np.ndarray) -> None:
    with pytest.raises(InvalidParameter, match="audio of a sound"):
        describe_sound(audio)


KICK, HAT, SNARE, BELL = (
    describe_sound(audio) for audio in (_tone(60, 0.15), np.diff(_noise(0.03)), _noise(0.1), _tone(900, 0.6))
)


def _loop(*rows: str, sounds: tuple[np.ndarray, ...] = (KICK, HAT, SNARE, BELL)) -> Heard:
    hits = np.array([[[letter == "x" for letter in row] for row in rows]], dtype=float).transpose(0, 2, 1)
    return Heard(hits, hits, np.array([sounds[: len(rows)]]))


def _trait(name: str, loop: Heard) -> float:
    return float(measure_traits(loop)[0, TRAIT_NAMES.index(name)])


ROCK = _loop("x-------x-------", "x-x-x-x-x-x-x-x-", "----x-------x---", "----------------")
OFF = _loop("---x--x----x--x-", "-x-x-x-x-x-x-x-x", "--x---x---------", "----------------")


@pytest.mark.parametrize(
    "trait", ["accents", "halves", "backbeat", "downbeat", "lows_on_beats", "noise_backbeat", "regular_lows"]
)
def test_rock_has_more_of_what_makes_it_rock(trait: str) -> None:
    assert _trait(trait, ROCK) > _trait(trait, OFF)


@pytest.mark.parametrize("trait", ["syncopation", "sixteenths", "lows_syncopate"])
def test_weak_places_are_heard(trait: str) -> None:
    assert _trait(trait, OFF) > _trait(trait, ROCK)


def test_rhythm_does_not_hear_sounds_and_timbre_does_not_hear_when() -> None:
    swapped = Heard(ROCK.hits, ROCK.velocities, ROCK.sounds[:, ::-1])
    later = Heard(np.roll(ROCK.hits, 3, axis=1), np.roll(ROCK.hits, 3, axis=1), ROCK.sounds)
    kinds = np.array([trait.kind for trait in TRAITS])
    here, other_sounds, other_time = (measure_traits(loop)[0] for loop in (ROCK, swapped, later))
    np.testing.assert_allclose(here[kinds == "rhythm"], other_sounds[kinds == "rhythm"])
    np.testing.assert_allclose(here[kinds == "timbre"], other_time[kinds == "timbre"])
    assert np.abs(here - other_sounds)[kinds == "timbre"].max() > 0.1
    assert np.abs(here - other_time)[kinds == "rhythm"].max() > 0.1


def test_order_of_rows_does_not_matter() -> None:
    order = [2, 0, 3, 1]
    shuffled = Heard(ROCK.hits[:, :, order], ROCK.hits[:, :, order], ROCK.sounds[:, order])
    np.testing.assert_allclose(measure_traits(shuffled), measure_traits(ROCK), atol=1e-9)


def test_silence_and_eight_steps_have_finite_traits() -> None:
    for loop in (_loop("-" * 16, "-" * 16), _loop("x-x-x-x-", "--------"), _loop("x" * 32)):
        assert np.isfinite(measure_traits(loop)).all()


def test_only_the_kick_is_low() -> None:
    np.testing.assert_allclose(is_low(ROCK)[0], [1, 0, 0, 0], atol=0.05)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="multiple of 8"):
        _loop("x---x---x---")
    with pytest.raises(InvalidParameter, match="qualities"):
        Heard(ROCK.hits, ROCK.velocities, ROCK.sounds[:, :2])


def _random_traits(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    hits = (rng.random((count, 16, 4)) < 0.5).astype(float)
    pool = np.array([KICK, HAT, SNARE, BELL]) + rng.normal(0, 0.3, (12, 1, len(QUALITIES)))
    pool = pool.reshape(-1, len(QUALITIES))
    return measure_traits(Heard(hits, hits, pool[rng.integers(len(pool), size=(count, 4))]))


@pytest.fixture(scope="module")
def usual() -> np.ndarray:
    return _random_traits(3000, 1)


def test_twenty_four_listeners_of_all_kinds() -> None:
    everyone = draw_listeners()
    assert len({one.name for one in everyone}) == len(everyone) == 24
    assert draw_listeners() == everyone
    assert draw_listeners(5) != everyone
    steady = [one for one in everyone if one.group == "steady"]
    assert np.mean([one.rate for one in steady]) == pytest.approx(LIKE_RATE, abs=1e-3)
    assert {(one.kind, one.noise) for one in steady} == {
        (kind, noise) for kind in ("timbre", "rhythm", "both") for noise in (0.0, 0.1, 0.2)
    }
    assert [one.group for one in everyone].count("rare") == [one.group for one in everyone].count("drifting") == 3


def test_tastes_hang_on_what_they_say() -> None:
    kinds = {trait.name: trait.kind for trait in TRAITS}
    for one in draw_listeners():
        wished = [kinds[wish.trait] for term in one.taste for wish in term.wishes]
        if one.kind == "both":
            assert {"timbre", "rhythm", "both"} <= set(wished)
        else:
            assert set(wished) == {one.kind}
        assert one.words.startswith("Likes ")


@pytest.mark.parametrize("listener", draw_listeners(), ids=lambda one: one.name)
def test_rates_are_as_wanted(listener: Listener, usual: np.ndarray) -> None:
    ear = tune(listener, usual)
    for progress in (0.0, 0.4, 1.0):
        assert ear.likes(usual, progress).mean() == pytest.approx(listener.true_rate, abs=0.02)
        answers = ear.answers(usual, np.random.default_rng(0), progress)
        assert answers.mean() == pytest.approx(listener.rate, abs=0.03)


def test_noise_turns_answers_round(usual: np.ndarray) -> None:
    noisy = next(one for one in draw_listeners() if one.noise == 0.2)
    ear = tune(noisy, usual)
    wrong = ear.likes(usual) != ear.answers(usual, np.random.default_rng(3))
    assert wrong.mean() == pytest.approx(0.2, abs=0.02)


def test_drift_moves_from_one_taste_to_the_other(usual: np.ndarray) -> None:
    drifting = next(one for one in draw_listeners() if one.group == "drifting")
    assert drifting.later is not None
    ear = tune(drifting, usual)
    first = tune(dataclasses.replace(drifting, later=None), usual)
    last = tune(dataclasses.replace(drifting, taste=drifting.later, later=None), usual)
    assert (ear.likes(usual, 0.0) == first.likes(usual)).all()
    assert (ear.likes(usual, 1.0) == last.likes(usual)).all()
    between = ear.likes(usual, 0.5)
    assert 0.5 < (between == first.likes(usual)).mean() < 1
    assert 0.5 < (between == last.likes(usual)).mean() < 1


def test_more_of_what_is_wished_pleases_more(usual: np.ndarray) -> None:
    z = np.zeros((3, len(TRAITS)))
    z[:, TRAIT_NAMES.index("density")] = -1, 0, 1
    more, less, about = (Wish("density", shape).fulfilment(z) for shape in ("more", "less", "about"))
    assert more[0] < more[1] < more[2]
    assert less[0] > less[1] > less[2]
    assert about[1] == 1 > about[0] == about[2]
    both = Term((Wish("density", "more"), Wish("density", "less")), 1.0).value(z)
    np.testing.assert_allclose(both, more * less)


def test_listeners_that_can_not_be_are_refused(usual: np.ndarray) -> None:
    one = draw_listeners()[0]
    with pytest.raises(InvalidParameter, match="percentage"):
        dataclasses.replace(one, noise=10)
    with pytest.raises(InvalidParameter, match="noise alone"):
        dataclasses.replace(one, noise=0.3, rate=0.2)
    with pytest.raises(InvalidParameter, match="trait must be one of"):
        Wish("swagger", "more")
    with pytest.raises(InvalidParameter, match="200 random loops"):
        tune(one, usual[:50])
