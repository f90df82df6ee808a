"""Drum maps: those shipped, and those that people write."""

from pathlib import Path

import pytest

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.groove import VOICES, Voice
from ghostnote.midi import drum_map, drum_maps
from ghostnote.midi.maps import parse_drum_map, shipped_map

MINE = "\n".join(f"[{voice}]\nwrite = {60 + i}\nread = [{60 + i}, {80 + i}]" for i, voice in enumerate(VOICES))

TD11 = {
    Voice.KICK: {36},
    Voice.SNARE: {38, 37, 40},
    Voice.CLOSED_HIHAT: {42, 22, 44},
    Voice.OPEN_HIHAT: {46, 26},
    Voice.LOW_TOM: {43, 58},
    Voice.MID_TOM: {47, 45},
    Voice.HIGH_TOM: {50, 48},
    Voice.CRASH: {49, 52, 55, 57},
    Voice.RIDE: {51, 53, 59},
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path))
    (tmp_path / "maps").mkdir()
    return tmp_path


def test_roland_td11_is_the_paper_s_map_of_22_pitches() -> None:
    roland = drum_map("roland_td11")
    assert {voice: {p for p, v in roland.voices.items() if v is voice} for voice in VOICES} == TD11
    assert [roland.pitches[voice] for voice in VOICES] == [36, 38, 42, 46, 43, 47, 50, 49, 51]


def test_general_midi_folds_its_61_pitches_and_the_hihat_edges_of_v_drums() -> None:
    general = drum_map("general_midi")
    assert set(general.voices) == set(range(27, 88)) | {22, 26}
    assert len(range(27, 88)) == 61


def test_both_maps_agree_wherever_a_pitch_means_the_same() -> None:
    general, roland = drum_map("general_midi"), drum_map("roland_td11")
    differing = [pitch for pitch, voice in roland.voices.items() if general.voice_of(pitch) is not voice]
    assert differing == [58]  # a vibraslap, or the rim of a third tom


@pytest.mark.parametrize("name", ["general_midi", "roland_td11"])
def test_written_pitch_is_read_back_as_its_voice(name: str) -> None:
    found = drum_map(name)
    assert all(found.voice_of(found.pitches[voice]) is voice for voice in VOICES)


def test_default_is_general_midi() -> None:
    assert drum_map() == drum_map("general_midi")


def test_names_are_the_shipped_ones_then_the_user_s(home: Path) -> None:
    assert drum_maps() == ("general_midi", "roland_td11")
    (home / "maps" / "a_kit.toml").write_text(MINE)
    (home / "maps" / "notes.txt").write_text("not a map")
    assert drum_maps() == ("general_midi", "roland_td11", "a_kit")
    assert drum_map("a_kit").voice_of(80) is Voice.KICK
    assert drum_map("a_kit").name == "a_kit"


def test_folder_of_the_user_need_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "none"))
    assert drum_maps() == ("general_midi", "roland_td11")


def test_configuration_folder_is_used_without_ghostnote_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GHOSTNOTE_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)
    (tmp_path / "ghostnote" / "maps").mkdir(parents=True)
    (tmp_path / "ghostnote" / "maps" / "mine.toml").write_text(MINE)
    assert drum_map("mine").pitches[Voice.KICK] == 60


def test_path_is_read_from_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "any name.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MINE.encode())  # some editors put a byte order mark there
    assert drum_map(path) == drum_map(str(path))
    assert drum_map(path).name == "any name"


def test_user_s_map_may_not_take_the_name_of_a_shipped_one(home: Path) -> None:
    (home / "maps" / "general_midi.toml").write_text(MINE)
    with pytest.raises(InvalidInput, match=r"general_midi\.toml\. Rename that file"):
        drum_map("general_midi")
    assert len(shipped_map("general_midi").voices) == 63


def test_unknown_name_lists_the_known_ones_and_the_folder(home: Path) -> None:
    with pytest.raises(InvalidParameter, match=r"general_midi, roland_td11 or a path .* got 'td12'.*maps$"):
        drum_map("td12")


def test_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.toml can not be read: No such file"):
        drum_map(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"\xff\xfe\x00", "must be UTF-8"), (b"#" * 70_000, "at most 65,536 bytes")],
)
def test_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "bad.toml").write_bytes(data)
    with pytest.raises(InvalidInput, match=message):
        drum_map(tmp_path / "bad.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[kick]", "[kick", "must be TOML"),
        ("[kick]", "[cowbell]", "voice must be one of kick, snare"),
        ("[kick]", "[Snare]\nwrite = 1\nread = [1]\n[kick]", "voice snare: a voice may stand only once"),
        ("[kick]", "x = " + "[" * 3000, "must be TOML"),
        ("[kick]\nwrite = 60", "[kick]", "voice kick: needs `write = PITCH` and `read = [PITCH, …]`; got read"),
        ("write = 60", "write = 60\nplay = 1", "got play, read, write"),
        ("write = 60", "write = 128", "voice kick: write: a pitch must be a whole number in 0…127; got 128"),
        ("write = 60", "write = true", "got True"),
        ("write = 60", "write = 61", "write must be one of the pitches in read; got 61"),
        ("[60, 80]", "[60, 80.5]", "voice kick: read: a pitch must be a whole number in 0…127; got 80.5"),
        ("[60, 80]", "[60, 60]", "60 is already read as kick"),
        ("[61, 81]", "[61, 80]", "voice snare: a pitch may stand only once; 80 is already read as kick"),
        ("[60, 80]", "60", "read must be a list of pitches such as [36, 35]; got 60"),
        ("[kick]\nwrite = 60\nread = [60, 80]", "", "must give all nine voices; missing: kick"),
        ("[kick]\nwrite = 60\nread = [60, 80]", "kick = 36", "voice kick: needs"),
    ],
)
def test_broken_map_is_refused_with_voice_rule_and_value(old: str, new: str, message: str) -> None:
    assert old in MINE
    with pytest.raises(InvalidInput) as caught:
        parse_drum_map(MINE.replace(old, new, 1), "mine")
    assert message in str(caught.value)
    assert "'mine'" in str(caught.value)


def test_names_of_voices_may_be_written_with_a_hyphen() -> None:
    assert parse_drum_map(MINE.replace("[closed_hihat]", "[Closed-HiHat]"), "mine").pitches[Voice.CLOSED_HIHAT] == 62
