"""The report's text and figures on made-up numbers, and every section of it once on a small made-up split."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from ghostnote.data import Performance, windows_of
from ghostnote.evaluation import Discrimination, Estimate
from ghostnote.groove import Groove, GrooveBatch
from ghostnote.training import (
    grooves_material,
    grooves_playing,
    grooves_prior,
    grooves_report,
    grooves_sections,
    yardsticks,
)
from ghostnote.training.grooves_prior import choose_pairs
from ghostnote.training.grooves_report import choose_example, describe, format_report, write_grooves_report
from ghostnote.training.grooves_sections import choose_donors
from ghostnote.training.grooves_text import (
    Row,
    Section,
    Table,
    Target,
    format_estimate,
    format_section,
    format_styles,
    format_table,
    format_targets,
    format_training,
    numbers_of,
    plain,
    validation_loss,
)
from ghostnote.training.recurrent import RecurrentNetwork
from ghostnote.training.reproductions import REPRODUCTIONS
from ghostnote.training.runs import write_weights

NAN = float("nan")
BAR = 1920
FUNK, ROCK = 5, 16


def performance(index: int, bars: int, *, style: str = "rock", tempo_bpm: float = 100.0) -> Performance:
    """Hats on 8ths, kick and snare on beats, some of them left out; all a little late."""
    rng = np.random.default_rng(index)
    hits = [(step * 120, 42, 60) for step in range(0, bars * 16, 2)]
    hits += [(step * 120, 36 if step % 8 == 0 else 38, 100) for step in range(0, bars * 16, 4) if rng.random() < 0.8]
    hits = sorted((tick + int(rng.integers(0, 20)), pitch, velocity) for tick, pitch, velocity in hits)
    ticks, pitches, velocities = (np.array(column) for column in zip(*hits, strict=True))
    return Performance(
        index=index,
        id=str(index),
        drummer="d",
        session="d/s",
        styles=(style,),
        tempo_bpm=tempo_bpm,
        beat_type="beat",
        metre="4-4",
        split="validation",
        midi_filename="x.mid",
        ticks_per_beat=480,
        ticks=ticks.astype(np.int64),
        pitches=pitches.astype(np.uint8),
        velocities=velocities.astype(np.uint8),
    )


SPLIT = [performance(0, 6), performance(1, 5, tempo_bpm=140), performance(2, 5, style="funk"), performance(3, 1)]
WINDOWS = windows_of(SPLIT)


def test_a_cell_has_its_interval_and_a_dash_where_there_is_none() -> None:
    assert format_estimate(Estimate(0.51239, 0.4, 0.6), "hit_f1") == "0.512 [0.400, 0.600]"
    assert format_estimate(Estimate(20.129, 19.0, 21.0), "shared_timing_mae_ms") == "20.13 [19.00, 21.00]"
    assert format_estimate(plain(0.25), "nearest_median") == "0.250"
    assert format_estimate(plain(1.0), "ends_exact") == "100.0 %"
    assert format_estimate(Estimate(NAN, NAN, NAN), "hit_f1") == "–"


def test_a_table_shows_its_columns_in_order_and_what_a_row_lacks_as_a_dash() -> None:
    rows = (Row("one", {"hit_f1": plain(0.5), "auc": plain(0.9)}), Row("**two**", {"hit_f1": plain(0.25)}))
    assert format_table(Table("kits", "Kits:", ("auc", "hit_f1"), rows)) == [
        "Kits:",
        "",
        "| player | AUC | hit F1 |",
        "|---|---|---|",
        "| one | 0.900 | 0.500 |",
        "| **two** | – | 0.250 |",
    ]


def test_targets_say_what_is_not_met_and_what_could_not_be_measured() -> None:
    lines = format_targets([Target("a ≥ 1", 1.5, True), Target("b ≥ 1", 0.5, False), Target("c ≥ 1", NAN, False)])
    assert lines[2:] == ["| a ≥ 1 | 1.500 | yes |", "| b ≥ 1 | 0.500 | **no** |", "| c ≥ 1 | – | **no** |"]


def test_a_section_has_heading_text_table_figure_and_remark_in_order() -> None:
    table = Table("t", "", ("auc",), (Row("one", {"auc": plain(0.5)}),))
    section = Section("Drumify", ("What.",), (table,), (), {"A kit": "kit.png"}, ("Remark.",))
    lines = [line for line in format_section(section) if line]
    assert lines[:2] == ["## Drumify", "What."]
    assert lines[-2:] == ["![A kit](kit.png)", "Remark."]


def test_styles_stand_side_by_side() -> None:
    quiet = WINDOWS.with_performance(WINDOWS.velocities / 2, WINDOWS.offsets)
    lines = format_styles({"real": WINDOWS.take(WINDOWS.styles == ROCK), "soft": quiet})
    assert lines[0] == "| style | real | soft |"
    funk, rock = (line.split(" | ") for line in lines[2:])
    assert funk[:2] == ["| funk", "–"]
    (density, loud), (other_density, other_loud) = (cell.strip(" |").split(" / ") for cell in rock[1:])
    assert density == other_density
    assert float(other_loud) == pytest.approx(float(loud) / 2, abs=1)


def test_training_tells_whether_the_loss_still_fell() -> None:
    fell = [{"epoch": i, "steps": 1000 * i, "seconds": 60.0 * i, "validation_loss": 10.0 - i} for i in (1, 2)]
    rose = [{"epoch": i, "steps": i, "seconds": 60.0, "a_nats": 1.0 + i, "b_nats": 2.0} for i in (1, 2)]
    lines = format_training({"paper": fell, "ours": rose, "none": []})
    assert lines[2:] == ["| paper | 2 | 2,000 | 2 | 8.00 | yes |", "| ours | 2 | 2 | 1 | 4.00 | no |"]
    assert validation_loss(rose[0]) == 4.0


def test_numbers_are_valid_json_with_null_for_what_is_undefined() -> None:
    table = Table("kits", "", ("auc",), (Row("**Ghostnote**, take 0", {"auc": plain(0.5)}),))
    again = Table("kits", "", ("hit_f1",), (Row("**Ghostnote**, take 0", {"hit_f1": Estimate(0.5, 0.4, 0.6)}),))
    section = Section("Drumify", (), (table, again), (Target("a", NAN, False),), shown={"real": WINDOWS})
    numbers = json.loads(json.dumps(numbers_of({"drumify": section}), allow_nan=False))["drumify"]
    assert numbers["tables"]["kits"]["Ghostnote, take 0"] == {
        "auc": {"value": 0.5, "low": None, "high": None},
        "hit_f1": {"value": 0.5, "low": 0.4, "high": 0.6},
    }
    assert numbers["targets"] == [{"words": "a", "measured": None, "met": False}]
    assert set(numbers["profiles"]["real"]) == {"funk", "rock"}


def test_report_says_on_which_split_and_what_was_chosen_there() -> None:
    section = Section("Drumify", (), (), (Target("drumify: F1", 0.5, True),))
    test, validation = (
        format_report(split, WINDOWS, {"drumify": section}, {"real": WINDOWS}, {}, minutes=3)
        for split in ("test", "validation")
    )
    assert "Nothing was chosen on this split" in test
    assert "Models were chosen on this split" in validation
    assert "| drumify: F1 | 0.500 | yes |" in test
    assert "Evaluated in 3 minutes" in test


def test_donors_do_not_overlap_and_other_ones_share_the_style() -> None:
    rng = np.random.default_rng(0)
    near = choose_donors(WINDOWS, same_recording=True, rng=rng)
    assert near.found.sum() == (WINDOWS.performances < 3).sum()
    apart = abs(WINDOWS.start_bars[near.places] - WINDOWS.start_bars)[near.found]
    assert (WINDOWS.performances[near.places] == WINDOWS.performances)[near.found].all()
    assert (apart >= 2).all()
    assert (near.places == np.arange(len(WINDOWS)))[~near.found].all()
    far = choose_donors(WINDOWS, same_recording=False, rng=rng)
    assert (WINDOWS.performances[far.places] != WINDOWS.performances)[far.found].all()
    assert (WINDOWS.styles[far.places] == WINDOWS.styles).all()
    assert not far.found[WINDOWS.styles == FUNK].any()  # the only recording in its style


def test_silent_passages_give_no_feel() -> None:
    silent = WINDOWS.performances == 0
    quiet = GrooveBatch(
        *(np.where(silent[:, None, None], 0, a).astype(np.float32)
          for a in (WINDOWS.hits, WINDOWS.velocities, WINDOWS.offsets)),
        WINDOWS.tempos_bpm, WINDOWS.performances, WINDOWS.start_bars, WINDOWS.styles,
    )  # fmt: skip
    found = choose_donors(quiet, same_recording=True, rng=np.random.default_rng(0)).found
    assert not found[silent].any()
    assert found[WINDOWS.performances == 1].any()


def test_pairs_are_of_two_recordings() -> None:
    first, second = choose_pairs(WINDOWS, 30, np.random.default_rng(0))
    assert len(first) == 30
    assert (WINDOWS.performances[first] != WINDOWS.performances[second]).all()


def test_examples_are_chosen_without_looking_at_the_players() -> None:
    place = choose_example(WINDOWS)
    assert place == choose_example(WINDOWS)
    assert describe(WINDOWS, place).startswith(f" (recording {WINDOWS.performances[place]}, bar ")


def reproductions_in(folder: Path) -> None:
    """Write untrained weights of the paper's models, and logs as if they had been trained."""
    for name in grooves_report.REPRODUCED:
        example = windows_of(SPLIT, bars=REPRODUCTIONS[name].bars)
        write_weights(RecurrentNetwork(REPRODUCTIONS[name].config(example)), folder / name / "best.safetensors")
        rows = ({"epoch": i, "steps": i, "seconds": i, "train_loss": 9.0 - i, "validation_loss": 9.0} for i in (1, 2))
        (folder / name / "log.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


@pytest.mark.slow
def test_every_section_is_measured_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product is played by copies of the truth, so that its targets are met; the discriminator is left out."""
    reproductions_in(tmp_path / "runs")
    train = windows_of([performance(i, 4) for i in range(10, 14)])

    def discriminate(real: GrooveBatch, generated: GrooveBatch, *, resamples: int) -> Discrimination:
        value = 0.5 if generated.velocities.mean() > 0.9 * real.velocities.mean() else 1.0
        return Discrimination(Estimate(value, value, value), np.zeros(len(real)), np.zeros(len(generated)))

    def path(first: Groove, second: Groove, steps: int) -> tuple[Groove, ...]:
        return yardsticks.interpolate_by_dealing(first, second, steps=steps)

    monkeypatch.setattr(grooves_material, "discriminate", discriminate)
    monkeypatch.setattr(grooves_prior, "PAIRS", 3)
    for module in (grooves_prior, grooves_sections):
        monkeypatch.setattr(module, "SEEDS", (0, 1))
    monkeypatch.setattr(grooves_report, "load_performances", lambda *_, **__: SPLIT)
    monkeypatch.setattr(grooves_report, "load_windows", lambda *_, **__: train)
    for task in ("drumify", "infill", "transfer"):
        monkeypatch.setattr(grooves_playing, f"product_{task}", lambda *_, **__: WINDOWS)
    monkeypatch.setattr(grooves_playing, "product_generate", lambda like, **_: like)
    monkeypatch.setattr(grooves_playing, "product_interpolate", path)
    write_grooves_report(
        archive=None, runs=tmp_path / "runs", results=tmp_path / "results", split="validation", resamples=20
    )

    text = (tmp_path / "results" / "grooves.md").read_text(encoding="utf-8")
    numbers = json.loads((tmp_path / "results" / "grooves.json").read_text(encoding="utf-8"))
    assert list(numbers) == ["drumify", "infill", "transfer", "generate", "interpolate"]
    assert numbers["drumify"]["tables"]["kits"]["Ghostnote, best guess"]["hit_f1"]["value"] == 1.0
    assert numbers["infill"]["tables"]["hihat"]["Ghostnote, take 0"]["hit_f1"]["value"] == 1.0
    assert numbers["transfer"]["tables"]["same"]["Groove transfer, best guess"]["hit_recall"]["value"] == 1.0
    assert numbers["transfer"]["tables"]["other"]["the donor's means"]["feel_timing_ms"]["value"] < 1e-3
    assert numbers["interpolate"]["tables"]["paths"]["Ghostnote"]["ends_exact"]["value"] == 1.0
    assert "| drumify: tap adherence ≥ 0.98, the lowest of best guess and takes | 1.000 | yes |" in text
    for figure in ("drumify", "infill", "interpolate", "styles", "nearest", "curves"):
        assert (tmp_path / "results" / f"grooves-{figure}.png").stat().st_size > 5000
        assert f"(grooves-{figure}.png)" in text
    assert not math.isnan(numbers["generate"]["targets"][1]["measured"])
