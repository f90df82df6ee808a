import os

import numpy as np
import pytest

from audio_bytes import HOSTILE, RATE, encoded, hit, wav
from ghostnote.audio.files import AudioClip
from ghostnote.audio.loudness import hit_loudness_lufs
from ghostnote.errors import InvalidAudio, StorageError
from ghostnote.sounds.level import TARGET_LUFS
from ghostnote.sounds.recordings import digest_of, fit, mix_to_mono, printable_name, read_recording
from ghostnote.sounds.sound import LONGEST_SECONDS, MASTER_RATE_HZ


def stored(folder, data, name="kick.wav"):
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_hostile_files_are_refused_with_their_name_and_reason(tmp_path, case):
    with pytest.raises(InvalidAudio) as refused:
        read_recording(stored(tmp_path, case.data, case.name))
    assert case.reason in str(refused.value)
    assert case.name in str(refused.value)


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path / "pipe.wav", tmp_path):
        with pytest.raises(StorageError, match="must be a file"):
            read_recording(path)
    with pytest.raises(StorageError, match="No such file"):
        read_recording(tmp_path / "none.wav")


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "AIFF", "OGG"])
@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_every_format_and_rate_sounds_the_same(tmp_path, kind, rate):
    if (kind, rate) == ("OGG", 192_000):
        pytest.skip("a Vorbis encoder has no mode for this")
    plain = read_recording(stored(tmp_path, wav(hit(), rate=RATE)))
    other = read_recording(stored(tmp_path, encoded(hit(rate=rate), kind, rate=rate), "other.wav"))
    assert other.audio.dtype == np.float32
    assert other.audio.ndim == 1
    assert abs(len(other.audio) - len(plain.audio)) <= 45
    # Its first samples jump from nothing, which no lower rate can hold.
    inner = slice(400, min(len(plain.audio), len(other.audio)) - 200)
    allowed = 0.1 if kind == "OGG" else 0.02
    assert np.abs(plain.audio[inner] - other.audio[inner]).max() < allowed * np.abs(plain.audio[inner]).max()


def test_wrong_suffix_does_not_matter(tmp_path):
    read_recording(stored(tmp_path, encoded(hit(), "FLAC"), "kick.wav"))


def test_all_sounds_are_equally_loud(tmp_path):
    loud = read_recording(stored(tmp_path, wav(hit(level=0.9), rate=RATE))).audio
    soft = read_recording(stored(tmp_path, wav(hit(level=0.02), rate=RATE))).audio
    for audio in (loud, soft):
        assert hit_loudness_lufs(audio, MASTER_RATE_HZ) == pytest.approx(TARGET_LUFS, abs=0.1)


def test_same_samples_in_another_format_are_the_same_sound(tmp_path):
    one = hit()
    kinds = [wav(one), encoded(one, "WAV", "PCM_16"), encoded(one, "FLAC", "PCM_16"), encoded(one, "AIFF", "PCM_24")]
    kinds.append(encoded(np.stack([one, one], axis=1), "FLAC", "PCM_16"))
    sounds = [read_recording(stored(tmp_path, data, f"{i}.wav")).sound for i, data in enumerate(kinds)]
    assert len(set(sounds)) == 1
    assert [sound.name for sound in sounds] == ["0", "1", "2", "3", "4"]
    other = one.copy()
    other[500] += 1 / 32_768
    assert read_recording(stored(tmp_path, wav(other))).sound != sounds[0]


def test_same_samples_at_another_rate_are_another_sound():
    assert digest_of(hit().astype(np.float32), 44_100) != digest_of(hit().astype(np.float32), 48_000)


def test_digest_does_not_change_with_the_program():
    mono = np.array([0.0, 0.5, -1.0, 1.0, 0.25], dtype=np.float32)
    assert digest_of(mono, 44_100) == "af54a2ed084604f71d91caec79d60aa7"


def test_stereo_is_the_mean_of_its_sides():
    left, right = hit(1), hit(2)
    mono = mix_to_mono(np.stack([left, right], axis=1).astype(np.float32))
    np.testing.assert_allclose(mono, (left + right) / 2, atol=1e-6)


def test_sides_that_cancel_each_other_give_the_louder_one():
    one = hit().astype(np.float32)
    np.testing.assert_array_equal(mix_to_mono(np.stack([one, -one], axis=1)), one)
    np.testing.assert_array_equal(mix_to_mono(np.stack([0.8 * one, -one], axis=1)), -one)


def test_one_silent_side_is_no_reason_to_leave_the_mean():
    one = hit().astype(np.float32)
    np.testing.assert_allclose(mix_to_mono(np.stack([one, 0 * one], axis=1)), one / 2)


def test_silence_before_the_onset_is_cut_off(tmp_path):
    plain = read_recording(stored(tmp_path, wav(hit()))).audio
    noise = 1e-4 * np.random.default_rng(0).standard_normal(30_000)
    late = read_recording(stored(tmp_path, wav(np.concatenate([noise, hit()])))).audio
    lead = len(late) - len(plain)
    assert 0 < lead <= 0.001 * MASTER_RATE_HZ + 1
    np.testing.assert_allclose(late[lead : lead + 5_000], plain[:5_000], atol=0.01)
    assert abs(late[0]) < 1e-3


def test_long_sounds_end_faded_after_the_longest_time():
    fitted = fit(np.full(10 * 48_000, 0.5, dtype=np.float32), 48_000)
    assert len(fitted) == LONGEST_SECONDS * MASTER_RATE_HZ
    assert abs(fitted[-1]) < 1e-4
    assert np.abs(np.diff(fitted[-3_000:])).max() < 1e-3
    assert fitted[-3_000] == pytest.approx(0.5, abs=0.01)


def test_sounds_that_stop_suddenly_do_not_click():
    fitted = fit(np.full(4_410, 0.5, dtype=np.float32), 44_100)
    assert np.abs(np.diff(fitted[-200:])).max() < 0.02
    assert abs(fitted[-1]) < 1e-3


def test_a_file_that_ends_early_is_used(tmp_path):
    assert 2_000 < len(read_recording(stored(tmp_path, wav(hit())[:-20_000])).audio) < 7_000


def test_warnings_of_the_reader_are_passed_on(tmp_path, monkeypatch):
    clip = AudioClip(hit()[:, None].astype(np.float32), RATE, "WAV", ("kick.wav claims 9 frames and ends after 8",))
    monkeypatch.setattr("ghostnote.sounds.recordings.read_audio", lambda path: clip)
    assert read_recording(stored(tmp_path, b"")).warnings == clip.warnings


def test_damaged_bytes_give_a_typed_error_or_finite_audio(tmp_path):
    rng = np.random.default_rng(0)
    for kind in ("WAV", "FLAC", "AIFF", "OGG"):
        whole = encoded(hit(seconds=0.1), kind)
        for _ in range(25):
            damaged = bytearray(whole)
            for position in rng.integers(0, len(whole), 8):
                damaged[position] = int(rng.integers(256))
            try:
                audio = read_recording(stored(tmp_path, bytes(damaged))).audio
            except InvalidAudio:
                continue
            assert np.isfinite(audio).all()
            assert len(audio) <= LONGEST_SECONDS * MASTER_RATE_HZ


def test_names_are_one_printable_line():
    assert printable_name("kick\x1b[31m\n\udcff") == "kick?[31m??"
    assert printable_name("  ") == "unnamed"
    assert len(printable_name("x" * 500)) == 80
