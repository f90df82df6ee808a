"""`ghostnote vary`: `ghostnote.vary` on files."""

from __future__ import annotations

from typing import Any

import click

from ghostnote.cli.options import BARS, CHANNEL, GRID, LOCK, MAP, MIDI_FILE, OUTPUT, SEED, STYLE, TEMPERATURE
from ghostnote.cli.shell import read_track
from ghostnote.cli.takes import Output, output_options, tell_changes


@click.command(epilog="In Python: ghostnote.vary(track, amount=0.3, ...)")
@click.argument("source", metavar="IN", type=MIDI_FILE)
@OUTPUT
@click.option("--amount", type=float, default=0.3, show_default=True, help="How far from IN, 0-1.")
@LOCK
@BARS
@STYLE
@TEMPERATURE
@SEED
@GRID
@MAP
@CHANNEL
@output_options()
def command(source: str, output: Output, seed: int, map_name: str | None, channel: int | None, **settings: Any) -> None:
    """Make near neighbours of the beat in IN."""
    from ghostnote.tasks import vary
    from ghostnote.tasks.additions import count_changes

    track = read_track(source, channel, map_name)
    output.take(
        lambda number: vary(track, seed=number, **settings),
        lambda made: count_changes(track, made),
        settings,
        tell_changes,
        seed=seed,
        said=track.warnings,
    )
