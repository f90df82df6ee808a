import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ghostnote.cli import ghostnote, train
from ghostnote.demos import NAMES, demo_path
from ghostnote.errors import MissingExtra
from ghostnote.models.checkpoint import bundled_folder
from ghostnote.models.registry import models_folder


@pytest.fixture
def mine():
    """A performer of the user's own."""
    folder = models_folder() / "mine"
    shutil.copytree(bundled_folder("performer"), folder)
    card = json.loads((folder / "card.json").read_text())
    card |= {
        "name": "mine",
        "kind": "performer",
        "license": "mine\x1b[31m",
        "parent": {"name": "performer", "sha256": "0123456789abcdef"},
        "data": {"files": 7, "notes": 1234},
        "validation": {"epoch": 3, "velocity_nats": 3.25},
        "validation_of_parent": {"epoch": 0, "velocity_nats": 3.75},
    }
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def test_train_learns_from_ones_own_files_and_models_plays_with_it(run):
    """The whole journey, in a process of its own as users have it: train, list, info, use, humanize, go back."""
    Path("beats").mkdir()
    for name in NAMES:
        shutil.copy(demo_path(name), f"beats/{name}.mid")
    Path("beats/torch.py").write_text("raise SystemExit('a file of the user was run')")
    shutil.copy("beats/torch.py", "torch.py")
    trained = run("train", "performer", "--data", "beats", "--name", "mine", "--epochs", "1")
    assert trained.code == 0, trained.err
    assert "3 files" in trained.err
    assert "mine 100 %, epoch 1 of 1" in trained.err
    assert list(Path("runs/mine").glob("events.out.tfevents.*"))
    assert "mine" in run("models", "list").out
    assert json.loads(run("models", "info", "mine", "--json").out)["verified"]
    before = run("humanize", demo_path("rock"), "-o", "before.mid")
    assert before.code == 0
    assert run("models", "use", "mine").code == 0
    assert run("humanize", demo_path("rock"), "-o", "after.mid").code == 0
    assert run("models", "use", "performer").code == 0
    assert run("humanize", demo_path("rock"), "-o", "back.mid").code == 0
    assert Path("back.mid").read_bytes() == Path("before.mid").read_bytes()


def test_exit_codes_of_the_training_are_passed_on(run):
    result = run("train", "performer", "--data", "gone")
    assert result.code == 4
    assert "must be a folder of MIDI files" in result.err


def test_options_are_handed_on(run, monkeypatch):
    handed = []
    monkeypatch.setattr(train, "run_training", lambda arguments: handed.append(arguments) or 0)
    assert run("train", "vib", "--epochs", 3, "--seed", 4, "--out", "o", "--archive", "a.zip").code == 0
    run("train", "composer", "--data", "d", "--name", "n", "--from-scratch", "--map", "roland_td11", "--force")
    assert handed[0] == ["train", "vib", "--epochs", "3", "--seed", "4", "--out", "o", "--archive", "a.zip"]
    named = ["--data", "d", "--name", "n", "--seed", "0", "--out", "runs", "--map", "roland_td11"]
    assert handed[1] == ["train", "composer", *named, "--from-scratch", "--force"]


def test_the_training_knows_the_options_and_recipes_of_the_command():
    from ghostnote.training.train_command import RECIPES
    from ghostnote.training.train_command import command as training

    assert (*train.PRODUCTS, *train.REPRODUCTIONS) == RECIPES
    mine, theirs = ({name for p in c.params for name in p.opts} for c in (train.command, training))
    assert mine - {"--help"} == theirs - {"--help"}


def test_without_pytorch_it_says_what_to_install(run, monkeypatch):
    monkeypatch.setattr(train, "find_spec", lambda name: None if name in ("torch", "onnx") else object())
    result = run("train", "performer")
    assert result.code == 2
    assert "training needs torch, onnx, which is not installed: pip install 'ghostnote[train]'" in result.err
    with pytest.raises(MissingExtra):
        train.require_training()


def test_being_ended_ends_the_training_too(tmp_path):
    """A stopped command must leave no process behind that goes on for hours."""
    sleeper = tmp_path / "ghostnote" / "training"
    sleeper.mkdir(parents=True)
    (tmp_path / "ghostnote" / "__init__.py").touch()
    (sleeper / "__init__.py").touch()
    (sleeper / "__main__.py").write_text(
        "import os, pathlib, sys, time\npathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\ntime.sleep(60)"
    )
    told = tmp_path / "child"
    code = (
        "import os, sys\nfrom ghostnote.cli.train import run_training\n"
        f"os.environ['PYTHONPATH'] = {str(tmp_path)!r}\nsys.exit(run_training([{str(told)!r}]))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    for _ in range(600):
        if told.exists() and told.read_text():
            break
        time.sleep(0.05)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(30) == 128 + signal.SIGTERM
    import os

    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


def test_list_marks_what_is_in_use(run, mine):
    lines = run("models", "list").out.splitlines()
    assert [line[0] for line in lines] == ["*", "*", " "]
    assert lines[2].split() == ["mine", "performer", "your", "own"]
    run("models", "use", "mine")
    assert [line[0] for line in run("models", "list").out.splitlines()] == [" ", "*", "*"]
    rows = json.loads(run("models", "list", "--json").out)
    assert {row["name"]: row["in_use"] for row in rows} == {"performer": False, "composer": True, "mine": True}


def test_list_warns_of_broken_models(run, mine):
    (mine / "card.json").write_text("{")
    result = run("models", "list")
    assert result.code == 0
    assert "warning: mine can not be used: model card of 'mine' must be JSON" in result.err


def test_info_tells_what_the_card_says(run, mine):
    text = run("models", "info", "mine").out
    assert "mine, a performer, your own" in text
    assert "went on from  performer, weights 0123456789ab" in text
    assert "files 7, notes 1234" in text
    assert "velocity nats 3.25 (before: 3.75)" in text
    assert "all files have the SHA-256 of the card" in text
    assert "\x1b" not in text
    account = json.loads(run("models", "info", "performer", "--json").out)
    assert account["verified"]
    assert account["card"]["license"] == "Apache-2.0"


def test_info_of_a_changed_model_fails_and_says_why(run, mine):
    (mine / "player.onnx").write_bytes(b"changed")
    result = run("models", "info", "mine")
    assert result.code == 3
    assert "checked" in result.out
    assert "NO: player.onnx" in result.out
    assert not json.loads(run("models", "info", "mine", "--json").out)["verified"]


def test_a_chosen_model_that_is_gone_says_how_to_go_back(run, mine):
    run("models", "use", "mine")
    shutil.rmtree(mine)
    result = run("humanize", demo_path("rock"), "-o", "o.mid")
    assert result.code == 3
    assert "`ghostnote models use performer` goes back to the shipped one" in result.err
    assert run("models", "use", "performer").code == 0
    assert run("humanize", demo_path("rock"), "-o", "o.mid").code == 0


@pytest.mark.parametrize("command", ["use", "info"])
def test_unknown_models_are_wrong_usage(run, command):
    result = run("models", command, "theirs")
    assert result.code == 2
    assert "model must be one of performer, composer; got 'theirs'" in result.err


def test_names_complete(mine_home):
    from click.shell_completion import ShellComplete

    found = ShellComplete(ghostnote, {}, "ghostnote", "_X").get_completions(["models", "use"], "m")
    assert [item.value for item in found] == ["mine"]


@pytest.fixture
def mine_home(tmp_path, monkeypatch):
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path))
    shutil.copytree(bundled_folder("performer"), models_folder() / "mine")
