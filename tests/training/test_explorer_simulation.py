"""Simulated listeners with quick explorers: the protocol, its chance, and that runs are kept and found again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from explorer_cast import oracle_of, small_world

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.evaluation.listeners import Listener, draw_listeners
from ghostnote.loops import Loop, decode_loop
from ghostnote.training.explorer_methods import METHODS, Random
from ghostnote.training.explorer_simulation import (
    CHECKPOINTS,
    Run,
    in_balance,
    read_runs,
    run_all,
    simulate,
    world_of,
    write_run,
)
from ghostnote.training.explorer_worlds import SAMPLES, World, open_world

CLEAR = next(one for one in draw_listeners() if one.name == "both-0-b")
NOISY = next(one for one in draw_listeners() if one.name == "rhythm-20-b")


@pytest.fixture(scope="module")
def oracle_run() -> Run:
    return simulate("oracle", oracle_of(CLEAR), CLEAR, small_world(), 0)


@pytest.fixture(scope="module")
def random_run() -> Run:
    return simulate("random", Random, CLEAR, small_world(), 0)


def test_who_knows_the_taste_pleases_more_and_more(oracle_run: Run, random_run: Run) -> None:
    assert np.mean(oracle_run.liked[:10]) < np.mean(oracle_run.liked[-30:])
    assert np.mean(oracle_run.after.liked) > 0.9
    assert np.mean(random_run.after.liked) < 0.8


def test_a_run_is_the_study(oracle_run: Run) -> None:
    assert len(oracle_run.liked) == len(oracle_run.scores) == len(oracle_run.seconds) == len(oracle_run.proposals) == 80
    assert tuple(oracle_run.examined) == CHECKPOINTS
    assert len(oracle_run.before.liked) == len(oracle_run.after.liked) == len(oracle_run.final) == 30
    assert oracle_run.truly == oracle_run.liked  # no noise
    assert oracle_run.judged is not None
    assert len(oracle_run.judged.scores) == 100
    assert isinstance(decode_loop(oracle_run.final[0]), Loop)
    assert all(second >= 0 for second in oracle_run.seconds)


def test_all_methods_begin_with_the_same_loops_and_answers(oracle_run: Run, random_run: Run) -> None:
    assert oracle_run.before == random_run.before
    assert oracle_run.diversity_before == random_run.diversity_before
    assert simulate("random", Random, CLEAR, small_world(), 1, ratings=1, examined=4).before != random_run.before


def test_the_same_seed_gives_the_same_run() -> None:
    first, again = (simulate("random", Random, CLEAR, small_world(), 0, ratings=9, examined=5) for _ in range(2))
    assert dataclasses.replace(again, seconds=()) == dataclasses.replace(first, seconds=())


def test_noise_turns_answers_round_and_the_truth_is_kept() -> None:
    run = simulate("random", Random, NOISY, small_world(), 3, examined=4)
    wrong = np.array(run.liked) != np.array(run.truly)
    assert 0.08 < wrong.mean() < 0.34


def test_explorers_without_probabilities_are_asked_for_none() -> None:
    class Plain:
        name = "plain"

        def __init__(self, world: World, seed: int) -> None:
            self.world, self.rng = world, np.random.default_rng(seed)

        def propose(self) -> Loop:
            return self.world.generator.draw(self.rng)

        def rate(self, loop: Loop, liked: bool) -> None:
            pass

        def final(self, count: int) -> list[Loop]:
            return [self.propose() for _ in range(count)]

    run = simulate("plain", Plain, CLEAR, small_world(), 0, ratings=12, examined=4)
    assert run.scores == (None,) * 12
    assert run.judged is None
    assert tuple(run.examined) == (12,)


def test_runs_are_written_and_read(oracle_run: Run, random_run: Run, tmp_path: Path) -> None:
    for run in (oracle_run, random_run):
        write_run(run, tmp_path)
    assert {run.method: run for run in read_runs(tmp_path)} == {"oracle": oracle_run, "random": random_run}


def test_a_line_that_was_cut_off_is_left_out_and_a_damaged_one_is_told(random_run: Run, tmp_path: Path) -> None:
    write_run(random_run, tmp_path)
    path = tmp_path / "random.jsonl"
    whole = path.read_text()
    path.write_text(whole + whole[:500])
    assert read_runs(tmp_path) == [random_run]
    path.write_text(whole[:500] + "\n" + whole)
    with pytest.raises(InvalidInput, match=r"random\.jsonl, line 1"):
        read_runs(tmp_path)


def test_what_was_cut_off_is_run_again_on_a_line_of_its_own(random_run: Run, tmp_path: Path) -> None:
    write_run(random_run, tmp_path)
    path = tmp_path / "random.jsonl"
    path.write_text(path.read_text()[:500])
    write_run(random_run, tmp_path)
    assert read_runs(tmp_path) == [random_run]


def _listeners(*names: str) -> list[tuple[int, Listener]]:
    return [(i, one) for i, one in enumerate(draw_listeners()) if one.name in names]


def _run_few(listeners: list[tuple[int, Listener]], worlds: dict[str, World], folder: Path, told: list[str]) -> int:
    return run_all({"random": Random}, listeners, [0], worlds, folder, ratings=5, examined=4, say=told.append)


def test_runs_that_are_there_are_not_run_again(tmp_path: Path) -> None:
    worlds = {"synthesised": small_world()}
    two = _listeners("timbre-0-a", "rhythm-10-b")
    told: list[str] = []
    for listeners, made in ((two[:1], 1), (two, 1), (two, 0)):
        assert _run_few(listeners, worlds, tmp_path, told) == made
    assert [line.split()[1] for line in told] == ["timbre-0-a", "rhythm-10-b"]
    other_sounds = {"synthesised": open_world("synthesised", pool_size=17, tuning_loops=800)}
    assert _run_few(two[:1], other_sounds, tmp_path, told) == 1


def test_listeners_of_another_draw_have_ears_of_their_own() -> None:
    world = small_world()
    one, other = (next(a for a in draw_listeners(draw) if a.name == "timbre-0-a") for draw in (4, 5))
    assert world.ear(one).listener == one
    assert world.ear(other).listener == other
    assert world.fingerprint(one) != world.fingerprint(other)


def test_listeners_of_worlds_that_are_not_open_are_left_out(tmp_path: Path) -> None:
    assert run_all({"random": Random}, _listeners("timbre-0-b"), [0], {"synthesised": small_world()}, tmp_path) == 0


def test_order_of_runs_is_balanced_and_worlds_swap() -> None:
    everyone = draw_listeners()
    order = in_balance(len(everyone))
    assert sorted(order) == list(range(24))
    for first in (8, 12, 16):
        kinds = [everyone[i].kind for i in order[:first]]
        noises = [everyone[i].noise for i in order[:first] if everyone[i].group == "steady"]
        assert max(map(kinds.count, set(kinds))) - min(map(kinds.count, set(kinds))) <= 1
        assert set(noises) == {0.0, 0.1, 0.2}
    worlds = [world_of(i, 0) for i in range(24)]
    assert worlds.count("recorded") == 12
    assert all(world_of(i, 1) != world for i, world in enumerate(worlds))
    for kind in ("timbre", "rhythm", "both"):
        assert 3 <= sum(w == "recorded" for w, one in zip(worlds, everyone, strict=True) if one.kind == kind) <= 5


def test_methods_have_the_names_of_the_report() -> None:
    assert list(METHODS)[:4] == ["random", "original", "mended", "product"]
    assert len(METHODS) >= 9


def test_worlds_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="sonic-pi-samples"):
        open_world("recorded", samples=tmp_path)
    with pytest.raises(InvalidParameter, match="world must be one of"):
        open_world("imagined")


def test_recorded_world_is_heard() -> None:
    if not SAMPLES.is_dir():
        pytest.fail(f"recorded one-shots are missing in {SAMPLES}: `apt-get install sonic-pi-samples`")
    world = open_world("recorded", tuning_loops=400)
    assert len(world.generator.pool) >= 60
    loops = [world.generator.draw(np.random.default_rng(i)) for i in range(8)]
    traits = world.traits(loops)
    assert np.isfinite(traits).all()
    patterns, sound = world.diversity(loops)
    assert 0.3 < patterns < 0.5
    assert 5 < sound < 60
