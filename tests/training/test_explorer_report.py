"""The report on runs of quick explorers: measures that can be counted by hand, tables, figures."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from explorer_cast import small_world

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.listeners import draw_listeners
from ghostnote.training import explorer_measures, explorer_report, explorer_sanity
from ghostnote.training.explorer_measures import compare, measure
from ghostnote.training.explorer_report import list_targets, write_explorer_report
from ghostnote.training.explorer_simulation import Examination, Judged, Run, write_run


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (explorer_measures, explorer_report):
        monkeypatch.setattr(module, "RESAMPLES", 60)
    monkeypatch.setattr(explorer_measures, "CURVE_RESAMPLES", 10)
    monkeypatch.setattr(explorer_sanity, "CHECKED", 300)
    monkeypatch.setattr(explorer_sanity, "PROBED", 200)
    monkeypatch.setattr(explorer_sanity, "REPEATS", 2)


def _exam(liked: int, of: int = 30) -> Examination:
    answers = tuple(i < liked for i in range(of))
    return Examination(answers, answers)


def _run(method: str, listener: str = "timbre-0-a", *, before: int = 12, after: int = 24, slow: int = 20) -> Run:
    """Return a made-up run: nothing is liked until `slow` ratings, all after."""
    world = small_world()
    who = next(one for one in draw_listeners() if one.name == listener)
    liked = tuple(n >= slow for n in range(80))
    return Run(
        method=method,
        listener=listener,
        world="synthesised",
        seed=0,
        fingerprint=world.fingerprint(who),
        before=_exam(before),
        liked=liked,
        truly=liked,
        scores=tuple(0.95 if yes else 0.05 for yes in liked),
        seconds=tuple(0.01 * (n + 1) for n in range(80)),
        examined={20: _exam(before), 40: _exam(after), 80: _exam(after)},
        diversity=(0.3, 20.0),
        diversity_before=(0.4, 20.0),
        diversity_late=(0.2, 10.0),
        judged=Judged((0.8, 0.2, 0.6, 0.4), (True, False, True, False), (True, False, False, True)),
    )


def test_measures_are_what_can_be_counted() -> None:
    found = measure("product", [_run("product"), _run("product", "rhythm-0-b", after=12)])
    assert found.before.value == pytest.approx(0.4)
    assert found.after.value == pytest.approx(0.6)
    assert found.gain.value == pytest.approx(0.2)
    assert found.unimproved.value == 0.5
    assert found.reached.value == 26  # 6 of the last 10
    assert found.own_reached == 31  # 11 of the last 20
    assert found.patterns.value == pytest.approx(0.75)
    assert found.sound_late.value == pytest.approx(0.5)
    assert found.median_seconds == pytest.approx(0.405)
    assert found.calibration is not None
    assert found.calibration.ece == pytest.approx(0.05)
    assert found.auc is not None
    assert found.auc.value == 0.75


def test_comparisons_are_of_the_same_listeners() -> None:
    mine = [_run("product"), _run("product", "rhythm-0-b"), _run("product", "both-0-a", after=30)]
    theirs = [_run("mended", after=18, slow=60), _run("mended", "rhythm-0-b", after=18, slow=60)]
    found = compare(mine, theirs)
    assert found is not None
    assert found.pairs == 2
    assert found.ratio.value == pytest.approx(2.0)
    assert found.more.value == pytest.approx(0.2)
    assert (found.reached.value, found.other_reached.value) == (26, 66)
    assert compare(mine, []) is None


def test_targets_are_judged_as_they_are_defined() -> None:
    mine = [_run("product", slow=0), _run("product", "rhythm-0-b", slow=0)]
    never = [_run("mended", after=11, slow=80), _run("mended", "rhythm-0-b", after=12, slow=80)]
    comparison = compare(mine, never)
    assert comparison is not None
    met = {t.words.split(":")[0]: t.met for t in list_targets({"product": measure("product", mine)}, [comparison])}
    assert met["mean Δθ ≥ 2 × mended"] is True  # theirs is below 0
    assert met["mean Δθ ≥ 3 × original"] is None  # there are no runs of it
    assert met["ratings to reach θ = 0.54"] is True
    assert met["diversity of the last 30"] is True
    slow = compare([_run("product", slow=30)], [_run("mended", slow=60)])
    assert slow is not None
    by_words = {t.words: t.met for t in list_targets({"product": measure("product", mine)}, [slow])}
    assert by_words["ratings to reach θ = 0.54: ≤ 1/3 of mended"] is False
    assert list_targets({}, [])[0].met is None


def test_report_is_written_with_its_figures(tmp_path: Path) -> None:
    names = ("timbre-0-a", "rhythm-0-b", "both-rare")
    for name in names:
        write_run(_run("product", name), tmp_path / "runs")
        write_run(_run("random", name, after=12, slow=50), tmp_path / "runs")
        write_run(_run("metropolis", name, after=18), tmp_path / "runs")
    write_run(_run("mended", names[0], after=14, slow=40), tmp_path / "runs")
    write_run(dataclasses.replace(_run("mended", names[1]), fingerprint="of other sounds"), tmp_path / "runs")
    told: list[str] = []
    write_explorer_report({"synthesised": small_world()}, tmp_path / "runs", tmp_path / "results", say=told.append)
    assert told == ["1 runs are left out: sounds, listeners or worlds are others since"]
    text = (tmp_path / "results" / "explorer.md").read_text()
    assert "| mended | the same with its faults mended | 1 | 1 of 24 |" in text
    assert "**Not all runs are there**" in text
    assert "| metropolis |" in text
    assert "nan" not in text
    for picture in ("curves", "gains", "reliability", "diversity", "ablations"):
        assert f"(explorer-{picture}.png)" in text
        assert (tmp_path / "results" / f"explorer-{picture}.png").stat().st_size > 5_000
    numbers = json.loads((tmp_path / "results" / "explorer.json").read_text())
    assert numbers["measures"]["product"]["gain"]["value"] == pytest.approx(0.4)
    assert numbers["measures"]["random"]["reached"]["value"] == 56


def test_no_runs_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="holds none"):
        write_explorer_report({"synthesised": small_world()}, tmp_path, tmp_path)


def test_listeners_are_sane() -> None:
    found, likeness = explorer_sanity.check_listeners(draw_listeners(), small_world())
    usual = [one for one, who in zip(found, draw_listeners(), strict=True) if who.group != "rare"]
    assert np.mean([one.rate for one in usual]) == pytest.approx(0.372, abs=0.05)
    assert np.mean([one.auc for one in usual]) > 0.65  # can be learned
    assert np.mean([one.auc for one in usual]) < 0.97  # and is not trivial
    assert likeness.shape == (24, 24)
    assert np.abs(likeness[np.triu_indices(24, 1)]).mean() < 0.2
