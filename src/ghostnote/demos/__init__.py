"""Short MIDI files of our own, for `ghostnote demo`, the examples and the tests.

Programmed scores, flat and on the grid, by `scripts/make_demo_scores.py`; played parts, hit by hit, by
`scripts/make_demo_rhythms.py`.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

NAMES = ("funk", "rock", "shuffle")  # programmed scores
PLAYED = ("tap", "bass", "pocket")  # a rhythm on one pad, a bass line, a whole kit that lays back


def demo_path(name: str) -> Path:
    """Return the MIDI file `name`, one of `NAMES` or `PLAYED`."""
    return Path(str(files("ghostnote.demos") / f"{name}.mid"))
