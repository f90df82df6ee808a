"""Options that several commands share, and the parsers of their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

# Checked by the readers and writers themselves; the type lets shells complete file names.
MIDI_FILE = click.Path(allow_dash=True)
CHANNEL = click.option(
    "--channel", type=click.IntRange(1, 16), default=None, help="MIDI channel of the drums, 1-16 (found by itself)."
)
MAP = click.option(
    "--map", "map_name", default=None, metavar="NAME|FILE", help="Drum map: general_midi, roland_td11 or a TOML file."
)
FORCE = click.option("--force", is_flag=True, help="Overwrite files that are there.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print an account for machines.")


class Bars(click.ParamType[tuple[int, int]]):
    """`5-8` or `5`, counted from 1."""

    name = "FIRST-LAST"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return (first, last)."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", value.strip())
        if match is None:
            self.fail(f"bars must be given as 5-8 or 5, counted from 1; got {value!r}", param, ctx)
        return int(match[1]), int(match[2] or match[1])


BARS = click.option("--bars", type=Bars(), default=None, help="Only these bars, counted from 1.")
