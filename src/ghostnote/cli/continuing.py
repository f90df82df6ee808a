"""`ghostnote continue`: `ghostnote.continue_` on files."""

from __future__ import annotations

from typing import Any

import click

from ghostnote.cli.options import CHANNEL, DENSITY, GRID, MAP, MIDI_FILE, OUTPUT, SEED, STYLE, TEMPERATURE
from ghostnote.cli.shell import read_track
from ghostnote.cli.takes import Output, output_options, tell_changes


@click.command(epilog="In Python: ghostnote.continue_(track, bars=4, ...)")
@click.argument("source", metavar="IN", type=MIDI_FILE)
@OUTPUT
@click.option("--bars", type=int, default=4, show_default=True, help="How many bars to add.")
@STYLE
@DENSITY
@TEMPERATURE
@SEED
@GRID
@MAP
@CHANNEL
@output_options()
def command(source: str, output: Output, seed: int, map_name: str | None, channel: int | None, **settings: Any) -> None:
    """Go on from the beat in IN; OUT holds both."""
    from ghostnote.tasks import continue_
    from ghostnote.tasks.additions import count_changes

    track = read_track(source, channel, map_name)
    output.take(
        lambda number: continue_(track, seed=number, **settings),
        lambda made: count_changes(track, made),
        settings,
        tell_changes,
        seed=seed,
        said=track.warnings,
    )
