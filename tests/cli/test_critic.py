import json
import os
import sys

import numpy as np
import pytest
import soundfile

from ghostnote.critic import read_critic

RATE = 22_050


def write_beat(path, *, hertz, tempo_bpm=120.0, bars=1, seed=0):
    """Decaying tones on every beat, and noise between."""
    beat = round(60 / tempo_bpm * RATE)
    time = np.arange(beat // 2) / RATE
    hit = np.sin(2 * np.pi * hertz * time) * np.exp(-25 * time)
    noise = np.random.default_rng(seed).standard_normal(beat // 2) * np.exp(-60 * time) * 0.1
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.5 * np.tile(np.r_[hit, noise], 4 * bars), RATE)


@pytest.fixture
def critic(run, tmp_path):
    for number in range(4):
        write_beat(tmp_path / "low" / f"{number}.wav", hertz=70 + 10 * number, tempo_bpm=100 + 10 * number, seed=number)
        write_beat(tmp_path / "high" / f"{number}.wav", hertz=3_000 + 400 * number, bars=2, seed=number)
    return lambda *arguments: run("critic", *arguments)


def test_make_combine_tell_and_sort(critic, tmp_path):
    made = critic("make", "--like", "low", "--dislike", "high", "-o", "my.critic")
    assert made.code == 0, made.err
    assert "my.critic: learned from 4 liked bars, 4 disliked bars" in made.err
    assert critic("make", "--like", "low/0.wav", "--like", "low/1.wav", "-o", "other.critic").code == 0

    assert critic("combine", "my.critic", "other.critic", "-o", "both.critic").code == 0
    told = critic("info", "both.critic")
    assert told.out.splitlines() == ["both.critic: 2 people", "  1: 4 liked, 4 disliked", "  2: 2 liked, 2 disliked"]
    assert len(read_critic("both.critic").people) == 2

    write_beat(tmp_path / "new" / "deep.wav", hertz=85, bars=2, seed=9)
    write_beat(tmp_path / "new" / "shrill.wav", hertz=3_300, seed=9)
    sorted_ = critic("score", "my.critic", "new", "high/0.wav")
    assert sorted_.code == 0
    lines = sorted_.out.splitlines()
    assert len(lines) == 3
    assert "new/deep.wav  (2 bars, 120 bpm, a loop)" in lines[0]
    assert float(lines[0].split()[0]) > 0.5 > float(lines[1].split()[0])


def test_for_machines(critic, tmp_path):
    (tmp_path / "low" / "junk.wav").write_bytes(b"junk")
    made = json.loads(critic("make", "--like", "low", "-o", "my.critic", "--json").out)
    assert (made["output"], made["bars_liked"], made["bars_disliked"]) == ("my.critic", 4, 0)
    assert list(made["skipped"]) == ["low/junk.wav"]
    assert "nothing disliked was given" in made["warnings"][0]
    told = json.loads(critic("info", "my.critic", "--json").out)
    assert told["people"] == [{"liked": 4, "disliked": 4}]
    assert told["usable"] is True
    combined = json.loads(critic("combine", "my.critic", "-o", "same.critic", "--json").out)
    assert combined["people"] == told["people"]
    scored = json.loads(critic("score", "my.critic", "low", "high", "--json").out)
    assert list(scored["skipped"]) == ["low/junk.wav"]
    scores = [row["score"] for row in scored["files"]]
    assert len(scores) == 8
    assert scores == sorted(scores, reverse=True)
    assert {row["found"] for row in scored["files"]} == {"loop"}
    assert {len(row["bars"]) for row in scored["files"]} == {1, 2}


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are text")
def test_a_name_that_is_not_text_is_told(critic):
    name = os.fsdecode(b"low/bad\xff.wav")
    os.rename("low/0.wav", name)  # noqa: PTH104
    assert critic("make", "--like", "low", "--dislike", "high", "-o", "my.critic").code == 0
    scored = critic("score", "my.critic", name)
    assert (scored.code, scored.err) == (0, "")
    assert "low/bad\\udcff.wav  (1 bar" in scored.out
    assert json.loads(critic("score", "my.critic", name, "--json").out)["files"][0]["path"] == name


def test_broken_files_are_told(critic, tmp_path):
    (tmp_path / "low" / "\x1b[2Jjunk.wav").write_bytes(b"junk")
    made = critic("make", "--like", "low", "--dislike", "high", "-o", "my.critic")
    assert made.code == 0
    assert "left out: low/\\x1b[2Jjunk.wav must be WAV" in made.err
    assert "\x1b" not in made.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("make", "-o", "x.critic"), 2, "got neither"),
        (("make", "--like", "low"), 2, "Missing option"),
        (("make", "--like", "nowhere", "-o", "x.critic"), 4, "nowhere can not be read"),
        (("make", "--like", "nothing", "-o", "x.critic"), 3, "got none"),
        (("make", "--like", "low", "-o", "there.critic"), 4, "--force"),
        (("make", "--like", "low", "-o", "no/x.critic"), 4, "is not there"),
        (("combine", "-o", "x.critic"), 2, "Missing argument"),
        (("combine", "low/0.wav", "-o", "x.critic"), 3, "must be a saved critic"),
        (("combine", "nowhere.critic", "-o", "x.critic"), 4, "can not be read"),
        (("info", "there.critic"), 3, "there.critic must be a saved critic"),
        (("score", "there.critic", "low"), 3, "there.critic must be a saved critic"),
    ],
)
def test_what_goes_wrong(critic, tmp_path, arguments, code, said):
    (tmp_path / "nothing").mkdir()
    (tmp_path / "there.critic").write_bytes(b"not a critic")
    failed = critic(*arguments)
    assert failed.code == code
    assert said in failed.err
    assert "Traceback" not in failed.err
    assert (tmp_path / "there.critic").read_bytes() == b"not a critic"
    assert not (tmp_path / "x.critic").exists()


def test_a_critic_of_another_version(critic, tmp_path):
    assert critic("make", "--like", "low", "-o", "my.critic").code == 0
    old = json.loads((tmp_path / "my.critic").read_text())
    (tmp_path / "old.critic").write_text(json.dumps({**old, "encoder": "ab" * 32}))
    told = critic("info", "old.critic")
    assert told.code == 0
    assert "another version" in told.err
    assert json.loads(critic("info", "old.critic", "--json").out)["usable"] is False
    refused = critic("score", "old.critic", "low")
    assert refused.code == 3
    assert "another encoder" in refused.err
    mixed = critic("combine", "my.critic", "old.critic", "-o", "x.critic")
    assert mixed.code == 2
    assert "of one encoder" in mixed.err


def test_nothing_to_score(critic, tmp_path):
    assert critic("make", "--like", "low", "-o", "my.critic").code == 0
    (tmp_path / "nothing").mkdir()
    nothing = critic("score", "my.critic", "nothing")
    assert nothing.code == 3
    assert "got none" in nothing.err


@pytest.mark.parametrize("name", ["make", "combine", "info", "score"])
def test_every_command_has_help_that_names_its_python(critic, name):
    told = critic(name, "--help")
    assert told.code == 0
    assert "In Python: " in told.out
