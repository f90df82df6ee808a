"""Bars of the user's MIDI files as one short text, so that a session carries them and no path is followed later."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence

import numpy as np

from ghostnote.errors import InvalidInput
from ghostnote.explore.bars import Bar
from ghostnote.groove import VOICES

MOST_BARS = 4_000
_LOUDEST, _OFFSETS = 127.0, 200.0


def pack_bars(bars: Sequence[Bar]) -> str:
    """Return `bars`, all of as many steps, as text: velocities as in MIDI, offsets to a 200th of a step.

    Of more than 4,000 bars, as many are taken at even distances.
    """
    if len(bars) > MOST_BARS:
        bars = [bars[index * len(bars) // MOST_BARS] for index in range(MOST_BARS)]
    if not bars:
        return ""
    hits = np.stack([bar.hits for bar in bars]) > 0
    velocities = np.where(hits, np.clip(np.round(np.stack([bar.velocities for bar in bars]) * _LOUDEST), 1, 127), 0)
    offsets = np.where(hits, np.round(np.stack([bar.offsets for bar in bars]) * _OFFSETS), 0)
    parts = (
        np.array([bar.tempo_bpm for bar in bars], dtype="<f4"),
        velocities.astype(np.uint8),
        np.clip(offsets, -100, 100).astype(np.int8),
    )
    return base64.b85encode(zlib.compress(b"".join(part.tobytes() for part in parts), 9)).decode()


def unpack_bars(text: str, steps: int) -> tuple[Bar, ...]:
    """Return the bars, of `steps` steps each, that `pack_bars` made `text` of.

    Raises:
        InvalidInput: it is none.
    """
    cells = steps * len(VOICES)
    size = 4 + 2 * cells
    unpacker = zlib.decompressobj()
    try:
        # No more than a session may have is unpacked, whatever the text holds.
        content = unpacker.decompress(base64.b85decode(text), MOST_BARS * size + 1)
    except (ValueError, zlib.error, binascii.Error) as error:
        raise InvalidInput(f"bars must be as pack_bars makes them: {error}") from error
    count, rest = divmod(len(content), size)
    if rest or not 1 <= count <= MOST_BARS or not unpacker.eof:
        raise InvalidInput(
            f"bars must be 1…{MOST_BARS} whole ones of {steps} steps; the text holds others, or was cut off"
        )
    tempos = np.frombuffer(content, dtype="<f4", count=count)
    shape = (count, steps, len(VOICES))
    levels = np.frombuffer(content, dtype=np.uint8, count=count * cells, offset=4 * count).reshape(shape)
    offsets = np.frombuffer(content, dtype=np.int8, offset=(4 + cells) * count).reshape(shape)
    if levels.max() > _LOUDEST or not np.isfinite(tempos).all() or tempos.min() <= 0 or abs(offsets).max() > 100:
        raise InvalidInput("bars must have velocities of 0…127, tempos above 0, and offsets of half a step at most")
    return tuple(
        Bar(
            (level > 0).astype(np.float32),
            (level / _LOUDEST).astype(np.float32),
            np.clip(offset / _OFFSETS, -0.499, 0.499).astype(np.float32),
            round(float(tempo), 3),
        )
        for level, offset, tempo in zip(levels, offsets, tempos, strict=True)
    )
