"""Audio files: written whole or not at all, and read with distrust."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidAudio, InvalidParameter, StorageError
from ghostnote.storage import writing

if TYPE_CHECKING:
    import soundfile

SampleFormat = Literal["pcm16", "pcm24", "float"]
FORMATS = {".wav": "WAV", ".flac": "FLAC"}

_SUBTYPES = {"pcm16": "PCM_16", "pcm24": "PCM_24", "float": "FLOAT"}
_BLOCK_FRAMES = 65_536
_UNKNOWN_FRAMES = 2**62
"""libsndfile reports the largest number there is when a FLAC leaves its length open, and can not read it in blocks."""

_UNKNOWN_BYTES = 0x7FFFF000
"""Lengths of samples from here on say that the length is not known."""

_LOUDEST = 64.0
"""Float samples beyond this are no audio at full scale 1: integers, or garbage."""


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """What `read_audio` accepts; the defaults are those of a one-shot.

    Args:
        size_bytes: of the file.
        seconds: of audio.
        frames: of audio, whatever its rate; None is as many as `seconds` have.
        channels: at most.
        lowest_rate_hz, highest_rate_hz: of sampling.
    """

    size_bytes: int = 20 * 2**20
    seconds: float = 30.0
    channels: int = 2
    lowest_rate_hz: int = 8_000
    highest_rate_hz: int = 192_000
    frames: int | None = None

    def frames_at(self, sample_rate_hz: int) -> int:
        """Return how many frames there may be."""
        most = int(self.seconds * sample_rate_hz)
        return most if self.frames is None else min(most, self.frames)


ONE_SHOT_LIMITS = AudioLimits()


@dataclass(frozen=True, eq=False)
class AudioClip:
    """Audio that was read.

    Args:
        audio: `(frames, channels)` float32, finite, full scale 1.
        sample_rate_hz: of `audio`.
        file_format: what the bytes are (`WAV`, `FLAC`, `AIFF`, `OGG`), whatever the file is called.
        warnings: what was wrong with the file and could be mended.
    """

    audio: NDArray[np.float32]
    sample_rate_hz: int
    file_format: str
    warnings: tuple[str, ...] = ()


def write_audio(
    path: str | os.PathLike[str],
    audio: NDArray[np.float32],
    sample_rate_hz: int,
    *,
    overwrite: bool = True,
    sample_format: SampleFormat = "pcm24",
    seed: int = 0,
) -> None:
    """Write `audio` as WAV or FLAC, after the path's suffix; a file on disk is either complete or not touched.

    Integer samples are dithered with triangular noise of two steps' width from `seed`, so the same call gives the same
    bytes. The file is written under a temporary name beside `path`, synced and renamed.

    Args:
        path: ends in `.wav` or `.flac`.
        audio: `(frames,)` or `(frames, channels)`, full scale 1.
        sample_rate_hz: of `audio`.
        overwrite: whether an existing file may be replaced.
        sample_format: `pcm16`, `pcm24`, or `float` (WAV only), which alone may exceed full scale.
        seed: of the dither.

    Raises:
        InvalidParameter: the suffix, the format or the samples can not be written so.
        StorageError: the file exists and may not be replaced, or writing failed.
    """
    target = Path(os.path.realpath(path))  # replace the file that a link points to, not the link
    kind = check_suffix(target)
    if sample_format not in _SUBTYPES:
        raise InvalidParameter(f"sample_format must be one of {', '.join(_SUBTYPES)}; got {sample_format!r}")
    if kind == "FLAC" and sample_format == "float":
        raise InvalidParameter("FLAC holds no floats; choose pcm24, or a .wav file")
    frames = audio if audio.ndim == 2 else audio[:, None]
    if frames.ndim != 2 or not 1 <= frames.shape[1] <= 8:
        raise InvalidParameter(f"audio must have shape (frames,) or (frames, 1…8); got {audio.shape}")
    peak = max(float(frames.max(initial=0.0)), -float(frames.min(initial=0.0)))
    if not np.isfinite(peak):
        raise InvalidParameter("audio must be finite; got NaN or infinity")
    if peak > 1.0 and sample_format != "float":
        raise InvalidParameter(
            f"audio must lie in [-1, 1] for {sample_format}; its peak is {20 * np.log10(peak):+.1f} dBFS. "
            "Limit it, or write float."
        )

    import soundfile  # loads libsndfile, which few commands need

    try:
        with writing(target, overwrite=overwrite) as stream:
            careful, subtype = _Written(stream), _SUBTYPES[sample_format]
            with soundfile.SoundFile(careful, "w", sample_rate_hz, frames.shape[1], subtype, format=kind) as sink:
                _write_blocks(sink, careful, frames, sample_format, np.random.default_rng(seed))
            careful.check()
    except StorageError:
        raise
    except (OSError, soundfile.SoundFileError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StorageError(f"the audio file can not be written to {target}: {reason}") from error


def check_suffix(path: str | os.PathLike[str]) -> str:
    """Return the format that is written to `path`, after its suffix.

    Raises:
        InvalidParameter: it is none.
    """
    kind = FORMATS.get(Path(path).suffix.lower())
    if kind is None:
        raise InvalidParameter(f"an audio file must end in {' or '.join(FORMATS)}; got {Path(path).name!r}")
    return kind


class _Written:
    """A file that keeps an error of writing until it is asked for: out of libsndfile's callbacks nothing can be raised.

    Args:
        stream: to write to.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._at = stream, 0
        self._error: OSError | None = None

    def write(self, data: bytes | memoryview) -> int:
        """Write, or pretend to after an error."""
        count = memoryview(data).nbytes
        self._try(lambda: self._stream.write(data))
        self._at += count
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, or pretend to."""
        moved = self._try(lambda: self._stream.seek(offset, whence))
        self._at = moved if moved is not None else max(0, offset + (self._at if whence == io.SEEK_CUR else 0))
        return self._at

    def tell(self) -> int:
        """Return where it is."""
        return self._at

    def check(self) -> None:
        """Raise the error, if there was one."""
        if self._error is not None:
            raise self._error

    def _try(self, action: Callable[[], int]) -> int | None:
        if self._error is None:
            try:
                return action()
            except OSError as error:
                self._error = error
        return None


def _write_blocks(
    sink: soundfile.SoundFile,
    written: _Written,
    frames: NDArray[np.float32],
    sample_format: SampleFormat,
    rng: np.random.Generator,
) -> None:
    bits = {"pcm16": 16, "pcm24": 24, "float": 0}[sample_format]
    full_scale = 2 ** (bits - 1)
    for start in range(0, len(frames), _BLOCK_FRAMES):
        written.check()
        block = frames[start : start + _BLOCK_FRAMES]
        if not bits:
            sink.write(block)
            continue
        dither = rng.random(block.shape, dtype=np.float32) - rng.random(block.shape, dtype=np.float32)
        steps = np.rint(block.astype(np.float64) * full_scale + dither)
        # libsndfile takes 32-bit words and keeps the upper `bits` of them.
        sink.write(np.clip(steps, -full_scale, full_scale - 1).astype(np.int32) << (32 - bits))


def read_audio(path: str | os.PathLike[str], *, limits: AudioLimits = ONE_SHOT_LIMITS) -> AudioClip:
    """Return the audio in the file at `path`.

    Args:
        path: WAV, FLAC, AIFF or OGG; its suffix does not matter, its bytes do.
        limits: checked before memory is spent.

    Raises:
        InvalidAudio: see `decode_audio`.
        StorageError: the file can not be read.
    """
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(limits.size_bytes + 1)
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror}. Is the path right?") from error
    return decode_audio(data, limits=limits, name=str(path))


def decode_audio(data: bytes, *, limits: AudioLimits = ONE_SHOT_LIMITS, name: str = "the audio") -> AudioClip:
    """Return the audio in `data`; see `read_audio`.

    Args:
        data: a whole file.
        limits: checked before memory is spent.
        name: of the file, for messages.

    Raises:
        InvalidAudio: the bytes are not one of the formats, are broken, are beyond a limit, or hold no usable samples.
    """
    if len(data) > limits.size_bytes:
        raise InvalidAudio(f"{name} must be at most {limits.size_bytes / 2**20:g} MiB; it is larger")
    kind = _kind(data, name)

    import soundfile

    try:
        with soundfile.SoundFile(_Bytes(data)) as source:
            _check_claims(source, limits, name)
            audio = _read_blocks(source, limits, name)
            rate, claimed = source.samplerate, source.frames
    except soundfile.SoundFileError as error:
        # As text, an error of libsndfile's also tells the address of the stream.
        reason = str(getattr(error, "error_string", error)).rstrip(".")
        raise InvalidAudio(f"{name} can not be decoded as {kind}: {reason}. Is the file damaged?") from error
    if not len(audio):
        raise InvalidAudio(f"{name} holds no samples. Is the file damaged?")
    if not np.isfinite(audio).all():
        raise InvalidAudio(f"{name} must hold finite samples; got NaN or infinity. Export it again.")
    peak = float(np.abs(audio).max())
    if peak > _LOUDEST:
        raise InvalidAudio(
            f"{name} must have full scale 1; its peak is {peak:.3g}. Are these integers in a float file?"
        )
    lacking = _lacking_bytes(data)
    warnings: tuple[str, ...] = ()
    if claimed > len(audio):
        warnings = (f"{name} claims {claimed:,} frames and ends after {len(audio):,}",)
    elif lacking:
        warnings = (f"{name} ends {lacking:,} bytes before its header says; what is there is used",)
    return AudioClip(audio, rate, kind, warnings)


def _lacking_bytes(data: bytes) -> int:
    """Return how many bytes of samples a WAV or AIFF promises beyond its end: libsndfile says nothing of it."""
    order: Literal["big", "little"] = "little" if data[:4] == b"RIFF" else "big"
    samples = {b"RIFF": b"data", b"RIFX": b"data", b"FORM": b"SSND"}.get(data[:4])
    start = 12
    while samples and start + 8 <= len(data):
        size = int.from_bytes(data[start + 4 : start + 8], order)
        if data[start : start + 4] == samples:
            # Who writes to a stream can not know the length, and says the most there is.
            return 0 if size >= _UNKNOWN_BYTES else max(0, start + 8 + size - len(data))
        start += 8 + size + size % 2
    return 0


class _Bytes(io.BytesIO):
    """A file in memory whose start is as far back as one can seek.

    Broken files make libsndfile seek before it; an exception in its callback would be printed on the user's stderr.
    """

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = (0, self.tell(), self.getbuffer().nbytes)[whence]
        return super().seek(max(0, start + offset))


def _kind(data: bytes, name: str) -> str:
    """Return the format after the file's first bytes."""
    head = data[:12]
    if not head:
        raise InvalidAudio(f"{name} is empty")
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
        return "WAV"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "AIFF"
    for magic, kind in ((b"fLaC", "FLAC"), (b"OggS", "OGG")):
        if head.startswith(magic):
            return kind
    raise InvalidAudio(f"{name} must be WAV, FLAC, AIFF or OGG; its first bytes are {head[:4]!r}. Convert it first.")


def _check_claims(source: soundfile.SoundFile, limits: AudioLimits, name: str) -> None:
    if not limits.lowest_rate_hz <= source.samplerate <= limits.highest_rate_hz:
        raise InvalidAudio(
            f"{name} must have a sample rate of {limits.lowest_rate_hz}…{limits.highest_rate_hz} Hz; "
            f"its header says {source.samplerate}"
        )
    if not 1 <= source.channels <= limits.channels:
        raise InvalidAudio(f"{name} must have at most {limits.channels} channels; its header says {source.channels}")
    if source.frames >= _UNKNOWN_FRAMES:
        raise InvalidAudio(f"{name} must state its length in its header. Was it cut from a stream? Encode it again.")
    most = limits.frames_at(source.samplerate)
    if source.frames > most:
        raise InvalidAudio(
            f"{name} must last at most {most / source.samplerate:g} s; its header claims "
            f"{source.frames / source.samplerate:,.0f} s"
        )


def _read_blocks(source: soundfile.SoundFile, limits: AudioLimits, name: str) -> NDArray[np.float32]:
    most = limits.frames_at(source.samplerate)
    blocks: list[NDArray[np.float32]] = []
    frames = 0
    while len(block := source.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
        frames += len(block)
        if frames > most:
            raise InvalidAudio(f"{name} must last at most {most / source.samplerate:g} s; it goes on beyond")
        blocks.append(block)
    return np.concatenate(blocks) if blocks else np.zeros((0, source.channels), dtype=np.float32)
