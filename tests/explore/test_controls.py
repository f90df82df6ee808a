from dataclasses import replace

import numpy as np
import pytest
from fake_engine import random_loop

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.explore.controls import Controls, decode_controls, encode_controls
from ghostnote.explore.settings import SessionSettings

BASE = random_loop(np.random.default_rng(3))
SETTINGS = SessionSettings(style="funk")


def test_controls_survive_json():
    for controls in (
        Controls(),
        Controls(musical=0.2, tempo_bpm=(80, 90), swing=(0.0, 0.3), target="bad", four_on_the_floor=True),
        Controls(base=BASE, locked_rows=(2, 0, 2), candidates=64, style="any"),
    ):
        assert decode_controls(encode_controls(controls)) == controls
    assert encode_controls(Controls()) == {}


def test_what_is_not_turned_is_as_the_session_has_it():
    assert Controls().applied_to(SETTINGS) == SETTINGS
    turned = Controls(density=0.1, novelty=0.9, style="any").applied_to(SETTINGS)
    assert turned == replace(SETTINGS, density=0.1, style=None, search=replace(SETTINGS.search, novelty=0.9))


def test_a_base_brings_its_tempo_unless_another_is_wished():
    base = replace(BASE, tempo_bpm=97.0, swing=0.2)
    kept = Controls(base=base).applied_to(SETTINGS)
    assert (kept.tempo_bpm, kept.swing) == ((97.0, 97.0), (0.2, 0.2))
    assert Controls(base=base, tempo_bpm=(100, 110)).applied_to(SETTINGS).tempo_bpm == (100, 110)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"locked_rows": (1,)}, "no"),
        ({"base": BASE, "locked_rows": (4,)}, "0…3"),
        ({"base": BASE, "locked_rows": (0, 1, 2, 3)}, "leave a row free"),
        ({"candidates": 1_000_000}, "20000"),
    ],
)
def test_controls_that_make_no_sense_are_refused(given, told):
    with pytest.raises(InvalidParameter, match=told):
        Controls(**given)


def test_values_out_of_range_are_refused_where_they_are_used():
    for controls in (Controls(musical=1.5), Controls(tempo_bpm=(10, 20)), Controls(explore=2.0)):
        with pytest.raises(InvalidParameter):
            controls.applied_to(SETTINGS)
    with pytest.raises(InvalidParameter, match="16 steps and 2 rows"):
        Controls(base=BASE).applied_to(SessionSettings(rows=2))


@pytest.mark.parametrize("value", [{"unknown": 1}, {"tempo_bpm": [1]}, {"base": {}}, {"locked_rows": ["x"]}])
def test_damaged_controls_are_refused(value):
    with pytest.raises(InvalidInput):
        decode_controls(value)
