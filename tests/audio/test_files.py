"""Audio files: what we write, and the matrix of hostile samples (shared reference, "Audio samples")."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio_bytes import PCM, RATE, encoded, wav
from ghostnote.audio import AudioLimits, decode_audio, read_audio, write_audio
from ghostnote.errors import InvalidAudio, InvalidParameter, StorageError


def tone(frames: int = 4_410, channels: int = 2, level: float = 0.5) -> np.ndarray:
    one = level * np.sin(2 * np.pi * 440 / RATE * np.arange(frames))
    return np.repeat(one[:, None], channels, axis=1).astype(np.float32)


def flac_claiming(frames: int) -> bytes:
    """Return a short FLAC whose stream information claims `frames` (36 bits)."""
    data = bytearray(encoded(tone(1_000), "FLAC"))
    assert data[:4] == b"fLaC"
    # STREAMINFO starts at byte 8; its total number of samples is the 36 bits from bit 108 on.
    packed = int.from_bytes(data[18:26])
    data[18:26] = ((packed & ~(2**36 - 1)) | frames).to_bytes(8)
    return bytes(data)


# --- writing


@pytest.mark.parametrize(
    ("suffix", "sample_format", "steps"),
    [(".wav", "pcm16", 2**15), (".wav", "pcm24", 2**23), (".flac", "pcm16", 2**15), (".flac", "pcm24", 2**23)],
)
def test_written_audio_reads_back_within_the_dither(
    tmp_path: Path, suffix: str, sample_format: str, steps: int
) -> None:
    path = tmp_path / f"loop{suffix}"
    audio = tone()
    write_audio(path, audio, RATE, sample_format=sample_format)  # type: ignore[arg-type]
    clip = read_audio(path)
    assert (clip.sample_rate_hz, clip.file_format, clip.warnings) == (RATE, suffix[1:].upper(), ())
    assert np.abs(clip.audio - audio).max() <= 1.6 / steps
    assert soundfile.info(path).subtype == sample_format.upper().replace("PCM", "PCM_")
    assert list(tmp_path.iterdir()) == [path]


def test_float_wav_is_exact_and_may_exceed_full_scale(tmp_path: Path) -> None:
    audio = tone(level=1.7)
    write_audio(tmp_path / "stem.wav", audio, RATE, sample_format="float")
    np.testing.assert_array_equal(read_audio(tmp_path / "stem.wav").audio, audio)


def test_dither_is_triangular_seeded_and_without_bias(tmp_path: Path) -> None:
    quiet = np.full((50_000, 1), 0.25 / 32_768, dtype=np.float32)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_audio(tmp_path / f"{name}.wav", quiet, RATE, sample_format="pcm16", seed=seed)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    assert (tmp_path / "a.wav").read_bytes() != (tmp_path / "c.wav").read_bytes()
    steps = np.rint(read_audio(tmp_path / "a.wav").audio * 32_768)
    assert set(np.unique(steps)) == {-1.0, 0.0, 1.0}
    # A quarter of a step survives in the mean: rounding alone would lose it.
    assert steps.mean() == pytest.approx(0.25, abs=0.02)


def test_full_scale_does_not_wrap_around(tmp_path: Path) -> None:
    audio = np.array([[1.0], [-1.0]] * 500, dtype=np.float32)
    write_audio(tmp_path / "square.wav", audio, RATE, sample_format="pcm16")
    assert (np.sign(read_audio(tmp_path / "square.wav").audio) == audio).all()


def test_existing_files_stay_unless_overwriting_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "loop.wav"
    path.write_bytes(b"mine")
    with pytest.raises(StorageError, match="exists; it is replaced only when asked to"):
        write_audio(path, tone(), RATE, overwrite=False)
    assert path.read_bytes() == b"mine"
    path.chmod(0o640)
    write_audio(path, tone(), RATE, overwrite=True)
    assert read_audio(path).audio.shape == (4_410, 2)
    assert path.stat().st_mode & 0o777 == 0o640
    write_audio(tmp_path / "new.wav", tone(), RATE, overwrite=False)


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "loop.wav", tmp_path / "latest.wav"
    link.symlink_to(target)
    write_audio(link, tone(), RATE)
    assert link.is_symlink()
    assert read_audio(target).audio.shape == (4_410, 2)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "loop.wav"
    path.write_bytes(b"before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"loop\.wav: No space left on device"):
        write_audio(path, tone(), RATE, overwrite=True)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["loop.wav", "loop.flac"])
@pytest.mark.parametrize("frames", [4_410, 441_000])
def test_a_full_disk_is_told_and_nothing_else_is(tmp_path: Path, name: str, frames: int) -> None:
    # A child, since a limit on the size of files can not be lifted again; what libsndfile prints is seen as well.
    code = f"""
import resource, signal, sys
import numpy as np
from ghostnote.audio.files import write_audio
from ghostnote.errors import StorageError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))
noise = np.random.default_rng(0).uniform(-0.5, 0.5, {frames}).astype(np.float32)
try:
    write_audio({str(tmp_path / name)!r}, noise, 44_100)
except StorageError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"the audio file can not be written to {tmp_path / name}: File too large\n"
    assert done.stderr == ""
    assert not list(tmp_path.iterdir())


def test_missing_folder_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        write_audio(tmp_path / "nowhere" / "loop.wav", tone(), RATE)


@pytest.mark.parametrize(
    ("name", "audio", "options", "message"),
    [
        ("loop.mp3", tone(), {}, r"must end in \.wav or \.flac; got 'loop\.mp3'"),
        ("loop.flac", tone(), {"sample_format": "float"}, "FLAC holds no floats"),
        ("loop.wav", tone(), {"sample_format": "pcm8"}, "sample_format must be one of pcm16, pcm24, float"),
        ("loop.wav", tone(level=2.0), {}, r"peak is \+6\.0 dBFS"),
        ("loop.wav", np.full((10, 2), np.nan, np.float32), {}, "must be finite"),
        ("loop.wav", np.zeros((10, 9), np.float32), {}, "shape"),
    ],
)
def test_what_can_not_be_written_is_refused(
    tmp_path: Path, name: str, audio: np.ndarray, options: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidParameter, match=message):
        write_audio(tmp_path / name, audio, RATE, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


# --- reading


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "AIFF", "OGG"])
def test_formats_are_told_by_their_bytes_not_their_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "sample.txt"
    path.write_bytes(encoded(tone(8_820), kind))
    clip = read_audio(path)
    assert clip.file_format == kind
    assert clip.audio.dtype == np.float32
    assert clip.audio.shape == (8_820, 2)
    assert np.abs(clip.audio).max() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("claimed", [2**36 - 1, 2**31, 31 * RATE])
def test_flac_that_claims_too_much_is_refused_before_it_is_read(claimed: int) -> None:
    data = flac_claiming(claimed)
    assert len(data) < 8_000
    with pytest.raises(InvalidAudio, match="must last at most 30 s; its header claims"):
        decode_audio(data)


def test_flac_of_unknown_length_is_refused() -> None:
    with pytest.raises(InvalidAudio, match="must state its length in its header"):
        decode_audio(flac_claiming(0))


def test_limits_can_be_widened() -> None:
    data = encoded(np.zeros((31 * 8_000, 2), dtype=np.float32), "FLAC", rate=8_000)
    assert decode_audio(data, limits=AudioLimits(seconds=40)).audio.shape == (248_000, 2)


def test_long_silence_packed_small_is_refused() -> None:
    data = encoded(np.zeros((31 * 8_000, 2), dtype=np.float32), "FLAC", rate=8_000)
    assert len(data) < 20_000
    with pytest.raises(InvalidAudio, match="at most 30 s; its header claims 31 s"):
        decode_audio(data)


@pytest.mark.parametrize("channels", [3, 8, 1_024])
def test_more_than_two_channels_are_refused(channels: int) -> None:
    data = wav(np.zeros(channels * 4), channels=channels)
    with pytest.raises(InvalidAudio, match=f"at most 2 channels; its header says {channels}"):
        decode_audio(data)


@pytest.mark.parametrize("rate", [1, 7_999, 192_001, 2**31 - 1])
def test_sample_rates_out_of_range_are_refused(rate: int) -> None:
    with pytest.raises(InvalidAudio, match="sample rate of 8000…192000 Hz"):
        decode_audio(wav(np.zeros(100), rate=rate))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_refused(bad: float) -> None:
    samples = np.zeros(100)
    samples[50] = bad
    with pytest.raises(InvalidAudio, match="finite samples; got NaN or infinity"):
        decode_audio(wav(samples))


def test_integers_in_a_float_file_are_refused() -> None:
    with pytest.raises(InvalidAudio, match=r"its peak is 3\.28e\+04\. Are these integers"):
        decode_audio(wav(np.array([0.0, 32_767.0])))


def test_a_file_that_ends_early_is_used_with_a_warning_or_refused() -> None:
    whole = wav(np.full(1_000, 0.25))
    clip = decode_audio(whole[: 44 + 400 * 4])
    assert clip.audio.shape == (400, 1)
    assert clip.warnings == ("the audio ends 2,400 bytes before its header says; what is there is used",)
    assert decode_audio(whole).warnings == ()
    with pytest.raises(InvalidAudio, match="holds no samples"):
        decode_audio(whole[:44])


def test_data_chunk_that_claims_gigabytes_costs_nothing() -> None:
    data = wav(np.full(100, 0.25), claimed=0xFFFFFFF0)
    clip = decode_audio(data)
    assert clip.audio.shape == (100, 1)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"R", "must be WAV, FLAC, AIFF or OGG"),
        (b"ID3\x04" + bytes(100), "must be WAV, FLAC, AIFF or OGG; its first bytes are b'ID3"),
        (b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0", "first bytes are b'MThd'"),
        (b"RIFF\x10\x00\x00\x00RMID" + bytes(16), "must be WAV"),
        (b"fLaC", "can not be decoded as FLAC"),
        (b"RIFF\x04\x00\x00\x00WAVE", "can not be decoded as WAV"),
        (wav(np.zeros(10))[:30], "can not be decoded as WAV"),
        (wav(b"\x00" * 40, kind=PCM, bits=0), "can not be decoded as WAV"),
        (b"OggS" + bytes(200), "can not be decoded as OGG"),
    ],
)
def test_what_is_no_audio_is_refused_with_its_reason(data: bytes, message: str) -> None:
    with pytest.raises(InvalidAudio, match=message):
        decode_audio(data, name="kick.wav")


def test_errors_of_the_decoder_are_told_without_its_stream() -> None:
    with pytest.raises(InvalidAudio, match=r"^kick\.wav can not be decoded as FLAC: [^.<]*\. Is the file damaged\?$"):
        decode_audio(b"fLaC", name="kick.wav")


def test_aiff_cut_anywhere_is_used_or_refused_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    whole = encoded(tone(60, 1), "AIFF")
    for length in range(12, len(whole)):
        try:
            clip = decode_audio(whole[:length])
        except InvalidAudio:
            continue
        assert np.isfinite(clip.audio).all()
    assert capfd.readouterr() == ("", "")


def test_damaged_flac_frames_give_a_typed_error_or_finite_audio() -> None:
    whole = bytearray(encoded(tone(20_000), "FLAC"))
    rng = np.random.default_rng(0)
    for _ in range(40):
        damaged = bytearray(whole)
        for position in rng.integers(42, len(whole), 12):
            damaged[position] = int(rng.integers(256))
        try:
            clip = decode_audio(bytes(damaged))
        except InvalidAudio:
            continue
        assert np.isfinite(clip.audio).all()


def test_files_over_the_limit_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    with path.open("wb") as stream:
        stream.truncate(2**33)  # a sparse file: 8 GiB that occupy nothing
    with pytest.raises(InvalidAudio, match="must be at most 20 MiB"):
        read_audio(path)


def test_missing_and_unreadable_paths_are_storage_errors(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"can not be read: No such file or directory. Is the path right\?"):
        read_audio(tmp_path / "none.wav")
    with pytest.raises(StorageError, match="Is a directory"):
        read_audio(tmp_path)
