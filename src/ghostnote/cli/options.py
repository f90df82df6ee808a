"""Options that several commands share, and the parsers of their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from ghostnote.groove import Voice

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


class VoiceName(click.ParamType["Voice"]):
    """`closed_hihat`."""

    name = "VOICE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Voice:
        """Return the voice."""
        from ghostnote.groove import Voice

        return Voice.parse(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the voices that begin so."""
        from ghostnote.groove import VOICES

        return [CompletionItem(voice) for voice in VOICES if voice.startswith(incomplete)]


class Metre(click.ParamType[tuple[int, int]]):
    """`7/8`."""

    name = "N/M"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return (numerator, denominator)."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{1,3})/(\d{1,2})", value.strip())
        if match is None:
            self.fail(f"metre must be given as 4/4 or 7/8; got {value!r}", param, ctx)
        return int(match[1]), int(match[2])


def _grid_option(default: str) -> Callable[[F], F]:
    return click.option(
        "--grid", "subdivision", type=click.Choice(["auto", "16ths", "triplets"]), default=default, show_default=True
    )


OUTPUT = click.option(
    "-o", "--output", "target", required=True, metavar="OUT", type=MIDI_FILE, help="MIDI file to write; - is stdout."
)
LOCK = click.option("--lock", type=VoiceName(), multiple=True, help="A voice that stays as it is; repeatable.")
STYLE = click.option("--style", default=None, help="Such as funk, rock, jazz, latin, hiphop.")
DENSITY = click.option(
    "--density", type=float, default=None, metavar="HITS", help="Hits per beat of the whole kit, such as 4."
)
TEMPERATURE = click.option("--temperature", type=float, default=1.0, show_default=True, help="Variety, 0-2.")
SEED = click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another take.")
TIMING = click.option("--timing", type=float, default=1.0, show_default=True, help="Amount of microtiming, 0-1.5.")
VELOCITY = click.option("--velocity", type=float, default=1.0, show_default=True, help="Amount of dynamics, 0-1.5.")
GRID = _grid_option("auto")
GRID_OF_16THS = _grid_option("16ths")
