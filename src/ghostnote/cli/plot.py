"""`ghostnote plot`: `ghostnote.plot_feel` on files."""

from __future__ import annotations

import click

from ghostnote.cli.options import BARS, CHANNEL, FORCE, MAP, MIDI_FILE
from ghostnote.cli.shell import STREAM, check_target, read_track, say
from ghostnote.errors import InvalidParameter
from ghostnote.plot import plot_feel, require_matplotlib


@click.command(epilog="In Python: ghostnote.plot_feel(track, other, path)")
@click.argument("source", metavar="IN", type=MIDI_FILE)
@click.argument("other", metavar="[OUT]", required=False, type=MIDI_FILE)
@click.option(
    "-o", "--output", "target", required=True, metavar="PICTURE", type=MIDI_FILE, help="PNG, SVG or PDF file to write."
)
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True)
@click.option("--title", default=None)
@BARS
@MAP
@CHANNEL
@FORCE
def command(
    source: str,
    other: str | None,
    target: str,
    theme: str,
    title: str | None,
    bars: tuple[int, int] | None,
    map_name: str | None,
    channel: int | None,
    force: bool,
) -> None:
    """Draw where each hit of IN lies against the grid and how loud it is; with OUT, before and after."""
    require_matplotlib()
    if source == other == STREAM:
        raise InvalidParameter("only one of IN and OUT can be stdin")
    check_target(target, force=force, stream=False)
    track = read_track(source, channel, map_name)
    second = read_track(other, channel, map_name) if other else None
    plot_feel(track, second, target, bars=bars, title=title, theme=theme, overwrite=force)
    say(f"{target}: drawn")
