"""`ghostnote transfer`: `ghostnote.transfer` on files."""

from __future__ import annotations

from typing import Any

import click

from ghostnote.cli.options import (
    BARS,
    CHANNEL,
    LOCK,
    MAP,
    MIDI_FILE,
    OUTPUT,
    SEED,
    STYLE,
    TEMPERATURE,
    TIMING,
    VELOCITY,
)
from ghostnote.cli.shell import STREAM, read_track
from ghostnote.cli.takes import Output, output_options, tell_account
from ghostnote.errors import InvalidParameter


@click.command(epilog="In Python: ghostnote.transfer(score, groove, ...)")
@click.option("--score", "score_file", required=True, metavar="FILE", type=MIDI_FILE, help="The beat to play.")
@click.option("--groove", "groove_file", required=True, metavar="FILE", type=MIDI_FILE, help="The beat to feel like.")
@OUTPUT
@TIMING
@VELOCITY
@LOCK
@BARS
@STYLE
@TEMPERATURE
@SEED
@MAP
@CHANNEL
@output_options()
def command(
    score_file: str,
    groove_file: str,
    output: Output,
    seed: int,
    map_name: str | None,
    channel: int | None,
    **settings: Any,
) -> None:
    """Play the notes of one beat with the feel of another.

    Each is a MIDI file, and one of them may be - for stdin. No note of the score is added, lost or re-pitched.
    """
    from ghostnote.tasks import compare, transfer

    if score_file == groove_file == STREAM:
        raise InvalidParameter("only one of --score and --groove can be stdin")
    score = read_track(score_file, channel, map_name)
    groove = read_track(groove_file, channel, map_name)
    output.take(
        lambda number: transfer(score, groove, seed=number, **settings),
        lambda made: compare(score, made),
        settings,
        tell_account,
        seed=seed,
        said=(*score.warnings, *groove.warnings),
    )
