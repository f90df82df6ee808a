from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from ghostnote.audio import SoundMeasures, measure_sound
from ghostnote.audio.loudness import hit_loudness_lufs
from ghostnote.errors import InvalidParameter
from ghostnote.sounds.bank import Mono
from ghostnote.sounds.families import (
    FAMILIES,
    Parameter,
    draw_pool,
    draw_sound,
    mutate_sound,
    synthesize,
)
from ghostnote.sounds.level import HIGHEST_PEAK, TARGET_LUFS
from ghostnote.sounds.sound import LONGEST_SECONDS, MASTER_RATE_HZ, SynthSound

DRAWN = 16

# Of one sound of each family: frames, and where its energy lies. People's loops keep sounds as numbers, so a change
# here changes their loops. Regenerate, if that is meant, by printing `_fixed(name)` measured as in the test.
FROZEN = {
    "kick": (31897, 79.7),
    "snare": (12450, 242.1),
    "clap": (24381, 2395.3),
    "rim": (2584, 1653.8),
    "closed_hat": (18195, 5162.1),
    "open_hat": (118833, 5172.5),
    "crash": (99719, 3259.2),
    "ride": (20274, 3254.8),
    "tom": (30111, 115.9),
    "cowbell": (8597, 690.4),
    "shaker": (5336, 3979.7),
    "noise": (2309, 912.9),
    "fm": (35377, 162.8),
    "wood": (7307, 447.0),
    "glass": (28253, 1383.1),
    "bell": (42405, 286.6),
    "glitch": (9532, 1231.3),
    "vinyl": (3897, 2274.9),
}

# At least so many octaves lie between the second lowest and the second highest of the drawn sounds.
CENTROID_OCTAVES = {"closed_hat": 0.5, "open_hat": 0.5, "crash": 0.5, "ride": 0.6, "kick": 0.8, "shaker": 0.7}
DECAY_OCTAVES = {"shaker": 0.9}


@dataclass(frozen=True, eq=False)
class Heard:
    sound: SynthSound
    audio: Mono
    measures: SoundMeasures


def _fixed(family: str) -> SynthSound:
    return SynthSound(family, tuple((0.3 + 0.37 * i) % 1 for i in range(len(FAMILIES[family].parameters))), 4)


@pytest.fixture(scope="module")
def heard() -> dict[str, list[Heard]]:
    rng = np.random.default_rng(2024)
    all_heard = {}
    for family in FAMILIES:
        sounds = [draw_sound(rng, family) for _ in range(DRAWN)]
        audios = [synthesize(sound) for sound in sounds]
        all_heard[family] = [
            Heard(sound, audio, measure_sound(audio, MASTER_RATE_HZ))
            for sound, audio in zip(sounds, audios, strict=True)
        ]
    return all_heard


def _bands_db(audio: Mono) -> np.ndarray:
    """Return `(bands, frames)` of the first second, over 60 dB."""
    frame = 1_024
    one = np.zeros(MASTER_RATE_HZ // frame * frame)
    one[: min(len(one), len(audio))] = audio[: len(one)]
    power = np.abs(np.fft.rfft(one.reshape(-1, frame) * np.hanning(frame), axis=1)) ** 2
    edges = np.unique(np.round(np.geomspace(1, frame // 2, 25)).astype(int))
    db = 10 * np.log10(np.add.reduceat(power, edges[:-1], axis=1).T + 1e-10)
    return np.asarray(np.maximum(db, db.max() - 60.0))


def _distance(left: Mono, right: Mono) -> float:
    return float(np.sqrt(np.mean((_bands_db(left) - _bands_db(right)) ** 2)))


def test_there_are_ten_families_and_more() -> None:
    assert len(FAMILIES) >= 10
    assert all(name == family.name for name, family in FAMILIES.items())


@pytest.mark.parametrize("family", FAMILIES)
def test_parameters_have_names_of_their_own_and_ranges(family: str) -> None:
    knobs = FAMILIES[family].parameters
    assert len({knob.name for knob in knobs}) == len(knobs) >= 8
    for knob in knobs:
        assert knob.low < knob.high
        assert knob.at(0.0) == pytest.approx(knob.low)
        assert knob.at(1.0) == pytest.approx(knob.high)


def test_log_parameters_go_by_ratios() -> None:
    assert Parameter("pitch_hz", 50.0, 200.0, "log").at(0.5) == pytest.approx(100.0)
    assert Parameter("noise_db", -20.0, 0.0).at(0.5) == pytest.approx(-10.0)


@pytest.mark.parametrize("family", FAMILIES)
def test_sounds_start_at_once_and_end_on_zero(family: str, heard: dict[str, list[Heard]]) -> None:
    for one in heard[family]:
        level = np.abs(one.audio)
        assert one.audio.dtype == np.float32
        assert one.audio.ndim == 1
        assert np.isfinite(one.audio).all()
        assert level[0] > 0.009 * level.max()
        assert one.audio[-1] == 0.0
        assert level[-44:].max() < 0.003 * level.max(), "a click at the end"
        assert 0.015 * MASTER_RATE_HZ < len(one.audio) <= LONGEST_SECONDS * MASTER_RATE_HZ


@pytest.mark.parametrize("family", FAMILIES)
def test_sounds_have_no_constant_part(family: str, heard: dict[str, list[Heard]]) -> None:
    for one in heard[family]:
        assert abs(one.audio.mean()) < 0.03 * one.audio.std()


@pytest.mark.parametrize("family", FAMILIES)
def test_sounds_are_equally_loud_or_at_their_peak(family: str, heard: dict[str, list[Heard]]) -> None:
    for one in heard[family]:
        peak = float(np.abs(one.audio).max())
        loudness = hit_loudness_lufs(one.audio, MASTER_RATE_HZ)
        assert peak <= HIGHEST_PEAK + 1e-6
        if peak < HIGHEST_PEAK - 1e-3:
            assert loudness == pytest.approx(TARGET_LUFS, abs=0.05)
        else:
            assert TARGET_LUFS - 10.0 < loudness < TARGET_LUFS + 0.05


@pytest.mark.parametrize("family", FAMILIES)
def test_no_two_sounds_are_equal_and_they_spread(family: str, heard: dict[str, list[Heard]]) -> None:
    assert len({one.audio.tobytes() for one in heard[family]}) == DRAWN
    for name, least in (("centroid_hz", CENTROID_OCTAVES), ("decay20_seconds", DECAY_OCTAVES)):
        found = np.sort([getattr(one.measures, name) for one in heard[family]])
        octaves = float(np.log2(found[-2] / found[1]))
        assert octaves > least.get(family, 1.0), f"{name} spreads over {octaves:.2f} octaves"


def test_thousands_of_draws_of_a_family_are_thousands_of_sounds() -> None:
    """Of the family that is made quickest; `bench/sounds.py` counts those of all."""
    rng = np.random.default_rng(0)
    assert len({synthesize(draw_sound(rng, "wood")).tobytes() for _ in range(2_000)}) == 2_000


def test_families_lie_where_their_instruments_do(heard: dict[str, list[Heard]]) -> None:
    centroid = {f: np.median([one.measures.centroid_hz for one in heard[f]]) for f in FAMILIES}
    decay = {f: np.median([one.measures.decay20_seconds for one in heard[f]]) for f in FAMILIES}
    # Real ones (Sonic Pi's): kicks 40-250 Hz, snares 0.5-3.5 kHz with their crest near 1, toms 130-270, hats 8-10 kHz.
    assert centroid["kick"] < 160.0
    assert 140.0 < centroid["tom"] < 500.0
    assert 500.0 < centroid["snare"] < 1_600.0
    assert centroid["closed_hat"] > 5_000.0
    assert centroid["open_hat"] > 5_000.0
    assert decay["closed_hat"] < 0.1 < 0.3 < decay["open_hat"]
    assert decay["crash"] > 0.35
    assert decay["rim"] < 0.06


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_sound_gives_the_same_samples(family: str) -> None:
    sound = _fixed(family)
    first = synthesize(sound)
    np.testing.assert_array_equal(first, synthesize(replace(sound)))
    assert not np.array_equal(first, synthesize(replace(sound, seed=5)))


@pytest.mark.parametrize("family", FAMILIES)
def test_sounds_stay_what_they_were(family: str) -> None:
    audio = synthesize(_fixed(family))
    frames, centroid_hz = FROZEN[family]
    # Not to the sample: Fourier transforms differ a little between processors.
    assert len(audio) == pytest.approx(frames, rel=0.02)
    assert measure_sound(audio, MASTER_RATE_HZ).centroid_hz == pytest.approx(centroid_hz, rel=0.01)


@pytest.mark.parametrize("family", FAMILIES)
def test_corners_of_every_family_sound(family: str) -> None:
    rng = np.random.default_rng(1)
    size = len(FAMILIES[family].parameters)
    corners = [np.zeros(size), np.ones(size), rng.integers(0, 2, size), rng.integers(0, 2, size)]
    for corner in corners:
        audio = synthesize(SynthSound(family, tuple(float(value) for value in corner), 3))
        assert np.isfinite(audio).all()
        assert np.abs(audio).max() > 0.01


def test_a_crushed_grain_at_a_multiple_of_its_held_rate_is_not_silent() -> None:
    # 5 kHz read 2,000 times a second would be its zeros only; no noise hides it.
    table = FAMILIES["glitch"].parameters
    wanted = {"pitch_hz": 1.0, "noise": 0.0, "squareness": 0.0, "held_hz": 0.0, "bits": 0.0}
    audio = synthesize(SynthSound("glitch", tuple(wanted.get(knob.name, 0.5) for knob in table)))
    assert np.abs(audio).max() > 0.1


def test_mutations_are_nearer_than_fresh_draws(heard: dict[str, list[Heard]]) -> None:
    rng = np.random.default_rng(3)
    near, far = [], []
    for family in FAMILIES:
        for one, other in zip(heard[family][:4], heard[family][4:8], strict=True):
            near.append(_distance(one.audio, synthesize(mutate_sound(one.sound, rng))))
            far.append(_distance(one.audio, other.audio))
    assert np.mean(near) < 0.65 * np.mean(far)


def test_smaller_mutations_are_nearer(heard: dict[str, list[Heard]]) -> None:
    rng = np.random.default_rng(4)
    distances = {
        amount: np.mean(
            [
                _distance(one.audio, synthesize(mutate_sound(one.sound, rng, amount)))
                for one in heard["fm"] + heard["wood"]
            ]
        )
        for amount in (0.03, 0.3)
    }
    assert distances[0.03] < 0.6 * distances[0.3]


def test_mutations_keep_the_family_move_some_values_and_seldom_the_seed() -> None:
    rng = np.random.default_rng(5)
    sound = draw_sound(rng, "snare")
    mutants = [mutate_sound(sound, rng, 0.6) for _ in range(300)]
    assert {mutant.family for mutant in mutants} == {"snare"}
    assert all(mutant.values != sound.values for mutant in mutants)
    assert any(mutant.values[0] == sound.values[0] for mutant in mutants)
    assert all(0.0 <= value <= 1.0 for mutant in mutants for value in mutant.values)
    assert 5 < sum(mutant.seed != sound.seed for mutant in mutants) < 70


def test_mutations_do_not_pile_up_at_the_border() -> None:
    rng = np.random.default_rng(6)
    edge = SynthSound("rim", (1.0,) * len(FAMILIES["rim"].parameters))
    values = np.array([mutate_sound(edge, rng, 0.2).values for _ in range(200)])
    assert (values[values < 1.0] < 0.999).mean() > 0.95
    assert values.min() > 0.0


@pytest.mark.parametrize("amount", [0.0, -0.1, 1.5, float("nan")])
def test_mutations_need_an_amount(amount: float) -> None:
    with pytest.raises(InvalidParameter, match="amount"):
        mutate_sound(draw_sound(np.random.default_rng(0)), np.random.default_rng(0), amount)


def test_pools_are_mixed_distinct_and_the_same_again() -> None:
    pool = draw_pool(10 * len(FAMILIES) + 5, 7)
    assert len({sound.key for sound in pool}) == len(pool) == 10 * len(FAMILIES) + 5
    counts = Counter(sound.family for sound in pool)
    assert set(counts) == set(FAMILIES)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert draw_pool(len(pool), 7) == pool
    assert draw_pool(30, 7) == pool[:30]
    assert draw_pool(30, 8) != pool[:30]
    assert draw_pool(0, 7) == ()


def test_pools_of_less_than_nothing_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="count"):
        draw_pool(-1, 0)


def test_draws_reach_all_families() -> None:
    rng = np.random.default_rng(8)
    assert {draw_sound(rng).family for _ in range(400)} == set(FAMILIES)


def test_unknown_families_and_wrong_counts_are_named() -> None:
    with pytest.raises(InvalidParameter, match=r"kick, snare.*triangle"):
        synthesize(SynthSound("triangle", (0.5,)))
    with pytest.raises(InvalidParameter, match="triangle"):
        draw_sound(np.random.default_rng(0), "triangle")
    with pytest.raises(InvalidParameter, match=r"kick.*11.*pitch_hz.*got 2"):
        synthesize(SynthSound("kick", (0.5, 0.5)))
    with pytest.raises(InvalidParameter, match="got 2"):
        mutate_sound(SynthSound("kick", (0.5, 0.5)), np.random.default_rng(0))


def test_the_table_in_the_documentation_is_the_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sounds.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert set(rows) >= set(FAMILIES)
    for family in FAMILIES.values():
        for knob in family.parameters:
            log = " log" if knob.scale == "log" else ""
            assert f"`{knob.name}` {knob.low:g}…{knob.high:g}{log}" in rows[family.name]
