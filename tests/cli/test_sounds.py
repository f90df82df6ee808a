"""`ghostnote sounds`, as it is used: one's own folder, with broken files in it, and libraries on the machine."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ghostnote.sounds import found
from ghostnote.sounds.index import index_path


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """Only Sonic Pi is installed, with two sounds."""
    monkeypatch.setattr(found, "SONIC_PI_FOLDERS", (tmp_path / "sonic",))
    monkeypatch.setattr(found, "HYDROGEN_FOLDERS", (tmp_path / "kits",))
    write(tmp_path / "sonic" / "bd_haus.flac", 70)
    write(tmp_path / "sonic" / "sn_dub.flac", 300)
    write(tmp_path / "sonic" / "loop_amen.flac", 500)


def write(path, pitch_hz):
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(11_025) / 44_100
    soundfile.write(path, 0.5 * np.cos(2 * np.pi * pitch_hz * time) * np.exp(-12 * time), 44_100)


@pytest.fixture
def mine(tmp_path):
    write(tmp_path / "mine" / "kick.wav", 60)
    write(tmp_path / "mine" / "snare.wav", 200)
    (tmp_path / "mine" / "copy.wav").write_bytes((tmp_path / "mine" / "kick.wav").read_bytes())
    (tmp_path / "mine" / "bad\x1b.wav").write_bytes(b"RIFF")
    return tmp_path / "mine"


def test_a_folder_is_added_listed_and_removed(run, mine):
    added = run("sounds", "add", "mine")
    assert (added.code, added.out) == (0, "")
    assert f"added {mine}: 2 sounds, 1 file with the same content as another, 1 file can not be used" in added.err
    assert "warning: " in added.err
    assert "bad\\x1b.wav must be WAV, FLAC, AIFF or OGG" in added.err
    listed = run("sounds", "list")
    assert listed.code == 0
    first, second = listed.out.splitlines()
    assert first.startswith(f"{mine}  2 sounds")
    assert second == "  sonic-pi  Sonic Pi, 2 sounds, licence: CC0 (see the package's own list)"
    assert "bad\\x1b.wav" in listed.err
    assert run("sounds", "remove", mine).code == 0
    empty = run("sounds", "list")
    assert "No recordings are in use" in empty.err
    assert len(list(mine.iterdir())) == 4


def test_installed_libraries_are_offered_and_added_by_name(run, mine):
    assert run("sounds", "add", "sonic-pi", "mine").code == 0
    listed = run("sounds", "list").out.splitlines()
    assert listed[0] == "sonic-pi  2 sounds"
    assert listed[-1] == "together 4 sounds"
    assert run("sounds", "remove", "sonic-pi").code == 0
    assert len(run("sounds", "list").out.splitlines()) == 2


def test_a_broken_kit_is_told_and_the_others_are_added(run, tmp_path):
    write(tmp_path / "kits" / "good" / "k.wav", 70)
    kit = "<drumkit_info><name>{}</name><instrumentList><instrument><filename>k.wav</filename></instrument>"
    (tmp_path / "kits" / "good" / "drumkit.xml").write_text(f"{kit.format('good')}</instrumentList></drumkit_info>")
    (tmp_path / "kits" / "bad").mkdir()
    (tmp_path / "kits" / "bad" / "drumkit.xml").write_text("<!DOCTYPE a><drumkit_info/>")
    added = run("sounds", "add", "hydrogen")
    assert added.code == 0
    assert "warning: hydrogen-bad was left out: " in added.err
    assert added.err.splitlines()[-1] == "added hydrogen-good: 1 sound"


def test_json_holds_all_that_is_known(run, mine):
    added = json.loads(run("sounds", "add", "mine", "--json").out)
    assert added["sounds"] == 2
    listed = json.loads(run("sounds", "list", "--json").out)
    (folder,) = listed["folders"]
    assert {file["name"]: file["role"] for file in folder["files"]} == {
        "copy": "kick",
        "kick": "kick",
        "snare": "snare",
    }
    assert [problem["path"] for problem in folder["problems"]] == ["bad\x1b.wav"]
    assert [Path(other["path"]).name for other in listed["duplicates"]] == ["kick.wav"]
    assert listed["roles"] == {"kick": 1, "snare": 1}
    assert [(one["name"], one["sounds"]) for one in listed["available"]] == [("sonic-pi", 2)]


def test_a_folder_that_is_gone_is_said_and_kept(run, mine):
    run("sounds", "add", "mine")
    mine.rename(mine.with_name("elsewhere"))
    listed = run("sounds", "list")
    assert listed.code == 0
    assert "GONE" in listed.out
    assert "is gone" in listed.err
    mine.with_name("elsewhere").rename(mine)
    assert "GONE" not in run("sounds", "list").out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("add",), 2, "Missing argument"),
        (("add", "none"), 4, "none is no folder that is there, and no library of sounds on this machine. Is"),
        (("add", "mine/kick.wav"), 4, "must be a folder; it is a file"),
        (("add", "empty"), 3, "must hold WAV, FLAC, AIFF or OGG that can be used"),
        (("remove", "mine"), 2, "must be a folder that was added; there are: none"),
    ],
)
def test_what_can_not_be_done_says_why(run, mine, arguments, code, message):
    Path("empty").mkdir()
    failed = run("sounds", *arguments)
    assert failed.code == code
    assert message in failed.err
    assert failed.out == ""


def test_a_damaged_index_is_left_alone(run, mine):
    run("sounds", "add", "mine")
    index_path().write_text('{"format": 2}')
    for arguments in (("list",), ("add", "mine"), ("remove", "mine")):
        failed = run("sounds", *arguments)
        assert (failed.code, failed.out) == (3, "")
        assert "has format 2; this Ghostnote knows 1. Update Ghostnote" in failed.err
    assert index_path().read_text() == '{"format": 2}'


def test_an_index_that_can_not_be_written_is_exit_code_4(run, mine):
    Path("home").write_text("a file where the folder should be")
    failed = run("sounds", "add", "mine")
    assert failed.code == 4
    assert "sounds.json can not be" in failed.err


def test_many_warnings_are_counted(run, mine):
    for i in range(30):
        (mine / f"bad {i}.wav").write_bytes(b"")
    added = run("sounds", "add", "mine")
    assert added.err.count("warning: ") == 10 + 1
    assert "21 more like these; --json tells all" in added.err
    assert len(json.loads(run("sounds", "list", "--json").out)["warnings"]) == 31
