"""`ghostnote demo` shows what it says. Sound and pictures are faked here; tests/cli/test_cli.py makes them all."""

from types import SimpleNamespace

import numpy as np
import pytest

from ghostnote.cli import demo
from ghostnote.demos import demo_path
from ghostnote.midi import read_midi, read_rhythm
from ghostnote.tasks.additions import count_changes, count_followed


@pytest.fixture
def quick(monkeypatch):
    """Silence for sound, and a word for a picture."""
    silence = np.zeros((8, 2), dtype=np.float32)
    monkeypatch.setattr(demo, "render", lambda *_, **__: SimpleNamespace(audio=silence))
    monkeypatch.setattr(demo, "render_comparison", lambda *_, **__: SimpleNamespace(joined=silence))
    monkeypatch.setattr(demo, "plot_feel", lambda first, second, path, **_: path.write_text("picture"))


@pytest.fixture
def made(quick, tmp_path, capsys):
    """The folder of a demonstration, and what was said."""
    demo.command.main(["-o", str(tmp_path / "made")], standalone_mode=False)
    return tmp_path / "made", capsys.readouterr()


def test_demo_shows_what_it_says(made):
    folder, said = made
    promised = {name for show in demo.SHOWS for name in (*show.midi, show.sound, show.picture)}
    assert {path.name for path in folder.iterdir()} == promised
    assert all(f"{show.sound} " in said.out and show.title in said.out for show in demo.SHOWS)

    followed = count_followed(read_rhythm(demo_path("tap")), read_midi(folder / "drumify-drums.mid"))
    assert followed.onsets_followed == followed.onsets_in == 26
    assert "on 26 of 26 taps" in said.err

    beat, filled = read_midi(folder / "infill-beat.mid"), read_midi(folder / "infill-filled.mid")
    changes = count_changes(beat, filled)
    assert changes.notes_changed + changes.notes_added + changes.notes_removed > 0
    assert outside(beat, bar=4) == outside(filled, bar=4)

    score, played = read_midi(folder / "transfer-score.mid"), read_midi(folder / "transfer-played.mid")
    assert sorted(note.pitch for note in score.notes) == sorted(note.pitch for note in played.notes)
    assert read_midi(folder / "pocket-beat.mid").notes == read_midi(demo_path("pocket")).notes
    assert read_midi(folder / "generate-beat.mid").notes
    path = read_midi(folder / "interpolate-path.mid")
    assert 8 * 4 <= path.notes[-1].tick / path.ticks_per_beat <= 10 * 4


def outside(track, *, bar):
    """The notes of `track` that do not lie in `bar`, counted from 1: those played ahead of it belong to it."""
    first, end = 4 * (bar - 1) - 0.125, 4 * bar - 0.125
    beats = [note.tick / track.ticks_per_beat for note in track.notes]
    return [
        (round(480 * beat), note.pitch, note.velocity)
        for beat, note in zip(beats, track.notes, strict=True)
        if not first <= beat < end
    ]


def test_another_seed_is_another_demonstration(quick, made, tmp_path):
    demo.command.main(["-o", str(tmp_path / "other"), "--seed", "1"], standalone_mode=False)
    for name in ("drumify-drums.mid", "infill-filled.mid", "transfer-played.mid", "generate-beat.mid"):
        assert (made[0] / name).read_bytes() != (tmp_path / "other" / name).read_bytes()
