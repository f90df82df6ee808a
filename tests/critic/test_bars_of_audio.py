import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from heard_loops import audio_of, random_loop, sounds_and_bank, steady_beat, write_loop

from ghostnote.critic.bars_of_audio import MOST_BARS, cut_bars, hear_bars, loop_tempo, read_bars
from ghostnote.critic.hearing import Hearing
from ghostnote.critic.spectrum import BANDS, HEARD_RATE_HZ
from ghostnote.errors import InvalidAudio, StorageError
from ghostnote.loops import Loop, pattern_of_text

SONIC_PI = Path("/usr/share/sonic-pi/samples")


@pytest.fixture(scope="module")
def material():
    return sounds_and_bank()


def loops_of(material, count, seed=1, low=86.0, high=168.0):
    rng = np.random.default_rng(seed)
    return [random_loop(rng, material[0], tempo_bpm=float(rng.uniform(low, high))) for _ in range(count)]


@pytest.mark.parametrize("bars", [1, 2, 4, 8])
def test_a_loop_of_whole_bars_is_known_by_its_length(material, bars):
    for loop in loops_of(material, 6, bars):
        found = cut_bars(audio_of(loop, material[1], bars))
        assert (found.way, len(found.bars)) == ("loop", bars)
        assert found.tempo_bpm == pytest.approx(loop.tempo_bpm, rel=0.01)
        assert found.bars[0].step_seconds == pytest.approx(loop.step_seconds, rel=0.01)


def test_what_is_heard_of_a_loop_file_is_what_is_heard_of_the_loop(material, tmp_path):
    """Through a file of another sample rate, in stereo, at another level; two bars, each the same."""
    bank = material[1]
    for loop in loops_of(material, 3, 4):
        write_loop(tmp_path / "loop.wav", loop, bank, repeats=2)
        audio, rate = soundfile.read(tmp_path / "loop.wav")
        soundfile.write(tmp_path / "stereo.flac", 0.2 * np.stack([audio, audio], axis=1), rate, subtype="PCM_24")
        levels = hear_bars(read_bars(tmp_path / "stereo.flac").bars)
        [wanted] = Hearing(bank).hear([loop])
        assert levels.shape == (2, 64, BANDS)
        for heard in levels:
            loud = wanted > -2
            assert np.abs(heard - wanted)[loud].mean() < 0.08


def test_half_a_bar_is_played_twice(material):
    loop = Loop(pattern_of_text("x---x-x-", "----x---"), material[0][:2], 136.0)
    found = cut_bars(audio_of(loop, material[1], 1))
    assert found.way == "loop"
    [bar] = found.bars
    assert len(bar.audio) / HEARD_RATE_HZ == pytest.approx(240 / 136, rel=0.01)
    half = len(bar.audio) // 2
    assert np.array_equal(bar.audio[:half], bar.audio[half:])


def test_of_two_tempos_the_one_nearer_to_120_is_taken(material):
    loop = random_loop(np.random.default_rng(0), material[0], tempo_bpm=75.0)
    assert loop_tempo(audio_of(loop, material[1], 2)) == pytest.approx(150, rel=0.01)


def test_a_length_by_chance_is_no_loop(material):
    loops = loops_of(material, 8, 6)
    taken = [
        loop_tempo(audio_of(loop, material[1], bars))
        for loop, bars in zip(loops, np.linspace(2.6, 12.3, 8), strict=True)
    ]
    assert taken.count(None) >= 7


@pytest.mark.parametrize("tempo_bpm", [97.0, 126.0])
def test_a_song_is_cut_from_downbeat_to_downbeat(material, tempo_bpm):
    loop = steady_beat(tempo_bpm)
    found = cut_bars(audio_of(loop, material[1], 30.4, lead_seconds=0.77))
    assert found.way == "beats"
    assert len(found.bars) == MOST_BARS
    assert found.tempo_bpm == pytest.approx(tempo_bpm, rel=0.01)
    place = (np.array([bar.start_seconds for bar in found.bars]) - 0.77) * tempo_bpm / 240
    assert np.abs(place - np.round(place)).max() < 0.01
    assert (np.diff(place) > 0.9).all()
    assert place[-1] - place[0] > 25  # evenly spread
    [wanted] = Hearing(material[1]).hear([loop])
    heard = hear_bars(found.bars[2:3])[0]
    correlation = np.corrcoef(heard.ravel(), wanted.ravel())[0, 1]
    rolled = np.corrcoef(np.roll(heard, 2, axis=0).ravel(), wanted.ravel())[0, 1]
    assert correlation > 0.85
    assert correlation > rolled


def test_where_no_beat_is_there_are_pieces_of_two_seconds():
    noise = np.random.default_rng(0).standard_normal(round(9.1 * HEARD_RATE_HZ)).astype(np.float32) * 0.1
    found = cut_bars(noise)
    assert (found.way, found.tempo_bpm, len(found.bars)) == ("fixed", None, 4)
    assert all(len(bar.audio) == 2 * HEARD_RATE_HZ for bar in found.bars)


def test_one_hit_is_one_bar_with_silence_after_it():
    hit = (np.random.default_rng(0).standard_normal(6_000) * np.exp(-np.arange(6_000) / 800)).astype(np.float32)
    found = cut_bars(hit)
    [bar] = found.bars
    assert found.way == "fixed"
    assert len(bar.audio) == 2 * HEARD_RATE_HZ
    assert np.array_equal(bar.audio[:6_000], hit)
    assert not bar.audio[6_000:].any()


def test_silent_bars_are_left_out(material):
    audio = audio_of(steady_beat(120.0), material[1], 4, noise=0)
    audio[len(audio) // 4 : len(audio) // 2] = 0
    found = cut_bars(audio)
    assert len(found.bars) == 3
    noise = np.random.default_rng(0).standard_normal(8 * HEARD_RATE_HZ).astype(np.float32) * 0.1
    noise[2 * HEARD_RATE_HZ : 6 * HEARD_RATE_HZ] = 0
    assert [bar.start_seconds for bar in cut_bars(noise).bars] == [0.0, 6.0]


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff", "ogg"])
@pytest.mark.parametrize("rate", [8_000, 48_000, 96_000])
def test_formats_and_rates(material, tmp_path, suffix, rate):
    loop = loops_of(material, 1, 8)[0]
    write_loop(tmp_path / f"loop.{suffix}", loop, material[1], repeats=2, rate=rate)
    found = read_bars(tmp_path / f"loop.{suffix}")
    assert (found.way, len(found.bars)) == ("loop", 2)
    assert found.tempo_bpm == pytest.approx(loop.tempo_bpm, rel=0.01)


def test_a_name_that_is_no_text_is_read(material, tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.wav"))
    write_loop(tmp_path / "loop.wav", loops_of(material, 1, 8)[0], material[1], repeats=2)
    (tmp_path / "loop.wav").rename(path)
    assert len(read_bars(path).bars) == 2
    path.write_bytes(b"no audio")
    with pytest.raises(InvalidAudio, match="must be WAV"):
        read_bars(path)


def test_ten_minutes_at_most(tmp_path):
    soundfile.write(tmp_path / "long.flac", np.zeros(601 * 8_000, np.float32), 8_000)
    with pytest.raises(InvalidAudio, match="at most 600 s"):
        read_bars(tmp_path / "long.flac")
    soundfile.write(tmp_path / "fast.flac", np.zeros(301 * 96_000, np.float32), 96_000)
    with pytest.raises(InvalidAudio, match="at most 300 s"):
        read_bars(tmp_path / "fast.flac")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"MThd\x00\x00\x00\x06", "must be WAV, FLAC, AIFF or OGG"),
        (b"RIFF\x04\x00\x00\x00WAVE", "can not be decoded"),
        (b"OggS" + bytes(200), "can not be decoded"),
    ],
)
def test_broken_files_are_told_by_name(tmp_path, content, reason):
    (tmp_path / "x.wav").write_bytes(content)
    with pytest.raises(InvalidAudio, match=rf"x\.wav.*{reason}"):
        read_bars(tmp_path / "x.wav")


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (np.zeros(22_050), "silent"),
        (np.full(22_050, 1e-4), "silent"),
        (np.ones(1_000), "at least 0.1 s"),
        (np.full(22_050, np.nan), "finite"),
        (np.zeros((22_050, 3)), "at most 2 channels"),
    ],
)
def test_audio_that_can_not_be_used(tmp_path, audio, reason):
    soundfile.write(tmp_path / "x.wav", audio, 22_050, subtype="FLOAT")
    with pytest.raises(InvalidAudio, match=rf"x\.wav.*{reason}"):
        read_bars(tmp_path / "x.wav")


def test_what_is_no_file(tmp_path):
    with pytest.raises(StorageError, match="can not be read"):
        read_bars(tmp_path / "none.wav")
    with pytest.raises(StorageError, match="must be a file"):
        read_bars(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(StorageError, match="must be a file"):
        read_bars(tmp_path / "pipe.wav")


LOOPS = {
    "loop_amen": (136.9, 1),
    "loop_amen_full": (140.0, 4),
    "loop_breakbeat": (126.0, 1),
    "loop_compus": (148.0, 4),
    "loop_electric": (97.0, 1),
    "loop_garzul": (120.0, 4),
    "loop_industrial": (135.8, 1),
    "loop_mehackit1": (97.0, 1),
    "loop_mehackit2": (97.0, 1),
    "loop_mika": (120.0, 4),
    "loop_safari": (120.0, 4),
    "loop_tabla": (90.0, 4),
}


@pytest.mark.skipif(not SONIC_PI.is_dir(), reason="SONIC PI'S SAMPLES ARE MISSING: apt-get install sonic-pi-samples")
@pytest.mark.parametrize("name", LOOPS)
def test_recorded_loops(name):
    tempo_bpm, bars = LOOPS[name]
    found = read_bars(SONIC_PI / f"{name}.flac")
    assert (found.way, len(found.bars)) == ("loop", bars)
    assert found.tempo_bpm == pytest.approx(tempo_bpm, rel=0.005)
