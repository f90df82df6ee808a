"""`ghostnote groove`: the feel of a beat as a small file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghostnote.cli.options import (
    BARS,
    CHANNEL,
    FORCE,
    GRID_OF_16THS,
    JSON,
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
from ghostnote.cli.shell import check_target, print_json, read_track, say
from ghostnote.cli.takes import Output, output_options, tell_account

if TYPE_CHECKING:
    from ghostnote.groove.feel import Feel


@click.group()
def command() -> None:
    """Take the feel of a beat into a small file, and play other beats with it."""


@command.command("extract", epilog="In Python: ghostnote.write_feel(ghostnote.extract_groove(track), path)")
@click.argument("source", metavar="IN", type=MIDI_FILE)
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="FEEL",
    type=MIDI_FILE,
    help="Feel file to write, such as x.json.",
)
@MAP
@CHANNEL
@JSON
@FORCE
def extract_command(
    source: str, target: str, map_name: str | None, channel: int | None, as_json: bool, force: bool
) -> None:
    """Write how the drummer of IN places and weights the hits: JSON that a person can read and change."""
    from ghostnote.tasks import extract_groove, write_feel

    check_target(target, force=force, stream=False)
    feel = extract_groove(read_track(source, channel, map_name), source=Path(source).name)
    write_feel(feel, target, overwrite=force)
    if as_json:
        print_json({"output": target, **_summary(feel)})
    else:
        say(f"{target}: {_in_words(feel)}")


@command.command("apply", epilog="In Python: ghostnote.apply_groove(ghostnote.read_feel(path), track, ...)")
@click.argument("feel_file", metavar="FEEL", type=click.Path())
@click.argument("source", metavar="IN", type=MIDI_FILE)
@OUTPUT
@TIMING
@VELOCITY
@LOCK
@BARS
@STYLE
@TEMPERATURE
@SEED
@GRID_OF_16THS
@MAP
@CHANNEL
@output_options()
def apply_command(
    feel_file: str,
    source: str,
    output: Output,
    seed: int,
    map_name: str | None,
    channel: int | None,
    **settings: Any,
) -> None:
    """Play the drums in IN with the feel in FEEL.

    No note is added, lost or re-pitched; everything else in the file stays.
    """
    from ghostnote.tasks import apply_groove, compare, read_feel

    feel = read_feel(feel_file)
    track = read_track(source, channel, map_name)
    output.take(
        lambda number: apply_groove(feel, track, seed=number, **settings),
        lambda made: compare(track, made),
        settings,
        tell_account,
        seed=seed,
        said=track.warnings,
    )


def _summary(feel: Feel) -> dict[str, Any]:
    hits = sum(row.hits for row in feel.rows)
    step_ms = 15_000.0 / feel.tempo_bpm
    return {
        "source": feel.source,
        "tempo_bpm": feel.tempo_bpm,
        "bar_beats": feel.bar_beats,
        "hits": hits,
        "rows": len(feel.rows),
        "mean_offset_ms": round(step_ms * sum(row.offset * row.hits for row in feel.rows) / hits, 3),
        "mean_velocity": round(sum(row.velocity * row.hits for row in feel.rows) / hits, 3),
    }


def _in_words(feel: Feel) -> str:
    found = _summary(feel)
    late = found["mean_offset_ms"]
    side = "behind" if late > 0 else "ahead of"
    return (
        f"{found['hits']} hits at {found['rows']} places of the bar, {feel.tempo_bpm:g} bpm; on average "
        f"{abs(late):.1f} ms {side} the beat with velocity {found['mean_velocity']:.0f}"
    )
