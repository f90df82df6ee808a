import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ghostnote.cli.loop_text import loop_facts, loop_grid
from ghostnote.cli.speaker import PROGRAMS, NoSound, find_speaker
from ghostnote.errors import StorageError
from ghostnote.explore.session import Session
from ghostnote.loops import Loop, Pattern, decode_loop
from ghostnote.midi import read_midi
from ghostnote.sounds.sound import FileSound, SynthSound

FAKES = Path(__file__).parents[1] / "explore"
SUBCOMMANDS = (
    "new",
    "next",
    "like",
    "dislike",
    "skip",
    "undo",
    "best",
    "list",
    "export",
    "hear",
    "human",
    "critic",
    "play",
)


@pytest.fixture(autouse=True)
def _sounds_that_stay(tmp_path_factory, monkeypatch):
    """Sounds that are told to be listened to stay in a folder of the tests' own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("sounds")))
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.fixture
def explore(run, monkeypatch):
    """`ghostnote explore` with an engine that needs no model."""
    monkeypatch.syspath_prepend(FAKES)
    from fake_engine import FakeEngine

    monkeypatch.setattr("ghostnote.explore.building.build_engine", FakeEngine)
    monkeypatch.setattr("ghostnote.explore.session.build_engine", FakeEngine)
    monkeypatch.setattr("ghostnote.explore.building.check_prior", lambda prior: None)  # which hears otherwise
    monkeypatch.delenv("GHOSTNOTE_SESSION", raising=False)

    def explore(*arguments, **options):
        return run("explore", *arguments, **options)

    return explore


@pytest.fixture
def begun(explore):
    assert explore("new", "--seed", 3).code == 0
    return explore


def test_a_session_from_the_command_line(explore):
    assert explore("new", "--seed", 3).code == 0
    for number in range(1, 11):
        proposed = explore("next")
        assert proposed.code == 0, proposed.err
        assert proposed.out.startswith(f"{number}: 120 bpm\n")
        assert explore("like" if number % 2 else "dislike").code == 0
    assert "taken back: proposal 10, disliked" in explore("undo").err
    assert explore("skip", 9).code == 0
    best = explore("best", 3)
    assert best.out.count("score") == 3
    listed = explore("list")
    assert "10 proposals: 4 liked, 4 disliked, 1 skipped, 1 not rated" in listed.err
    assert len(listed.out.splitlines()) == 10
    assert explore("export", "-o", "out").err == "out: 4 loops\n"
    assert len(list(Path("out").glob("*.mid"))) == 4
    human = explore("human", 1, "-o", "human.mid", "--repeats", 2, "--style", "funk")
    assert human.code == 0, human.err
    loop = decode_loop(json.loads(explore("list", "--json").out)["history"][0]["loop"])
    assert len(read_midi("human.mid").notes) == 2 * loop.pattern.hits.sum()
    assert explore("critic", "-o", "mine.json").err == "mine.json: learned from 8 ratings\n"
    assert explore("new", "-s", "second.ghostnote", "--prior", "mine.json").code == 0


def test_audio_to_begin_with_that_can_not_be_used_is_told(explore, tmp_path):
    time = np.arange(11_025) / 22_050
    hit = 0.5 * np.sin(2 * np.pi * 90 * time) * np.exp(-25 * time)
    (tmp_path / "like").mkdir()
    soundfile.write(tmp_path / "like" / "beat.wav", np.tile(hit, 4), 22_050)
    (tmp_path / "like" / "broken.wav").write_bytes(b"RIFF\x10\x00\x00\x00WAVE")
    begun = explore("new", "--like", tmp_path / "like")
    assert begun.code == 0, begun.err
    assert "left out: " in begun.err
    assert "broken.wav can not be decoded as WAV" in begun.err
    assert "warning: " in begun.err  # of one kind alone


def test_next_writes_what_is_shown(begun):
    result = begun("next", "-o", "loop.wav", "--repeats", 2)
    assert result.code == 0
    assert "loop.wav: 2 bars" in result.err
    audio, rate = soundfile.read("loop.wav")
    assert (len(audio), rate) == (2 * 2 * 44_100, 44_100)
    proposal = Session.open("session.ghostnote").proposal(1)
    assert np.abs(audio - proposal.audio(repeats=2)).max() < 1e-6
    assert result.out == f"1: 120 bpm\n{loop_grid(proposal.loop)}\n"
    assert begun("next").code == 0
    assert Path("session-2.wav").is_file()


def test_the_score_is_told_only_when_asked(begun):
    assert "score" not in begun("next").out
    assert "score" in begun("next", "--score").out
    assert "score" not in json.loads(begun("next", "--json").out)
    told = json.loads(begun("next", "--score", "--json").out)
    assert {"id", "loop", "score", "uncertainty", "origin", "wav"} <= told.keys()
    assert "score" not in json.loads(begun("list", "--json").out)["history"][0]


def test_json_of_all(begun):
    begun("next")
    rated = json.loads(begun("like", 1, "--key", "a", "--json").out)
    assert rated == json.loads(begun("like", 1, "--key", "a", "--json").out)
    assert (rated["kind"], rated["liked"], rated["proposal_id"], rated["key"]) == ("rate", True, 1, "a")
    assert json.loads(begun("skip", "--json").out)["kind"] == "skip"
    assert json.loads(begun("undo", "--json").out)["kind"] == "skip"
    assert json.loads(begun("best", "--json").out)[0]["id"] == 1
    told = json.loads(begun("list", "--json").out)
    assert told["counts"] == {"proposals": 1, "liked": 1, "disliked": 0, "skipped": 0, "unrated": 0}
    assert [row["kind"] for row in told["log"]] == ["rate", "skip", "undo"]
    assert told["settings"]["seed"] == 3
    assert "loops.json" in json.loads(begun("export", "-o", "out", "--json").out)["files"]
    assert json.loads(begun("human", "-o", "h.mid", "--json").out)["id"] == 1
    assert json.loads(begun("critic", "-o", "c.json", "--json").out)["ratings"] == 1
    assert json.loads(begun("new", "-s", "b", "--json").out)["settings"]["musical"] == 0.5
    assert json.loads(begun("play", "--no-sound", "--json", stdin=b"l").out)["counts"]["liked"] == 2


def test_a_session_begins_as_asked(explore):
    options = ["--musical", 0.2, "--steps", 12, "--rows", 3, "--tempo", "90-100", "--swing", 0.1, "--density", 0.3]
    options += ["--four-on-the-floor", "--own-sounds", 50, "--explore", 0.7, "--target", "unsure", "--candidates", 99]
    assert explore("new", "-s", "a.ghostnote", *options, "--style", "funk").code == 0
    settings = Session.open("a.ghostnote").settings
    assert (settings.musical, settings.steps, settings.rows, settings.tempo_bpm) == (0.2, 12, 3, (90, 100))
    assert (settings.swing, settings.density, settings.four_on_the_floor) == ((0.1, 0.1), 0.3, True)
    assert (settings.own_sounds, settings.style) == (50, "funk")
    assert (settings.search.explore, settings.search.target, settings.search.candidates) == (0.7, "unsure", 99)


def test_a_session_can_start_from_audio(explore):
    rng = np.random.default_rng(0)
    for name, pitch in (("liked", 60), ("disliked", 3_000)):
        Path(name).mkdir()
        time_in_beat = np.arange(22_050) / 44_100
        beat = np.sin(2 * np.pi * pitch * time_in_beat) * np.exp(-20 * time_in_beat) + 1e-3 * rng.normal(size=22_050)
        soundfile.write(f"{name}/loop.wav", 0.5 * np.tile(beat, 8), 44_100)
    result = explore("new", "--like", "liked", "--dislike", "disliked")
    assert result.code == 0, result.err
    assert Session.open("session.ghostnote").settings.prior
    assert explore("new", "-s", "b", "--like", "no/such").code == 4


def test_a_new_session_has_a_seed_of_its_own(explore):
    assert explore("new", "-s", "a").code == explore("new", "-s", "b").code == 0
    assert Session.open("a").settings.seed != Session.open("b").settings.seed


def test_the_session_can_come_from_the_environment(explore, monkeypatch):
    monkeypatch.setenv("GHOSTNOTE_SESSION", "mine.ghostnote")
    assert explore("new").code == 0
    assert Path("mine.ghostnote").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["new"], 4, "is there already"),
        (["next", "-s", "no.ghostnote"], 4, "`ghostnote explore new` begins one"),
        (["next", "-s", "."], 4, "is a folder"),
        (["next", "-s", "other.txt"], 3, "is not a session"),
        (["next", "-o", "other.txt"], 4, "use --force"),
        (["next", "-o", "-"], 2, "must be a file"),
        (["like"], 2, "nothing was proposed yet"),
        (["like", "7"], 2, "id must be"),
        (["like", "x"], 2, "not a valid integer"),
        (["undo"], 2, "nothing to undo"),
        (["export", "-o", "out"], 2, "Like one first"),
        (["export"], 2, "Missing option"),
        (["export", "-o", "other.txt", "--id", "1"], 2, "id must be"),
        (["human", "-o", "h.mid"], 2, "nothing was proposed yet"),
        (["critic", "-o", "c.json"], 2, "nothing is rated yet"),
        (["new", "-s", "b", "--musical", "50"], 2, "musical must lie in 0…1"),
        (["new", "-s", "b", "--tempo", "x-y"], 2, "must be a number"),
        (["new", "-s", "b", "--candidates", "1"], 2, "candidates must be"),
        (["new", "-s", "b", "--sounds", "no/folder"], 4, "no/folder"),
        (["new", "-s", "b", "--prior", "other.txt"], 3, "other.txt must be a saved critic"),
        (["new", "-s", "no/folder/b"], 4, "No such file"),
        (["play", "--seed", "4"], 2, "--seed can only be given where a session is begun"),
    ],
)
def test_mistakes_are_told(begun, arguments, code, message):
    Path("other.txt").write_text("not ours", encoding="utf-8")
    result = begun(*arguments)
    assert result.code == code, result.err
    assert message in result.err
    assert Path("other.txt").read_text(encoding="utf-8") == "not ours"
    assert not Path("b").exists()


def test_a_proposal_is_not_wasted_where_its_file_is_in_the_way(begun):
    Path("session-1.wav").write_bytes(b"mine")
    assert begun("next").code == 4
    assert Session.open("session.ghostnote").counts.proposals == 0
    assert begun("next", "--force").code == 0


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_command_has_help_and_its_python(explore, name):
    result = explore(name, "--help")
    assert result.code == 0
    assert "In Python: " in result.out
    assert name in explore("--help").out


def test_help_loads_no_database(tmp_path):
    code = (
        "import sys; from ghostnote.cli.explore import command\n"
        "try: command(['next', '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'sqlalchemy', 'soundfile', 'sounddevice'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


# The grid


def test_the_grid_shows_soft_hits_and_escapes_names():
    hits = np.zeros((8, 2))
    hits[0, 0] = hits[2, 0] = hits[4, 1] = 1
    velocities = hits.copy()
    velocities[2, 0] = 0.3
    sounds = (FileSound("a" * 32, "evil\x1b[2J"), SynthSound("kick", (0.5,)))
    loop = Loop(Pattern(hits, velocities), sounds, 98.5, 0.25)
    assert loop_grid(loop) == f"evil\\x1b[2J  x-o- ----\n{sounds[1].name:<11}  ---- x---"
    assert loop_facts(loop) == "98.5 bpm, swing 0.25"


# Listening


@pytest.mark.parametrize("target", ["loop.mp3", "nowhere/loop.wav"])
def test_nothing_is_proposed_that_could_not_be_heard(begun, target):
    assert begun("next", "-o", target).code
    assert Session.open("session.ghostnote").counts.proposals == 0


def test_a_proposal_whose_sound_can_not_be_written_is_heard_later(begun, monkeypatch):
    def full(*arguments, **options):
        raise StorageError("the audio file can not be written: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("ghostnote.audio.write_audio", full)
        result = begun("next")
    assert result.code == 4
    assert "Proposal 1 is kept: `ghostnote explore hear 1` writes its sound" in result.err
    assert begun("hear", 1, "-o", "one.flac").err.startswith("one.flac: 4 bars")
    assert begun("hear").err.startswith("session-1.wav: 4 bars")
    assert Path("one.flac").stat().st_size > 10_000


def test_keys_can_be_piped_in(begun):
    result = begun("play", "--no-sound", stdin=b"l\nd\ns\nu?rbx\nq")
    assert result.code == 0, result.err
    assert [line[:2] for line in result.out.splitlines() if ": 120 bpm" in line] == ["1:", "2:", "3:", "4:", "3:"]
    assert result.err.count("listen to ") == 6, "five proposals, one of them again"
    assert "taken back: what you said of 3" in result.err
    assert "4 proposals: 1 liked, 1 disliked, 0 skipped, 2 not rated" in result.err


def test_the_end_of_the_input_is_the_end(begun):
    assert begun("play", "--no-sound", stdin=b"l").code == 0
    assert Session.open("session.ghostnote").counts.liked == 1


def test_what_waits_for_an_answer_is_asked_again(begun):
    begun("next")
    assert begun("play", "--no-sound", stdin=b"l").out.lstrip().startswith("1:")
    assert Session.open("session.ghostnote").history()[0].liked is True


def test_all_that_waits_is_asked_in_order(begun):
    for _ in range(3):
        begun("next")
    begun("dislike", 2)
    # The second is taken back; then it, the third that still waits, and a new one are asked.
    result = begun("play", "--no-sound", stdin=b"l" + b"l" + b"u" + b"l" + b"q")
    assert [line[:2] for line in result.out.splitlines() if ": 120 bpm" in line] == ["1:", "3:", "4:", "3:", "4:"]


def test_sounds_to_listen_to_stay(begun):
    told = begun("play", "--no-sound", stdin=b"lq").err.splitlines()
    files = [Path(line.removeprefix("listen to ")) for line in told if line.startswith("listen to ")]
    assert len(files) == 2
    assert all(file.stat().st_size > 10_000 for file in files)
    assert f"the sounds stay in {files[0].parent}" in told


def test_play_begins_a_session(explore):
    result = explore("play", "-s", "new.ghostnote", "--no-sound", "--seed", 4, stdin=b"uq")
    assert "a new session. Seed 4" in result.err
    assert "nothing to undo" in result.err
    assert Session.open("new.ghostnote").counts.proposals == 1


def player(folder, monkeypatch, script) -> None:
    """`aplay` is `script`, and no other player is there."""
    folder.mkdir(exist_ok=True)
    for name in {program[0] for program in PROGRAMS}:
        (folder / name).unlink(missing_ok=True)
    (folder / "aplay").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "aplay").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setitem(sys.modules, "sounddevice", None)


def test_a_player_is_found_and_stopped(begun, tmp_path, monkeypatch):
    played = tmp_path / "played"
    player(tmp_path / "bin", monkeypatch, f'echo "$@" >> {played}\nexec /bin/sleep 60')
    result = begun("play", stdin=b"lrq")
    assert result.code == 0, result.err
    assert "listen to" not in result.err
    lines = played.read_text().splitlines()
    # Keys come at once here: a player may be stopped before it has written anything, but not the first.
    assert lines[0].split("/")[-1] == "loop-1.wav"
    assert all(line.startswith("-q /") for line in lines)


def test_a_player_without_a_device_makes_way_for_the_file(begun, tmp_path, monkeypatch):
    player(tmp_path / "bin", monkeypatch, "exit 1")
    result = begun("play", stdin=b"lq")
    assert result.code == 0
    assert result.err.count("no sound here: aplay has nothing to play on (it ended with 1)") == 1
    assert result.err.count("listen to ") == 2


def test_a_machine_without_any_player(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert find_speaker() is None


def test_sounddevice_goes_round_without_end(monkeypatch, tmp_path):
    class Library:
        class PortAudioError(Exception):
            pass

        calls: list = []  # noqa: RUF012

        def query_devices(self, kind):
            return {}

        def play(self, bar, rate, loop):
            if rate != 44_100:
                raise self.PortAudioError("no such rate")
            self.calls.append((len(bar), loop))

        def stop(self):
            self.calls.append("stop")

    monkeypatch.setitem(sys.modules, "sounddevice", Library())
    speaker = find_speaker()
    speaker.play(tmp_path / "x.wav", np.zeros(5, np.float32), 44_100)
    speaker.stop()
    assert Library.calls == [(5, True), "stop"]
    with pytest.raises(NoSound, match="no such rate"):
        speaker.play(tmp_path / "x.wav", np.zeros(5, np.float32), 8_000)


CHILD = f"""
import sys
sys.path.insert(0, {str(FAKES)!r})
from fake_engine import FakeEngine
from ghostnote.explore import building
building.build_engine = FakeEngine
from ghostnote.cli.explore import command
from ghostnote.cli.shell import Shell
Shell(command).run(sys.argv[1:])
"""


def test_single_keys_in_a_dumb_terminal(tmp_path):
    """A journey at a terminal: each key acts at once, without Return."""
    here, there = pty.openpty()
    environment = os.environ | {"TERM": "dumb", "PATH": str(tmp_path), "COLUMNS": "80"}
    command = [sys.executable, "-c", CHILD, "play", "-s", str(tmp_path / "a.ghostnote"), "--seed", "1", "--no-sound"]
    with subprocess.Popen(command, stdin=there, stdout=there, stderr=there, env=environment, cwd=tmp_path) as child:
        os.close(there)
        killer = threading.Timer(90, child.kill)  # or a failed assertion would wait for it for ever
        killer.daemon = True
        killer.start()
        screen = ""

        def until(text: str) -> str:
            nonlocal screen
            ends = time.monotonic() + 60
            while text not in screen:
                assert time.monotonic() < ends, screen
                if select.select([here], [], [], 1.0)[0]:
                    screen += os.read(here, 65_536).decode()
            before, screen = screen[: screen.index(text) + len(text)], screen[screen.index(text) + len(text) :]
            return before

        assert "\x1b" not in until("loop-1.wav")
        assert not termios.tcgetattr(here)[3] & termios.ICANON
        for key, answer in (("l", "loop-2.wav"), ("d", "loop-3.wav"), ("s", "loop-4.wav"), ("u", "loop-3.wav")):
            os.write(here, key.encode())
            until(answer)
        os.write(here, b"r")
        until("loop-3.wav")
        os.write(here, b"b")
        until("score")
        os.write(here, b"\x1b[A")
        until("l like")
        os.write(here, b"q")
        until("4 proposals: 1 liked, 1 disliked, 0 skipped, 2 not rated")
        assert child.wait(30) == 0
        killer.cancel()
        assert termios.tcgetattr(here)[3] & termios.ICANON, "the terminal is as it was"
    os.close(here)
    assert Session.open(tmp_path / "a.ghostnote").counts.liked == 1


def at_terminal() -> None:
    """In a child: its input becomes the terminal whose Control-C it gets, as shells start what they run.

    Who runs the tests in the background ignores Control-C, and so would the child.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_control_c_at_the_terminal_loses_nothing(tmp_path):
    here, there = pty.openpty()
    command = [sys.executable, "-c", CHILD, "play", "-s", str(tmp_path / "a.ghostnote"), "--no-sound"]
    options = {"stdin": there, "stdout": there, "stderr": there, "cwd": tmp_path, "preexec_fn": at_terminal}
    with subprocess.Popen(command, **options) as child:
        os.close(there)
        killer = threading.Timer(90, child.kill)
        killer.daemon = True
        killer.start()
        screen = ""
        for text, key in (("loop-1.wav", b"l"), ("loop-2.wav", b"\x03")):
            while text not in screen:
                screen += os.read(here, 65_536).decode()
            os.write(here, key)
        with suppress(OSError):  # a terminal may hang up before its last words are read
            while "1 liked" not in screen:
                screen += os.read(here, 65_536).decode()
        assert child.wait(30) == 0
        killer.cancel()
        assert "Traceback" not in screen
    os.close(here)
    assert Session.open(tmp_path / "a.ghostnote").counts.liked == 1
