import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ghostnote.cli import COMMANDS
from ghostnote.demos import NAMES, demo_path
from ghostnote.midi import read_midi, read_midi_bytes

FUNK = str(demo_path("funk"))


def test_humanize_writes_every_note(run):
    result = run("humanize", FUNK, "-o", "out.mid", "--style", "funk", "--seed", 3)
    assert result.code == 0, result.err
    assert result.out == ""
    before, after = read_midi(FUNK), read_midi("out.mid")
    assert sorted(n.pitch for n in after.notes) == sorted(n.pitch for n in before.notes)
    assert [n.tick for n in after.notes] != [n.tick for n in before.notes]


def test_command_equals_python(run):
    from ghostnote import Amounts, Voice, humanize

    arguments = ["--timing", 0.5, "--velocity", 1.2, "--voice", "snare:timing=0.1", "--lock", "kick", "--bars", "2-3"]
    arguments += ["--push", 4, "--new-accents", "--temperature", 0.8, "--seed", 9, "--grid", "16ths"]
    assert run("humanize", FUNK, "-o", "out.mid", *arguments).code == 0
    python = humanize(
        read_midi(FUNK),
        timing=0.5,
        velocity=1.2,
        voices={Voice.SNARE: Amounts(timing=0.1)},
        lock=[Voice.KICK],
        bars=(2, 3),
        push_ms=4,
        keep_accents=False,
        temperature=0.8,
        seed=9,
        subdivision="16ths",
    )
    written = [(n.tick, n.pitch, n.velocity) for n in read_midi("out.mid").notes]
    assert written == [(n.tick, n.pitch, n.velocity) for n in python.notes]


def test_humanize_accounts_in_json(run):
    result = run("humanize", FUNK, "-o", "out.mid", "--json")
    account = json.loads(result.out)
    assert account["notes_in"] == account["notes_out"] == len(read_midi(FUNK).notes)
    assert account["seed"] == 0


def test_humanize_streams():
    content = Path(FUNK).read_bytes()
    finished = subprocess.run(
        [sys.executable, "-m", "ghostnote", "humanize", "-", "-o", "-", "--json"],
        input=content,
        capture_output=True,
        check=True,
    )
    assert len(read_midi_bytes(finished.stdout).notes) == len(read_midi(FUNK).notes)
    assert json.loads(finished.stderr)["notes_out"] > 0


def test_nothing_is_overwritten_without_force(run):
    Path("out.mid").write_bytes(b"precious")
    result = run("humanize", FUNK, "-o", "out.mid")
    assert result.code == 4
    assert "use --force" in result.err
    assert Path("out.mid").read_bytes() == b"precious"
    assert run("humanize", FUNK, "-o", "out.mid", "--force").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["humanize", FUNK, "-o", "o.mid", "--timing", "50"], 2, "timing must lie in 0…1.5; got 50"),
        (["humanize", FUNK, "-o", "o.mid", "--style", "polka"], 2, "style must be one of"),
        (["humanize", FUNK, "-o", "o.mid", "--lock", "cowbell"], 2, "voice must be one of"),
        (["humanize", FUNK, "-o", "o.mid", "--voice", "snare"], 2, "expected e.g. snare:timing=0.5"),
        (["humanize", FUNK, "-o", "o.mid", "--voice", "snare:timing=much"], 2, "timing must be a number"),
        (["humanize", FUNK, "-o", "o.mid", "--bars", "x"], 2, "bars must be given as 5-8"),
        (["humanize", FUNK, "-o", "o.mid", "--bars", "90-91"], 2, "within the track's 8 bars"),
        (["humanize", FUNK, "-o", "o.mid", "--map", "no_such_map"], 2, "no_such_map"),
        (["humanize", FUNK], 2, "Missing option"),
        (["humanize", FUNK, "-o", "no/such/folder/o.mid"], 4, "folder"),
        (["humanize", FUNK, "-o", "."], 4, "is a folder"),
        (["humanize", "missing.mid", "-o", "o.mid"], 4, "missing.mid"),
        (["humanize", "broken.mid", "-o", "o.mid"], 3, "ghostnote:"),
        (["info", "broken.mid"], 3, "ghostnote:"),
        (["frobnicate"], 2, "No such command"),
        (["render", FUNK, "-o", "o.wav", "--kit", "nope"], 2, "nope"),
        (["render", FUNK, "-o", "-"], 2, "must be a file"),
        (["render", FUNK, "-o", "o.wav", "--seed", "-1"], 2, "seed must be at least 0"),
        (["plot", "-", "-", "-o", "o.png"], 2, "only one of IN and OUT"),
        (["humanize", FUNK, "-o", "o.mid", "--map", ""], 2, "drum map"),
        (["humanize", FUNK, "-o", "o.mid", "--voice", "snare:timing=1,timing=0"], 2, "given twice"),
        (["render", FUNK, "-o", "o.mp3"], 2, "mp3"),
        (["plot", FUNK, "-o", "o.bmp"], 2, "bmp"),
        (["render", FUNK, "-o", "o.wav", "--stems", "s", "--compare", FUNK], 2, "do not go together"),
    ],
)
def test_wrong_use_gets_one_clear_line(run, arguments, code, message):
    Path("broken.mid").write_bytes(b"MThd but not really")
    result = run(*arguments)
    assert result.code == code, result.err
    assert message in result.err
    assert "Traceback" not in result.err
    assert not Path("o.mid").exists()


def test_info_in_words_and_json(run):
    text = run("info", FUNK).out
    assert "4/4" in text
    assert "96 bpm" in text
    assert "snare" in text
    found = json.loads(run("info", FUNK, "--json").out)
    assert found["bars"] == 8
    assert found["quantised"] == "16ths"


def test_render_writes_sound_stems_and_comparison(run):
    import soundfile

    assert run("render", FUNK, "-o", "a.wav", "--stems", "stems", "--kit", "punchy_analogue").code == 0
    audio, rate = soundfile.read("a.wav")
    assert rate == 44100
    assert audio.shape[1] == 2
    assert 0.1 < abs(audio).max() < 1
    assert {p.stem for p in Path("stems").iterdir()} >= {"kick", "snare", "closed_hihat"}
    assert run("render", FUNK, "-o", "b.flac", "--compare", FUNK).code == 0
    assert soundfile.info("b.flac").duration > 1.9 * soundfile.info("a.wav").duration - 4


def test_plot_draws(run):
    assert run("plot", FUNK, "-o", "p.png", "--bars", "1-2").code == 0
    assert Path("p.png").read_bytes().startswith(b"\x89PNG")
    run("humanize", FUNK, "-o", "h.mid")
    assert run("plot", FUNK, "h.mid", "-o", "q.svg", "--theme", "light").code == 0
    assert b"<svg" in Path("q.svg").read_bytes()


def test_demo_makes_everything(run):
    result = run("demo", "-o", "made")
    assert result.code == 0, result.err
    made = {path.name for path in Path("made").iterdir()}
    for name in NAMES:
        assert {f"{name}-score.mid", f"{name}-human.mid", f"{name}-compare.wav", f"{name}.png"} <= made
    assert "funk-compare.wav" in result.out


def test_data_fetch_checks_a_local_copy(run):
    Path("wrong.zip").write_bytes(b"PK not the archive")
    result = run("data", "fetch", "--archive", "wrong.zip")
    assert result.code == 3
    assert "wrong.zip" in result.err


def test_data_fetch_asks_before_it_downloads(run):
    result = run("data", "fetch", stdin=b"n\n")
    assert result.code != 0
    assert "3,260,318 bytes" in result.err
    assert "CC BY 4.0" in result.err


def test_demo_overwrites_nothing_without_force(run):
    Path("made").mkdir()
    Path("made/funk-human.mid").write_bytes(b"precious")
    assert run("demo", "-o", "made").code == 4
    assert Path("made/funk-human.mid").read_bytes() == b"precious"


def test_options_for_one_voice_add_up(run):
    run("humanize", FUNK, "-o", "a.mid", "--voice", "snare:timing=0", "--voice", "snare:velocity=0")
    snares = [[(n.tick, n.velocity) for n in read_midi(p).notes if n.pitch == 38] for p in (FUNK, "a.mid")]
    assert snares[0] == snares[1]


def test_names_that_a_terminal_can_not_print_are_escaped():
    from dataclasses import replace

    from ghostnote.groove import Event
    from ghostnote.midi import midi_bytes

    track = replace(read_midi(FUNK), others=(Event(0, b"\xff\x03" + "ドラム".encode()),))
    done = subprocess.run(
        [sys.executable, "-m", "ghostnote", "info", "-"],
        input=midi_bytes(track),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )
    assert b"\\u30c9" in done.stdout


def test_files_and_voices_complete():
    def complete(words, index):
        env = {"_GHOSTNOTE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(index)}
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ghostnote"))],
            capture_output=True,
            text=True,
            env={**os.environ, **env},
        )
        return done.stdout

    assert "humanize" in complete("ghostnote hum", 1)
    assert "file" in complete("ghostnote info ", 2)
    assert "snare" in complete("ghostnote humanize --lock sn", 3)
    assert "dry_acoustic" in complete("ghostnote render --kit d", 3)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run, shell):
    assert "_GHOSTNOTE_COMPLETE" in run("completion", shell).out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_is_documented(run, name):
    result = run(name, "--help")
    assert result.code == 0
    assert result.out.startswith("Usage:")
    reference = Path(__file__).parents[2] / "docs" / "commands.md"
    assert f"## ghostnote {name}" in reference.read_text(encoding="utf-8")


def test_help_loads_no_heavy_module():
    code = (
        "import sys; sys.argv = ['ghostnote', '--help']\n"
        "from ghostnote.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'torch', 'onnxruntime', 'matplotlib', 'soundfile'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_command_reference_is_current():
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", "import make_command_reference as m; print(m.reference(), end='')"],
        cwd=root / "scripts",
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.stdout == (root / "docs" / "commands.md").read_text(encoding="utf-8"), "run `make docs`"
