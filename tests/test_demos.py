"""The files that the package ships are those that their scripts write, and are what they say they are."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from ghostnote.demos import NAMES, PLAYED, demo_path
from ghostnote.groove.programming import timing_is_programmed, velocities_are_flat
from ghostnote.midi import midi_bytes, read_midi, read_rhythm

SCRIPTS = Path(__file__).parents[1] / "scripts"


@pytest.mark.parametrize("name", PLAYED)
def test_played_parts_are_what_the_script_writes(name):
    script = runpy.run_path(str(SCRIPTS / "make_demo_rhythms.py"))
    assert demo_path(name).read_bytes() == midi_bytes(script[name]())


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_what_the_script_writes(name):
    script = runpy.run_path(str(SCRIPTS / "make_demo_scores.py"))
    assert demo_path(name).read_bytes() == midi_bytes(script["score"](*script["SCORES"][name], name))


def test_every_file_has_a_name():
    files = {path.stem for path in demo_path("funk").parent.glob("*.mid")}
    assert files == {*NAMES, *PLAYED}


@pytest.mark.parametrize("name", PLAYED)
def test_played_parts_are_played(name):
    rhythm = read_rhythm(demo_path(name))
    assert not timing_is_programmed(rhythm)
    assert not velocities_are_flat(rhythm)


def test_tap_is_sparse_and_the_bass_is_no_drum_part():
    tap, bass = read_rhythm(demo_path("tap")), read_rhythm(demo_path("bass"))
    assert tap.warnings == bass.warnings == ()
    assert len(tap.notes) == len(bass.notes) == 26  # in 16 beats: few enough to be filled by themselves
    assert {note.channel for note in bass.notes} == {1}
    assert len({note.pitch for note in tap.notes}) == 1


def test_pocket_lays_back():
    pocket = read_midi(demo_path("pocket"))
    step_ms = 15_000 / pocket.tempos[0].tempo_bpm
    steps = np.array([note.tick / pocket.ticks_per_beat * 4 for note in pocket.notes])
    late_ms = (steps - np.round(steps)) * step_ms
    assert late_ms.mean() == pytest.approx(17, abs=1)
    backbeat = [ms for ms, note in zip(late_ms, pocket.notes, strict=True) if note.pitch == 38 and note.velocity > 100]
    assert np.mean(backbeat) == pytest.approx(23, abs=1)
