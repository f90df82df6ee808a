"""`ghostnote generate`: `ghostnote.generate` into files."""

from __future__ import annotations

from typing import Any

import click

from ghostnote.cli.options import DENSITY, MAP, OUTPUT, SEED, STYLE, TEMPERATURE, Metre
from ghostnote.cli.takes import Output, output_options, tell_changes


@click.command(epilog="In Python: ghostnote.generate(bars=4, style=..., ...)")
@OUTPUT
@click.option("--bars", type=int, default=4, show_default=True, help="How many bars to write.")
@click.option("--tempo", "tempo_bpm", type=float, default=120.0, show_default=True, help="Quarter notes per minute.")
@click.option("--metre", type=Metre(), default="4/4", show_default=True)
@STYLE
@DENSITY
@TEMPERATURE
@SEED
@MAP
@output_options()
def command(output: Output, seed: int, map_name: str | None, **settings: Any) -> None:
    """Write a new beat."""
    from ghostnote.midi import drum_map
    from ghostnote.tasks import generate
    from ghostnote.tasks.additions import count_changes

    kit_map = None if map_name is None else drum_map(map_name)
    output.take(
        lambda number: generate(seed=number, kit_map=kit_map, **settings),
        lambda made: count_changes(made.with_notes([]), made),
        settings,
        tell_changes,
        seed=seed,
    )
