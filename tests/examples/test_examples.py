"""The examples do what they say, from any folder, and the notebook runs from top to bottom."""

import ast
import json
import re
import runpy
import sys
from pathlib import Path

import pytest

from ghostnote import Voice, extract_groove, read_feel, read_midi, read_rhythm
from ghostnote.demos import demo_path
from ghostnote.tasks.additions import count_followed

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
NOTEBOOK = EXAMPLES / "tour.ipynb"


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Run a script as a newcomer does, from another folder, and return its folder and what it said."""

    def run(name):
        made = tmp_path / "made"
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [name, str(made)])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        said = capsys.readouterr()
        assert said.err == ""
        assert [path.name for path in tmp_path.iterdir()] == ["made"]
        return made, said.out

    return run


def hits(path, voice):
    track = read_midi(path)
    return [
        (note.tick * 480 // track.ticks_per_beat, note.velocity)
        for note in track.notes
        if track.voice_of(note) == voice
    ]


def test_there_are_four_scripts_and_a_notebook():
    assert len(SCRIPTS) == 4
    assert NOTEBOOK.exists()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script_is_short_and_says_how_to_run_it(script):
    text = script.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    assert f"To run it: python examples/{script.name} [FOLDER]" in ast.get_docstring(ast.parse(text))
    assert callable(runpy.run_path(str(script))["main"])


def test_humanize_and_render(run):
    made, said = run("humanize_and_render.py")
    assert {path.name for path in made.iterdir()} == {"human.mid", "human.wav", "score.wav", "feel.png"}
    assert "141 notes in, 141 out" in said
    assert hits(made / "human.mid", Voice.KICK) == hits(demo_path("funk"), Voice.KICK)
    assert hits(made / "human.mid", Voice.SNARE) != hits(demo_path("funk"), Voice.SNARE)


def test_drumify_a_bass_line(run):
    made, said = run("drumify_a_bass_line.py")
    bass = read_rhythm(demo_path("bass"))
    takes = sorted(made.iterdir())
    assert [path.name for path in takes] == [f"drums-{name}.mid" for name in ("1", "2", "3", "busy", "tight")]
    for path in takes:
        followed = count_followed(bass, read_midi(path))
        assert followed.onsets_followed == followed.onsets_in == 26
    assert len({path.read_bytes() for path in takes}) == 5
    notes = {path.stem: len(read_midi(path).notes) for path in takes}
    assert notes["drums-tight"] < notes["drums-busy"]
    assert "take 3: " in said


def test_transfer_a_feel(run):
    made, said = run("transfer_a_feel.py")

    def lateness(name):
        rows = [row for row in extract_groove(read_midi(made / name)).rows if row.voice is Voice.SNARE]
        return sum(row.offset * row.hits for row in rows)

    assert lateness("rock-lazier.mid") > lateness("rock-as-it-is.mid")
    assert (made / "rock-as-it-is.mid").read_bytes() == (made / "rock-in-the-pocket.mid").read_bytes()
    assert read_feel(made / "pocket.json").tempo_bpm == 80
    assert "beat 1.00 kick          -0.8 ms, velocity 105" in said


def test_generate_vary_interpolate(run):
    made, said = run("generate_vary_interpolate.py")
    funk, longer, path = (read_midi(made / f"{name}.mid") for name in ("funk", "funk-longer", "funk-to-latin"))
    start = [(note.tick, note.pitch, note.velocity) for note in path.notes][: len(funk.notes)]
    assert start == [(note.tick, note.pitch, note.velocity) for note in funk.notes]
    assert len(longer.notes) > len(funk.notes)
    assert hits(made / "funk-varied-0.6.mid", Voice.KICK) == hits(made / "funk.mid", Voice.KICK)
    assert said.count("hits come or go") == 7


def test_a_script_without_a_folder_writes_into_a_temporary_one(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["transfer_a_feel.py"])
    runpy.run_path(str(EXAMPLES / "transfer_a_feel.py"), run_name="__main__")
    (made,) = tmp_path.iterdir()
    assert f"Look into {made}" in capsys.readouterr().out
    assert (made / "pocket.json").exists()


def test_notebook_is_valid_and_stores_no_output():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert set(notebook) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["language"] == "python"
    wanted = {"markdown": {"cell_type", "id", "metadata", "source"}}
    wanted["code"] = wanted["markdown"] | {"execution_count", "outputs"}
    for cell in notebook["cells"]:
        assert set(cell) == wanted[cell["cell_type"]]
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert all(isinstance(line, str) for line in cell["source"])
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
    names = [cell["id"] for cell in notebook["cells"]]
    assert len(set(names)) == len(names)


@pytest.mark.slow
def test_notebook_runs_from_top_to_bottom(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    names = {"__name__": "__main__"}
    pictures, sounds = [], []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            shown = show("".join(cell["source"]), cell["id"], names)
            if hasattr(shown, "_repr_png_"):
                pictures.append(shown._repr_png_())
            if hasattr(shown, "_repr_html_"):
                sounds.append(shown._repr_html_())
    assert len(pictures) == 6
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert len(sounds) == 5
    assert all(sound.startswith("<audio controls src=") for sound in sounds)
    said = capsys.readouterr().out
    assert "beat 2.00: +25 ms, velocity 109, 2 hits" in said
    assert "funk-to-latin.mid" in said


def show(source, name, names):
    """Run a cell, and return the value of its last line as a notebook would show it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), names)
    return eval(compile(ast.Expression(last.value), name, "eval"), names) if last else None
