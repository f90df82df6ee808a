"""`ghostnote interpolate`: `ghostnote.interpolate` on files."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import click

from ghostnote.cli.options import CHANNEL, GRID_OF_16THS, MAP, MIDI_FILE, OUTPUT
from ghostnote.cli.shell import STREAM, read_track
from ghostnote.cli.takes import Output, output_options, tell_changes
from ghostnote.errors import InvalidParameter

if TYPE_CHECKING:
    from ghostnote.groove.grid import Subdivision
    from ghostnote.tasks.additions import Changes


class CheckedOutput(Protocol):
    """See `output_options`."""

    def __call__(self, count: int | None) -> Output:
        """Return where that many results go."""


@dataclass(frozen=True)
class Path:
    """Steps in one file.

    Args:
        notes_out: of all.
        steps: what changed to each step from the one before.
        warnings: of the file.
    """

    notes_out: int
    steps: tuple[Changes, ...]
    warnings: tuple[str, ...]


@click.command(epilog="In Python: ghostnote.interpolate(first, second, steps=5)")
@click.argument("source", metavar="A", type=MIDI_FILE)
@click.argument("other", metavar="B", type=MIDI_FILE)
@OUTPUT
@click.option(
    "--steps", type=click.IntRange(2, 65), default=5, show_default=True, help="How many beats, A and B counted."
)
@click.option("--separate", is_flag=True, help="Write each step to a file of its own, OUT-1 and on.")
@GRID_OF_16THS
@MAP
@CHANNEL
@output_options(takes=False)
def command(
    source: str,
    other: str,
    checked_output: CheckedOutput,
    steps: int,
    separate: bool,
    subdivision: Subdivision,
    map_name: str | None,
    channel: int | None,
) -> None:
    """Go from beat A to beat B in small steps, one after the other in OUT.

    Every step lasts as long as the longer beat; the shorter one is repeated. A and B are MIDI files in one metre, and
    one of them may be - for stdin.
    """
    from ghostnote.groove import join_tracks
    from ghostnote.tasks import interpolate
    from ghostnote.tasks.additions import count_changes

    output = checked_output(steps if separate else None)
    if source == other == STREAM:
        raise InvalidParameter("only one of A and B can be stdin")
    first = read_track(source, channel, map_name)
    second = read_track(other, channel, map_name)
    path = interpolate(first, second, steps=steps, subdivision=subdivision)
    changes = [count_changes(before, after) for before, after in pairwise((path[0], *path))]
    settings = {"steps": steps, "separate": separate, "subdivision": subdivision}
    said = (*first.warnings, *second.warnings)
    if separate:
        output.write(path, changes, settings, tell_changes, said=said)
    else:
        joined = join_tracks(path)
        whole = Path(len(joined.notes), tuple(changes), joined.warnings)
        output.write([joined], [whole], settings, _in_words, said=said)


def _in_words(path: Path) -> str:
    return f"{path.notes_out} notes in {len(path.steps)} beats, one after the other"
