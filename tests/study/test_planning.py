from collections import Counter
from itertools import pairwise

import pytest
from example_studies import pairs_file, preference_file

from ghostnote.study.design_file import read_design
from ghostnote.study.planning import plan_pairs, plan_preference

ARMS = "{ untrained = 60, original = 60, product = 60, random = 60 }"


def test_the_plan_of_2020(tmp_path):
    design = read_design(
        preference_file(tmp_path, protocol="deepdrummer-2020", ratings=80, arms="{ untrained = 30, trained = 30 }")
    )
    plan = plan_preference(design, 1)
    assert [row.number for row in plan] == list(range(1, 141))
    assert Counter((row.phase, row.arm) for row in plan) == {
        ("one", "product"): 80,
        ("two", "untrained"): 30,
        ("two", "trained"): 30,
    }
    assert plan == plan_preference(design, 1)
    other = plan_preference(design, 2)
    assert [row.arm for row in plan[80:]] != [row.arm for row in other[80:]]


def test_arms_are_interleaved_and_repeats_are_far_apart(tmp_path):
    design = read_design(
        preference_file(
            tmp_path, arms=ARMS, ratings=40, more_one="warm_up = 4", more_two="repeats = 40\nrepeat_gap = 12"
        )
    )
    for number in range(1, 6):
        plan = plan_preference(design, number)
        two = [row for row in plan if row.phase == "two"]
        assert Counter(row.arm for row in two if row.repeats is None) == dict.fromkeys(
            ("untrained", "original", "product", "random"), 60
        )
        # In each quarter there is a quarter of each arm.
        for quarter in range(4):
            part = [row.arm for row in two if row.repeats is None][60 * quarter : 60 * quarter + 60]
            assert all(abs(count - 15) <= 1 for count in Counter(part).values())
        again = [row for row in two if row.repeats is not None]
        assert len(again) == len({row.repeats for row in again}) == 40
        assert all(row.number - row.repeats > 12 for row in again)
        assert all(row.arm == plan[row.repeats - 1].arm for row in again)
        assert all(plan[row.repeats - 1].repeats is None for row in again)
        assert Counter(row.arm for row in again) == dict.fromkeys(("untrained", "original", "product", "random"), 10)
        assert Counter(row.arm for row in plan if row.phase == "one") == {"product": 20, "original": 20}
        assert [row.phase for row in plan[:4]] == ["warm_up"] * 4


def clips_of(items=8, systems=("human", "machine", "grid", "spoilt")):
    return {(system, f"song-{item}"): f"{system}-{item}" for system in systems for item in range(items)}


@pytest.mark.parametrize("matched", ["true", "false"])
def test_no_pair_comes_twice_and_sides_are_even(tmp_path, matched):
    design = read_design(pairs_file(tmp_path, trials=24, catch=4, matched=matched))
    catch_right = Counter()
    for number in range(1, 21):
        plan = plan_pairs(design, clips_of(), number)
        assert [row.number for row in plan] == list(range(1, 29))
        pairs = [row for row in plan if row.arm != "catch"]
        shown = [frozenset(row.plan["clips"]) for row in pairs]
        assert len(set(shown)) == 24
        if matched == "true":
            assert all(len({clip.split("-")[1] for clip in pair}) == 1 for pair in shown)
        kinds = Counter(row.arm for row in pairs)
        assert kinds == {"human / machine": 8, "human / grid": 8, "machine / grid": 8}
        first = sum(row.arm.startswith(row.plan["clips"][0].split("-")[0]) for row in pairs)
        assert first == 12
        caught = [row for row in plan if row.arm == "catch"]
        assert len({row.plan["clips"][row.plan["right"]] for row in caught}) == 4
        assert all(row.plan["clips"][1 - row.plan["right"]].startswith("spoilt") for row in caught)
        assert min(row.number for row in caught) > 2
        catch_right.update(row.plan["right"] for row in caught)
    assert catch_right == {0: 40, 1: 40}
    orders = [tuple(tuple(row.plan["clips"]) for row in plan_pairs(design, clips_of(), n)) for n in (1, 2, 1)]
    assert orders[0] == orders[2] != orders[1]


def test_screens_hide_reference_and_anchor(tmp_path):
    design = read_design(pairs_file(tmp_path, form="mushra", trials=5))
    clips = clips_of(systems=("human", "machine", "grid", "lowpass"))
    places = Counter()
    for number in range(1, 41):
        plan = plan_pairs(design, clips, number)
        assert len(plan) == len({row.plan["reference"] for row in plan}) == 5
        for row in plan:
            systems = [clip.split("-")[0] for clip in row.plan["clips"]]
            assert sorted(systems) == ["grid", "human", "lowpass", "machine"]
            assert row.plan["reference"] in row.plan["clips"]
            places[systems.index("human")] += 1
    assert all(30 < count < 75 for count in places.values())
    items = [row.plan["reference"] for row in plan_pairs(design, clips, 1)]
    assert any(a > b for a, b in pairwise(items))
