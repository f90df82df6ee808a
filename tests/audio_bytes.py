"""Audio files from bytes: hits that can be used, and every row of the matrix of hostile samples."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

RATE = 44_100
PCM, FLOAT = 1, 3


def hit(seed: int = 0, *, rate: int = RATE, seconds: float = 0.25, level: float = 0.5) -> np.ndarray:
    """Return a decaying tone of its own pitch, (frames,), on the steps of 16 bits, so that every format holds it."""
    time = np.arange(round(seconds * rate)) / rate
    wave = level * np.cos(2 * np.pi * (180 + 37 * seed) * time) * np.exp(-12 * time)
    return np.rint(wave * 32_768) / 32_768


def wav(
    samples: np.ndarray | bytes,
    *,
    channels: int = 1,
    rate: int = RATE,
    kind: int = FLOAT,
    bits: int = 32,
    claimed: int | None = None,
) -> bytes:
    """Return a WAV file, byte by byte; `claimed` is the length that its data chunk states."""
    data = samples if isinstance(samples, bytes) else samples.astype("<f4").tobytes()
    frame = channels * bits // 8
    fmt = struct.pack("<HHIIHH", kind, channels, rate & 0xFFFFFFFF, (rate * frame) & 0xFFFFFFFF, frame, bits)
    size = len(data) if claimed is None else claimed
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", min(len(body), 0xFFFFFFFF)) + body


def encoded(audio: np.ndarray, kind: str, subtype: str | None = None, rate: int = RATE) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, audio, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def flac_claiming(frames: int) -> bytes:
    """Return a short FLAC whose stream information claims `frames` (36 bits)."""
    data = bytearray(encoded(hit(seconds=0.02), "FLAC"))
    # STREAMINFO starts at byte 8; its total number of samples is the 36 bits from bit 108 on.
    packed = int.from_bytes(data[18:26])
    data[18:26] = ((packed & ~(2**36 - 1)) | frames).to_bytes(8)
    return bytes(data)


def with_one(value: float) -> np.ndarray:
    samples = hit()
    samples[100] = value
    return samples


@dataclass(frozen=True)
class Hostile:
    name: str
    data: bytes
    reason: str


# Every row of shared/reference/hostile-inputs.md, "Audio samples", and its limits; then what folders also hold.
HOSTILE = (
    Hostile("claims 256 GiB.flac", flac_claiming(2**36 - 1), "at most 30 s; its header claims 1,558,26"),
    Hostile(
        "ten minutes, 8 channels.flac", encoded(np.zeros((600 * 8_000, 8)), "FLAC", rate=8_000), "at most 2 channels"
    ),
    Hostile(
        "ten minutes.flac", encoded(np.zeros(600 * 8_000), "FLAC", rate=8_000), "at most 30 s; its header claims 600"
    ),
    Hostile("no length.flac", flac_claiming(0), "must state its length"),
    Hostile("nan.wav", wav(with_one(np.nan)), "finite samples; got NaN or infinity"),
    Hostile("infinite.wav", wav(with_one(np.inf)), "finite samples; got NaN or infinity"),
    Hostile("integers as floats.wav", wav(hit() * 32_768), "Are these integers"),
    Hostile("rate 1.wav", wav(hit(), rate=1), "sample rate of 8000…192000 Hz; its header says 1"),
    Hostile("rate 2^31-1.wav", wav(hit(), rate=2**31 - 1), "sample rate of 8000…192000 Hz; its header says 2147483647"),
    Hostile("1024 channels.wav", wav(np.zeros(4_096), channels=1_024), "at most 2 channels; its header says 1024"),
    Hostile("midi.wav", b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0", "must be WAV, FLAC, AIFF or OGG"),
    Hostile("mp3.ogg", b"ID3\x04" + bytes(100), "must be WAV, FLAC, AIFF or OGG"),
    Hostile("empty.wav", b"", "is empty"),
    Hostile("cut.wav", wav(hit())[:30], "can not be decoded as WAV"),
    Hostile("cut.aiff", encoded(hit(), "AIFF")[:40], "AIFF"),
    Hostile("header alone.wav", wav(hit())[:44], "holds no samples"),
    Hostile("zeros.ogg", b"OggS" + bytes(200), "can not be decoded as OGG"),
    Hostile("silence.wav", wav(np.zeros(4_410)), "must not be silent"),
    Hostile("click.wav", wav(np.array([0.5])), "must last at least 2 ms"),
)


def write_hostile(folder: Path) -> None:
    for case in HOSTILE:
        (folder / case.name).write_bytes(case.data)
    with (folder / "sparse 8 GiB.wav").open("wb") as stream:
        stream.truncate(2**33)
