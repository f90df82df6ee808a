"""The recordings of the dataset: who played what, and every hit of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRUM_MAP = "roland_td11"
SPLITS = ("train", "validation", "test")
BEAT_TYPES = ("beat", "fill")
STYLES = (
    "afrobeat",
    "afrocuban",
    "blues",
    "country",
    "dance",
    "funk",
    "gospel",
    "highlife",
    "hiphop",
    "jazz",
    "latin",
    "middleeastern",
    "neworleans",
    "pop",
    "punk",
    "reggae",
    "rock",
    "soul",
)


@dataclass(frozen=True, eq=False)
class Performance:
    """One recording of the dataset.

    Args:
        index: its row in the dataset's list, from 0; what `GrooveBatch.performances` holds.
        id: such as `drummer1/session2/77`.
        drummer, session: who and when, such as `drummer1` and `drummer1/session2`.
        styles: from the main style to finer ones, such as `("rock", "halftime")`.
        tempo_bpm: of the click that the drummer played to, > 0.
        beat_type: `beat`, a groove of some length, or `fill`, mostly a bar or two.
        metre: such as `4-4`.
        split: the official one: `train`, `validation` or `test`.
        midi_filename: within the archive, beside its `info.csv`.
        ticks_per_beat: resolution of `ticks`.
        ticks: `(notes,)`, onsets, sorted.
        pitches: `(notes,)`, as the kit sent them (drum map `roland_td11`).
        velocities: `(notes,)`, 1…127.
    """

    index: int
    id: str
    drummer: str
    session: str
    styles: tuple[str, ...]
    tempo_bpm: float
    beat_type: str
    metre: str
    split: str
    midi_filename: str
    ticks_per_beat: int
    ticks: NDArray[np.int64]
    pitches: NDArray[np.uint8]
    velocities: NDArray[np.uint8]

    @property
    def style(self) -> str:
        """The main style, one of `STYLES` in the published dataset."""
        return self.styles[0]

    @property
    def style_id(self) -> int:
        """Index of the main style in `STYLES`, -1 if it is not there."""
        return STYLES.index(self.style) if self.style in STYLES else -1

    @property
    def bar_beats(self) -> float:
        """Length of a bar in quarter notes."""
        numerator, denominator = self.metre.split("-")
        return 4.0 * int(numerator) / int(denominator)
