import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, DrumMap, Voice


def test_columns_follow_the_order_of_voices():
    assert [voice.column for voice in VOICES] == list(range(9))


def test_parse_takes_dashes_and_capitals():
    assert Voice.parse(" Closed-HiHat ") is Voice.CLOSED_HIHAT


def test_parse_names_the_known_voices():
    with pytest.raises(InvalidParameter, match=r"voice must be one of kick, .*; got 'cowbell'"):
        Voice.parse("cowbell")


def test_drum_map_must_write_every_voice():
    with pytest.raises(InvalidParameter, match="missing: snare"):
        DrumMap("half", {36: Voice.KICK}, {voice: 36 for voice in VOICES if voice is not Voice.SNARE})


def test_drum_map_refuses_pitches_out_of_range():
    with pytest.raises(InvalidParameter, match="got 128"):
        DrumMap("wide", {128: Voice.KICK}, dict.fromkeys(VOICES, 36))


def test_unmapped_pitch_has_no_voice():
    assert DrumMap("one", {36: Voice.KICK}, dict.fromkeys(VOICES, 36)).voice_of(37) is None
