import io
import json
import re
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pretty_midi
import pytest
import soundfile
import symusic
from fake_engine import CLICK, FakeEngine, FakeLibrary

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.explore.export import export_loops, safe_name
from ghostnote.explore.session import Session
from ghostnote.explore.settings import SessionSettings
from ghostnote.loops import decode_loop
from ghostnote.loops.rendering import onsets_seconds
from ghostnote.midi import read_midi

AT = "2025-01-01T00:00:00.000+00:00"


@pytest.fixture
def session(tmp_path):
    """Four proposals, of which the first two are liked; each plays a recording too."""
    settings = SessionSettings(seed=2, recordings=(CLICK,))
    path = tmp_path / "taste.ghostnote"
    session = Session.open(path, settings, make_engine=FakeEngine, library=FakeLibrary(), clock=lambda: AT)
    for number in range(1, 5):
        session.propose()
        session.rate(number, liked=number < 3)
    return session


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_best_are_exported(session, tmp_path):
    export = session.export(tmp_path / "out")
    assert list(export.files) == names(tmp_path / "out")
    loops = [name for name in export.files if "/" not in name]
    assert [re.sub("^(..)-.*([.].*)$", r"\1\2", name) for name in loops] == [
        "01.mid",
        "01.wav",
        "02.mid",
        "02.wav",
        "loops.json",
    ]
    assert len([name for name in export.files if name.startswith("sounds/")]) == 7, "the click is there once"
    assert all(re.fullmatch(r"[a-z0-9./-]+", name) for name in export.files)


def test_the_listing_tells_everything(session, tmp_path):
    folder = session.export(tmp_path / "out", count=1).folder
    listing = json.loads((folder / "loops.json").read_text(encoding="utf-8"))
    (told,) = listing["loops"]
    proposal = session.proposal(told["id"])
    assert decode_loop(told["loop"]) == proposal.loop
    assert told["score"] == session.best(1)[0].score
    assert (told["liked"], told["skipped"], told["proposed_at"], told["judged_at"]) == (True, False, AT, AT)
    assert (folder / told["wav"]).is_file()
    assert (folder / told["midi"]).is_file()
    for row in told["rows"]:
        assert (folder / row["sound"]).is_file()
        assert row["stem"] is None
    assert listing["drum_map"] == "general_midi"


def test_the_bar_goes_round_without_a_seam(session, tmp_path):
    """Twice round it is what the last two of eight bars are that were played on and on, one hit after the other."""
    folder = session.export(tmp_path / "out").folder
    for told in json.loads((folder / "loops.json").read_text(encoding="utf-8"))["loops"]:
        bar, rate = soundfile.read(folder / told["wav"])
        assert (len(bar), rate) == (2 * 44_100, 44_100)
        loop = decode_loop(told["loop"])
        onsets = np.round(onsets_seconds(loop) * rate).astype(int)
        played = np.zeros(8 * len(bar) + 5 * rate)
        for start in range(0, 8 * len(bar), len(bar)):
            for step, row in np.argwhere(loop.pattern.hits > 0):
                hit = session.bank.audio(loop.sounds[row]) * loop.pattern.velocities[step, row]
                played[start + onsets[step, row] :][: len(hit)] += hit
        last = played[6 * len(bar) : 8 * len(bar)]
        round_twice = np.tile(bar, 2)
        gain = np.dot(last, round_twice) / np.dot(last, last)
        assert np.abs(round_twice - gain * last).max() < 1e-5
        assert abs(bar[0] - bar[-1]) <= np.abs(np.diff(bar)).max()
        assert 0.05 < np.abs(bar).max() <= 1.0


def test_the_wav_is_what_was_heard(session, tmp_path):
    folder = session.export(tmp_path / "out", [3], repeats=2, sample_rate_hz=48_000).folder
    (path,) = folder.glob("*.wav")
    audio, rate = soundfile.read(path)
    assert rate == 48_000
    assert np.abs(audio - session.proposal(3).audio(48_000, repeats=2)).max() < 2.0**-21
    assert np.abs(audio[: len(audio) // 2] - audio[len(audio) // 2 :]).max() < 2.0**-20


def test_other_programs_read_the_midi(session, tmp_path):
    folder = session.export(tmp_path / "out", repeats=2).folder
    listing = json.loads((folder / "loops.json").read_text(encoding="utf-8"))
    for told in listing["loops"]:
        path = folder / told["midi"]
        loop = decode_loop(told["loop"])
        hits = int(loop.pattern.hits.sum())
        expected = {row["midi_pitch"] for row, hit in zip(told["rows"], loop.pattern.hits.T, strict=True) if hit.any()}
        ours = read_midi(path)
        assert len(ours.notes) == 2 * hits
        assert {note.pitch for note in ours.notes} == expected
        read = mido.MidiFile(path)
        assert sum(m.type == "note_on" and m.velocity > 0 for track in read.tracks for m in track) == 2 * hits
        (drums,) = pretty_midi.PrettyMIDI(io.BytesIO(path.read_bytes())).instruments
        assert drums.is_drum
        assert len(drums.notes) == 2 * hits
        assert sum(len(track.notes) for track in symusic.Score(str(path)).tracks) == 2 * hits


def test_stems_add_up_to_the_loop(session, tmp_path):
    folder = session.export(tmp_path / "out", [1], stems=True, repeats=2).folder
    (told,) = json.loads((folder / "loops.json").read_text(encoding="utf-8"))["loops"]
    whole, _ = soundfile.read(folder / told["wav"])
    stems = [soundfile.read(folder / row["stem"])[0] for row in told["rows"]]
    assert len(stems) == 4
    assert np.abs(sum(stems) - whole).max() < 1e-5


def test_sounds_are_those_of_the_bank(session, tmp_path):
    folder = session.export(tmp_path / "out", [1]).folder
    (path,) = folder.glob("sounds/*click.wav")
    audio, rate = soundfile.read(path, dtype="float32")
    assert rate == 44_100
    assert np.abs(audio - session.bank.audio(CLICK)).max() < 1e-6
    assert np.abs(audio).max() > 1, "louder than full scale by itself, and not clipped"


def test_nothing_is_replaced_unless_asked(session, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "loops.json").write_text("mine")
    (folder / "other.txt").write_text("mine too")
    with pytest.raises(StorageError, match="must be new or empty"):
        session.export(folder)
    assert names(folder) == ["loops.json", "other.txt"]
    export = session.export(folder, force=True)
    assert names(folder) == sorted([*export.files, "other.txt"])
    assert (folder / "other.txt").read_text() == "mine too"
    assert json.loads((folder / "loops.json").read_text(encoding="utf-8"))["loops"]


def test_an_empty_folder_is_filled(session, tmp_path):
    (tmp_path / "out").mkdir()
    assert session.export(tmp_path / "out").files


def test_a_file_and_a_missing_folder_are_told(session, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(StorageError, match="is a file"):
        session.export(tmp_path / "out", force=True)
    with pytest.raises(StorageError, match="is not there"):
        session.export(tmp_path / "no" / "out")


def test_a_failure_leaves_nothing_behind(session, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr("ghostnote.explore.export.write_midi", full)
    with pytest.raises(StorageError, match="No space left"):
        session.export(tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before


def test_nothing_to_export_is_told(session, tmp_path):
    with pytest.raises(InvalidParameter, match="at least one"):
        session.export(tmp_path / "out", [])
    with pytest.raises(InvalidParameter, match="id must be"):
        session.export(tmp_path / "out", [99])
    with pytest.raises(InvalidParameter, match="repeats"):
        session.export(tmp_path / "out", repeats=0)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "name"),
    [("CON", "con"), ("../../etc", "etc"), ("Größe: 1/2", "grosse-1-2"), ("…", "unnamed"), ("x" * 300, "x" * 40)],
)
def test_names_are_safe(text, name):
    assert safe_name(text) == name


def test_hostile_names_stay_in_the_folder(session, tmp_path):
    evil = replace(CLICK, name="../../../evil\x1b[31m")
    loop = replace(session.proposal(1).loop, sounds=(evil, *session.proposal(1).loop.sounds[1:]))
    item = replace(session.history()[0], proposal=replace(session.proposal(1), loop=loop))
    from ghostnote.explore.export import ExportOptions

    export = export_loops([item], session.bank, tmp_path / "out", ExportOptions())
    assert not (tmp_path.parent / "evil").exists()
    assert all(re.fullmatch(r"[a-z0-9./-]+", name) and ".." not in name for name in export.files)


def test_a_liked_loop_is_humanised(session):
    track = session.humanize(1, repeats=2, style="funk", seed=3)
    loop = session.proposal(1).loop
    assert len(track.notes) == 2 * int(loop.pattern.hits.sum())
    assert len({note.velocity for note in track.notes}) > 3
    assert session.humanize(1, repeats=2, style="funk", seed=3) == track
