import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from beats import SMALL_PERFORMER, track

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.midi import write_midi
from ghostnote.models import read_checkpoint
from ghostnote.models.checkpoint import bundled_folder
from ghostnote.models.registry import find_model, models_folder, use_model
from ghostnote.training import products, shell, train_command
from ghostnote.training.__main__ import main
from ghostnote.training.runs import read_log
from ghostnote.training.train_command import Wish, train


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def beats(tmp_path):
    folder = tmp_path / "My Beats!"
    folder.mkdir()
    for seed in range(5):
        write_midi(track(seed), folder / f"{seed}.mid")
    (folder / "broken\x1b.mid").write_bytes(b"no MIDI")
    return folder


@pytest.fixture
def wish(beats):
    return Wish("performer", beats, None, 1, 0, False, Path("runs"), None, None, False)


def test_own_files_become_a_model(wish, capsys):
    train(wish)
    told = capsys.readouterr().err
    assert "skipped broken\\x1b.mid: a MIDI file starts with 'MThd'" in told
    assert "5 files" in told
    assert "`ghostnote models use performer-my-beats` plays with it" in told
    card = read_checkpoint(find_model("performer-my-beats").folder).card
    assert card["parent"]["name"] == "performer"
    assert card["data"]["skipped_files"] == 1
    assert card["validation_of_parent"]["epoch"] == 0
    assert card["feel"]["latent_units"] > 0

    with pytest.raises(StorageError, match="choose another name or use --force"):
        train(wish)
    rows = read_log(Path("runs/performer-my-beats"))
    train(replace(wish, force=True))
    assert read_log(Path("runs/performer-my-beats")) == rows  # it had been trained to its end
    with pytest.raises(InvalidParameter, match="it holds another one"):
        train(replace(wish, force=True, seed=1))
    write_midi(track(99), wish.data / "new.mid")
    with pytest.raises(InvalidParameter, match="it holds another one"):
        train(replace(wish, force=True))


def test_without_shipped_weights_it_begins_from_scratch_and_says_so(wish, capsys, monkeypatch):
    monkeypatch.setattr(products, "shipped_start", lambda kind: None)
    monkeypatch.setattr(products, "_sizes", lambda start, config: SMALL_PERFORMER)
    train(replace(wish, name="mine"))
    assert "the shipped performer brings no weights to go on from; beginning from scratch" in capsys.readouterr().err
    card = read_checkpoint(models_folder() / "mine").card
    assert card["parent"] is None
    assert "feel" not in card


def test_programmed_files_are_warned_of(wish, capsys, monkeypatch):
    for seed in range(5):
        write_midi(track(seed, flat=True), wish.data / f"{seed}.mid", overwrite=True)
    monkeypatch.setattr(products, "train_product", lambda *a, **k: pytest.fail("only reading is tested"))
    with pytest.raises(pytest.fail.Exception):
        train(wish)
    assert "5 of 5 files are programmed" in capsys.readouterr().err


def test_names_are_made_of_recipe_and_folder(wish):
    assert train_command._name_of(wish) == "performer-my-beats"
    assert train_command._name_of(replace(wish, data=Path("/"))) == "performer-own"
    assert train_command._name_of(replace(wish, data=Path("x" * 200))) == "performer-" + "x" * 40


def test_reproductions_are_trained_on_the_dataset_alone(wish):
    with pytest.raises(InvalidParameter, match="infill reproduces the paper on its own data"):
        train(replace(wish, recipe="infill"))


def test_a_map_of_ones_own(wish):
    with pytest.raises(InvalidParameter, match="drum map"):
        train(replace(wish, map_name="no_such_map"))


def test_an_empty_folder_is_bad_input(wish, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="with drums"):
        train(replace(wish, data=tmp_path / "empty"))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train", "performer", "--data", "gone"], 4, "ghostnote: the data must be a folder of MIDI files"),
        (["train", "performer", "--data", ".", "--name", "A b"], 2, "ghostnote: name must be 1 to 64 small letters"),
        (["train", "performer", "--data", "."], 3, "with drums"),
        (["train", "nothing"], 2, "is not one of"),
        (["train", "performer", "--archive", "gone.zip"], 4, "gone.zip"),
        (["train", "vib", "--name", "mine"], 2, "--data and --name go with the recipes"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(arguments, code, message, capsys):
    with pytest.raises(SystemExit) as ended:
        shell.run(main, arguments)
    assert ended.value.code == code
    assert message in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "nice"), reason="systems without such priorities are left as they are")
def test_training_gives_way_to_all_else():
    told = "import os\nfrom ghostnote.training.shell import give_way\ngive_way()\nprint(os.nice(0))"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "19\n"


def test_reports_measure_the_shipped_models_only(capsys):
    folder = models_folder() / "mine"
    shutil.copytree(bundled_folder("composer"), folder)
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "kind": "composer"}))
    use_model("mine")
    with pytest.raises(SystemExit) as ended:
        shell.run(main, ["evaluate"])
    assert ended.value.code == 2
    assert "run `ghostnote models use composer` first" in capsys.readouterr().err


def test_an_interruption_says_how_to_go_on(capsys, monkeypatch):
    def interrupt(wish):
        raise KeyboardInterrupt

    monkeypatch.setattr(train_command, "train", interrupt)
    with pytest.raises(SystemExit) as ended:
        shell.run(main, ["train", "performer"])
    assert ended.value.code == 130
    assert "the same command goes on after the last whole epoch" in capsys.readouterr().err
