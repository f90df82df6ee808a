"""Programmed scores of our own, for `ghostnote demo` and the tests; `scripts/make_demo_scores.py` writes them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

NAMES = ("funk", "rock", "shuffle")


def demo_path(name: str) -> Path:
    """Return the MIDI file of the score `name`, one of `NAMES`."""
    return Path(str(files("ghostnote.demos") / f"{name}.mid"))
