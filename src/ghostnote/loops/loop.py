"""A loop: a pattern, a sound for each of its rows, a tempo. Everything that is proposed, rated and kept is one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.loops.pattern import STEPS_PER_BEAT, Pattern, pattern_of_text, row_text
from ghostnote.sounds.sound import Sound, decode_sound, encode_sound

SLOWEST_BPM, FASTEST_BPM = 60.0, 200.0
MOST_SWING = 0.5
SWING_STEP = 0.04
"""Swings that are drawn are multiples of it: 5 ms at 120 bpm, or 2 % as drum machines count. Few have few spectra."""
LOOP_FORMAT = 1


@dataclass(frozen=True)
class Loop:
    """One bar that is heard again and again. Equal and hashed by content.

    Args:
        pattern: `(steps, rows)`.
        sounds: one for each row.
        tempo_bpm: quarter notes per minute, 60…200; a step is a 16th.
        swing: delay of every second step, in steps: 0 straight, 1/3 triplet, at most 0.5.
        seed: from which it was drawn, 0…2^63 - 1; it changes nothing that is heard.

    Raises:
        InvalidParameter: a number is out of range, or sounds and rows differ in number.
    """

    pattern: Pattern
    sounds: tuple[Sound, ...]
    tempo_bpm: float = 120.0
    swing: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "sounds", tuple(self.sounds))
        # One number, one text: 120 and 120.0 must not make two keys of one loop.
        object.__setattr__(self, "tempo_bpm", float(self.tempo_bpm))
        object.__setattr__(self, "swing", float(self.swing) + 0.0)
        object.__setattr__(self, "seed", int(self.seed))
        if len(self.sounds) != self.pattern.rows:
            raise InvalidParameter(
                f"sounds must be one for each of the pattern's {self.pattern.rows} rows; got {len(self.sounds)}"
            )
        if not SLOWEST_BPM <= self.tempo_bpm <= FASTEST_BPM:
            raise InvalidParameter(
                f"tempo_bpm of a loop must lie in {SLOWEST_BPM:g}…{FASTEST_BPM:g}; got {self.tempo_bpm:g}"
            )
        if not 0.0 <= self.swing <= MOST_SWING:
            raise InvalidParameter(
                f"swing must lie in 0…{MOST_SWING:g} steps; got {self.swing:g}. Is this a percentage?"
            )
        if not 0 <= self.seed < 2**63:
            raise InvalidParameter(f"seed of a loop must lie in 0…2^63 - 1; got {self.seed}")

    @property
    def step_seconds(self) -> float:
        """Length of a step."""
        return 60.0 / self.tempo_bpm / STEPS_PER_BEAT

    @property
    def duration_seconds(self) -> float:
        """Length of the bar."""
        return self.pattern.steps * self.step_seconds

    @property
    def key(self) -> str:
        """Identity of what is heard: 32 hex digits; loops that differ in seed or names alone share it."""
        pattern = self.pattern
        parts = [f"{pattern.steps},{pattern.rows},{self.tempo_bpm!r},{self.swing!r}".encode()]
        parts += [sound.key.encode() for sound in self.sounds]
        parts += [values.astype("<f4").tobytes() for values in (pattern.hits, pattern.velocities, pattern.offsets)]
        return hashlib.sha256(b"\n".join(parts)).hexdigest()[:32]

    def __repr__(self) -> str:
        rows = ", ".join(f"{s.name}: {row_text(r)}" for s, r in zip(self.sounds, self.pattern.hits.T, strict=True))
        return f"Loop({self.tempo_bpm:g} bpm; {rows})"


def encode_loop(loop: Loop) -> dict[str, Any]:
    """Return `loop` as JSON values that a person can read.

    Velocities and offsets are left out where they are all 1 and 0; the others are listed for the hits alone, by row.
    """
    pattern = loop.pattern
    value: dict[str, Any] = {
        "format": LOOP_FORMAT,
        "tempo_bpm": loop.tempo_bpm,
        "swing": loop.swing,
        "seed": loop.seed,
        "rows": [row_text(row) for row in pattern.hits.T],
        "sounds": [encode_sound(sound) for sound in loop.sounds],
    }
    on = pattern.hits > 0
    if (pattern.velocities[on] != 1).any():
        value["velocities"] = [[float(v) for v in row[row > 0]] for row in pattern.velocities.T]
    if pattern.offsets.any():
        value["offsets"] = [
            [float(v) for v in offsets[hits > 0]]
            for offsets, hits in zip(pattern.offsets.T, pattern.hits.T, strict=True)
        ]
    return value


def decode_loop(value: Any) -> Loop:
    """Return the loop that `encode_loop` made `value` of.

    Raises:
        InvalidInput: it is none, or of another version.
    """
    if not isinstance(value, dict) or value.get("format") != LOOP_FORMAT:
        version = value.get("format") if isinstance(value, dict) else None
        raise InvalidInput(f"a loop must have format {LOOP_FORMAT}; got {version!r}. Is it from a newer version?")
    try:
        hits = pattern_of_text(*value["rows"]).hits
        pattern = Pattern(hits, _cells(hits, value.get("velocities")), _cells(hits, value.get("offsets")))
        sounds = tuple(decode_sound(sound) for sound in value["sounds"])
        return Loop(pattern, sounds, float(value["tempo_bpm"]), float(value["swing"]), int(value["seed"]))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise InvalidInput(f"a loop must have rows, sounds, tempo_bpm, swing and seed: {error}") from error


def _cells(hits: Any, listed: Any) -> Any:
    """Return `(steps, rows)` with the `listed` values, given row by row, at the hits; None for None."""
    if listed is None:
        return None
    if not isinstance(listed, list) or len(listed) != hits.shape[1]:
        raise InvalidInput(f"velocities and offsets must have one list for each of the {hits.shape[1]} rows")
    cells = np.zeros(hits.shape, dtype=np.float64)
    for row, values in enumerate(listed):
        on = hits[:, row] > 0
        if not isinstance(values, list) or len(values) != on.sum():
            raise InvalidInput(f"velocities and offsets of row {row} must be one for each of its {on.sum()} hits")
        cells[on, row] = [float(value) for value in values]
    return cells
