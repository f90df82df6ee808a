"""The product and its ablations as the simulation drives them, and what stands in for their parts."""

from __future__ import annotations

import numpy as np
import pytest
from explorer_cast import small_world

from ghostnote.explore.heard import Heard
from ghostnote.explore.search import SearchSettings
from ghostnote.loops import Loop
from ghostnote.training.explorer_methods import DeepDrummer
from ghostnote.training.explorer_product import ABLATIONS, Product, fit_logistic, product, statistics_of

QUICK = SearchSettings(candidates=24, openers=2, mutations=4)


def _loops(count: int, seed: int = 0) -> list[Loop]:
    rng = np.random.default_rng(seed)
    return [small_world().generator.draw(rng) for _ in range(count)]


@pytest.mark.parametrize("head", ["bayesian", "logistic"])
def test_product_proposes_is_told_and_is_examined_without_learning(head: str) -> None:
    explorer = product("product", QUICK, encoder="statistics", head=head)(small_world(), 1)
    assert isinstance(explorer, Product)
    for n in range(4):
        loop = explorer.propose()
        assert 0 <= explorer.judge([loop])[0] <= 1
        explorer.rate(loop, n % 2 == 0)
    others = _loops(3)
    before = explorer.judge(others)
    final = explorer.final(3)
    assert len({loop.key for loop in final}) == 3
    assert explorer.judge(others) == before
    assert explorer.propose() == explorer.propose()  # nothing but ratings changes it


def test_final_remembers_what_it_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []

    class Counting:
        def propose(self, known: list[Heard]) -> object:
            heard.append(len(known))
            return type("Found", (), {"loop": _loops(1, len(known))[0], "embedding": np.zeros(2)})

    explorer = Product("product", Counting(), Counting())  # type: ignore[arg-type]
    explorer.rate(_loops(1)[0], True)
    explorer.final(3)
    assert heard == [1, 2, 3]


def test_ablations_differ_from_the_product() -> None:
    assert set(ABLATIONS) == {
        "without-encoder",
        "without-rows",
        "without-head",
        "best-of-random",
        "hill-climb",
        "metropolis",
        "without-openers",
    }


def test_statistics_have_two_halves_of_one_size() -> None:
    from ghostnote.critic.hearing import Hearing

    statistics = statistics_of(small_world())
    loops = _loops(100, 3)
    found = statistics.embed(Hearing(small_world().bank).hear(loops))
    assert found.shape == (100, statistics.values)
    half = statistics.values // 2
    for part in (found[:, :half], found[:, half:]):
        assert np.square(part).sum(axis=1).mean() == pytest.approx(1.0, abs=0.25)


def test_logistic_regression_finds_a_direction_and_keeps_the_rate_before() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 5))
    fitted = fit_logistic(x, x[:, 2] > 0.5)
    assert fitted.weights[:-1].argmax() == 2
    judged = fitted.judge(x)
    assert ((judged.scores > 0.5) == (x[:, 2] > 0.5)).mean() > 0.9
    assert not judged.uncertainties.any()
    nothing = fit_logistic(np.zeros((0, 5)), np.zeros(0, dtype=bool)).judge(x)
    np.testing.assert_allclose(nothing.scores, 0.37)
    disliked = fit_logistic(x[:8], np.zeros(8, dtype=bool)).judge(x)
    assert disliked.scores.max() < 0.1


@pytest.mark.parametrize("name", ["original", "mended"])
def test_baselines_can_be_asked(name: str) -> None:
    pytest.importorskip("torch")
    explorer = DeepDrummer(name, small_world(), 0)
    scores = explorer.judge(_loops(2))
    assert explorer.name == name
    assert all(0 <= score <= 1 for score in scores)
