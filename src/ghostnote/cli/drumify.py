"""`ghostnote drumify`: `ghostnote.drumify` on files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ghostnote.cli.options import DENSITY, GRID, MAP, MIDI_FILE, OUTPUT, SEED, STYLE, TEMPERATURE
from ghostnote.cli.shell import read_taps
from ghostnote.cli.takes import Output, output_options, tell_voices

if TYPE_CHECKING:
    from ghostnote.tasks.additions import Following


@click.command(epilog="In Python: ghostnote.drumify(ghostnote.read_rhythm(IN), ...)")
@click.argument("source", metavar="IN", type=MIDI_FILE)
@OUTPUT
@click.option(
    "--use-velocities/--ignore-velocities", default=True, show_default=True, help="Whether loud taps are loud hits."
)
@click.option(
    "--fill/--no-fill", default=None, help="Also play between the taps, or only on them [default: if they are sparse]."
)
@STYLE
@DENSITY
@TEMPERATURE
@SEED
@GRID
@MAP
@click.option("--track", type=click.IntRange(1), default=None, help="Only this track of the file, from 1.")
@click.option("--channel", type=click.IntRange(1, 16), default=None, help="Only this MIDI channel, 1-16.")
@output_options()
def command(
    source: str,
    output: Output,
    seed: int,
    map_name: str | None,
    track: int | None,
    channel: int | None,
    **settings: Any,
) -> None:
    """Make a full kit follow the rhythm in IN.

    IN is a tapped rhythm, a bass line, a melody or any other part, as a MIDI file or - for stdin. Only where its notes
    begin and how loud they are counts.
    """
    from ghostnote.midi import drum_map
    from ghostnote.tasks import drumify
    from ghostnote.tasks.additions import count_followed

    kit_map = None if map_name is None else drum_map(map_name)
    rhythm = read_taps(source, channel, track)
    output.take(
        lambda number: drumify(rhythm, seed=number, kit_map=kit_map, **settings),
        lambda made: count_followed(rhythm, made),
        settings,
        _in_words,
        seed=seed,
        said=rhythm.warnings,
    )


def _in_words(following: Following) -> str:
    return (
        f"{following.notes_out} notes ({tell_voices(following.added)}), "
        f"on {following.onsets_followed} of the {following.onsets_in} onsets given"
    )
