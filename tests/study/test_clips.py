from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from example_studies import RATE, pairs_file, write_clip

from ghostnote.audio import integrated_loudness_lufs
from ghostnote.data import Performance
from ghostnote.errors import InvalidInput
from ghostnote.groove import DrumTrack, Note, TempoChange
from ghostnote.midi import drum_map, write_midi
from ghostnote.study import sources
from ghostnote.study.clips import make_clips
from ghostnote.study.design import Material, System
from ghostnote.study.design_file import read_design
from ghostnote.study.sources import jittered, quantised


def clips_of(path: Path):
    return make_clips(read_design(path))


def test_all_clips_are_equally_loud_and_none_clips(tmp_path):
    clips = clips_of(pairs_file(tmp_path))
    loud = [integrated_loudness_lufs(clip.audio, RATE) for clip in clips]
    assert len(clips) == 3 * 4 + 4  # and the spoilt ones
    assert max(loud) - min(loud) < 0.05
    assert max(np.abs(clip.audio).max() for clip in clips) <= 10 ** (-1 / 20) + 1e-6
    assert {clip.audio.shape for clip in clips} == {(RATE, 2)}


def test_a_spoilt_clip_has_no_treble(tmp_path):
    clips = {(clip.system, clip.item): clip for clip in clips_of(pairs_file(tmp_path))}
    spectrum = {name: np.abs(np.fft.rfft(clips[name, "song-0"].audio[:, 0])) for name in ("human", "spoilt")}
    treble = {name: float((values[600:] ** 2).sum() / (values**2).sum()) for name, values in spectrum.items()}
    assert treble["spoilt"] < 0.1 * treble["human"]


def test_an_anchor_is_made_of_the_reference(tmp_path):
    clips = clips_of(pairs_file(tmp_path, form="mushra", trials=3))
    assert [clip.item for clip in clips if clip.system == "lowpass"] == [f"song-{n}" for n in range(4)]
    assert not [clip for clip in clips if clip.system == "spoilt"]


def test_small_differences_in_length_are_padded_away(tmp_path):
    path = pairs_file(tmp_path)
    write_clip(tmp_path / "grid" / "song-1.wav", seconds=0.95)
    lengths = {len(clip.audio) for clip in clips_of(path) if clip.item == "song-1"}
    assert lengths == {RATE}


def test_midi_is_rendered_with_the_kit(tmp_path):
    path = pairs_file(tmp_path)
    notes = [Note(tick, 36, 100) for tick in range(0, 960, 240)]
    track = DrumTrack((), 480, drum_map(), (TempoChange(0, 500_000),), track_ends=(960,)).with_notes(notes)
    for system in ("human", "machine", "grid"):
        for item in range(4):
            (tmp_path / system / f"song-{item}.wav").unlink()
            write_midi(track, tmp_path / system / f"song-{item}.mid")
    clips = clips_of(path)
    assert np.array_equal(clips[0].audio, clips[4].audio)
    assert clips[0].seconds == pytest.approx(0.75 + 1.0, abs=0.01)


def silence(folder):
    write_clip(folder / "grid" / "song-2.wav", gain=0.0)


def longer(folder):
    write_clip(folder / "grid" / "song-2.wav", seconds=1.4)


def lacking(folder):
    (folder / "grid" / "song-2.wav").unlink()


def empty(folder):
    for clip in (folder / "grid").iterdir():
        clip.unlink()


def broken(folder):
    (folder / "grid" / "song-2.wav").write_bytes(b"RIFF1234WAVEjunk")


def doubled(folder):
    write_clip(folder / "grid" / "song-2.flac")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (silence, r"song-2.wav is silent: every sample is 0. Was"),
        (longer, r"of one length, ± 0.1 s; .*grid/song-2.wav, of system 'grid', lasts 1.40 s and what .* 1.00 s. Cut"),
        (lacking, r"'grid' lacks song-2"),
        (empty, r"folder of system 'grid' must hold clips"),
        (broken, r"a clip of system 'grid' can not be used: .*song-2.wav can not be decoded"),
        (doubled, r"'song-2' is twice in"),
    ],
)
def test_a_bad_clip_is_told_of(change, told, tmp_path):
    path = pairs_file(tmp_path)
    change(tmp_path)
    with pytest.raises(InvalidInput, match=told):
        clips_of(path)


def test_there_must_be_enough_pairs(tmp_path):
    with pytest.raises(InvalidInput, match=r"trials.per_participant must be at most 12, so that no pair comes twice"):
        clips_of(pairs_file(tmp_path, trials=13))
    with pytest.raises(InvalidInput, match=r"trials.catch must be at most the 4 items, so that .* got 5. Add"):
        clips_of(pairs_file(tmp_path, catch=5))
    clips_of(pairs_file(tmp_path, trials=48, matched="false"))
    with pytest.raises(InvalidInput, match="at most 4"):
        clips_of(pairs_file(tmp_path, form="mushra", trials=5))


def test_quantised_and_jittered_scores():
    notes = [Note(10, 36, 50), Note(115, 38, 80), Note(122, 38, 30), Note(245, 42, 99)]
    track = DrumTrack((), 480, drum_map(), (TempoChange(0, 500_000),), track_ends=(480,)).with_notes(notes)
    flat = quantised(track)
    assert [(note.tick, note.pitch, note.velocity) for note in flat.notes] == [
        (0, 36, 90),
        (120, 38, 90),
        (240, 42, 90),
    ]
    loose = jittered(flat, 20.0, 10.0, np.random.default_rng(0))
    assert len(loose.notes) == 3
    assert [note.tick for note in loose.notes] != [0, 120, 240]
    assert jittered(flat, 0.0, 0.0, np.random.default_rng(0)).notes == flat.notes


def test_clips_of_sources_end_with_their_bars(tmp_path, monkeypatch):
    steps = np.arange(32)
    ticks = steps * 120
    ticks[-1] += 55  # nearly a 32nd late: 0.14 s, more than lengths may differ by
    slow = Performance(
        0, "drummer1/session1/0", "drummer1", "drummer1/session1", ("rock",), 50.0, "beat", "4-4",
        "test", "0.mid", 480, ticks, np.full(32, 36), np.full(32, 90),
    )  # fmt: skip
    monkeypatch.setattr(sources, "load_performances", lambda *_, **__: [slow])
    design = read_design(pairs_file(tmp_path, trials=1, catch=0))
    design = replace(
        design,
        systems=(System("human", source="real"), System("grid", source="quantised")),
        material=Material(items=1, bars=2),
    )
    human, grid = make_clips(design)
    assert human.seconds == grid.seconds == pytest.approx(2 * 4 * 60 / 50 + 1, abs=0.01)
    assert np.flatnonzero(np.abs(human.audio[:, 0]) > 0.1)[-1] > np.flatnonzero(np.abs(grid.audio[:, 0]) > 0.1)[-1]
