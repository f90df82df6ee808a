"""`ghostnote infill`: `ghostnote.infill` on files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ghostnote.cli.options import (
    CHANNEL,
    DENSITY,
    GRID,
    LOCK,
    MAP,
    MIDI_FILE,
    OUTPUT,
    SEED,
    STYLE,
    TEMPERATURE,
    Bars,
    VoiceName,
)
from ghostnote.cli.shell import read_track
from ghostnote.cli.takes import Output, output_options, tell_changes

if TYPE_CHECKING:
    from ghostnote.groove import Voice


@click.command(epilog="In Python: ghostnote.infill(track, ...)")
@click.argument("source", metavar="IN", type=MIDI_FILE)
@OUTPUT
@click.option("--voice", "voices", type=VoiceName(), multiple=True, help="A voice to write anew; repeatable.")
@click.option("--bars", type=Bars(), default=None, help="The bars to write anew, counted from 1.")
@LOCK
@STYLE
@DENSITY
@TEMPERATURE
@SEED
@GRID
@MAP
@CHANNEL
@output_options()
def command(
    source: str,
    output: Output,
    seed: int,
    map_name: str | None,
    channel: int | None,
    voices: tuple[Voice, ...],
    lock: tuple[Voice, ...],
    **settings: Any,
) -> None:
    """Write voices or bars of the drums in IN anew, to fit the rest.

    With --voice alone, these voices in all bars; with --bars alone, all voices in these bars; with both, these voices
    in these bars. What was there is replaced; all else stays.
    """
    from ghostnote.tasks import infill
    from ghostnote.tasks.additions import count_changes

    track = read_track(source, channel, map_name)
    settings |= {"voices": voices, "lock": lock}
    output.take(
        lambda number: infill(track, seed=number, **settings),
        lambda made: count_changes(track, made),
        settings,
        tell_changes,
        seed=seed,
        said=track.warnings,
    )
