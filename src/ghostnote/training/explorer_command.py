"""`python -m ghostnote.training explorer` and `explorer-report`: simulated listeners explore; what came of it."""

from __future__ import annotations

from pathlib import Path

import click

from ghostnote.errors import InvalidParameter
from ghostnote.training.train_command import say

RUNS = Path("runs") / "explorer"


@click.command("explorer")
@click.option("--methods", default="", help="Names with commas between; all if left out.")
@click.option("--listeners", default="", help="Names, or beginnings of names, with commas between; all if left out.")
@click.option("--seeds", default="0", show_default=True, help="Numbers with commas between.")
@click.option("--worlds", default="", help="synthesised, recorded; both if left out.")
@click.option(
    "--draw", type=click.IntRange(min=0), help="Other listeners than the report's, to develop with: any number."
)
@click.option("--runs", type=click.Path(path_type=Path), default=RUNS, show_default=True)
def command(methods: str, listeners: str, seeds: str, worlds: str, draw: int | None, runs: Path) -> None:
    """Let simulated listeners explore (resumable: what is there is kept)."""
    from ghostnote.evaluation.listeners import draw_listeners
    from ghostnote.training.explorer_methods import METHODS
    from ghostnote.training.explorer_simulation import in_balance, run_all
    from ghostnote.training.explorer_worlds import WORLDS, open_world

    names = methods.split(",") if methods else list(METHODS)
    unknown = sorted(set(names) - set(METHODS))
    if unknown:
        raise InvalidParameter(f"methods must be of {', '.join(METHODS)}; got {', '.join(unknown)}")
    starts = tuple(listeners.split(",")) if listeners else ("",)
    everyone = draw_listeners() if draw is None else draw_listeners(draw)
    chosen = [(i, everyone[i]) for i in in_balance(len(everyone)) if everyone[i].name.startswith(starts)]
    if not chosen:
        raise InvalidParameter(f"listeners must begin like those of `draw_listeners`; got {listeners!r}")
    if not all(seed.isdigit() for seed in seeds.split(",")):
        raise InvalidParameter(f"seeds must be whole numbers with commas between; got {seeds!r}")
    opened = {name: open_world(name) for name in (worlds.split(",") if worlds else WORLDS)}
    wanted = {name: METHODS[name] for name in names}
    run_all(wanted, chosen, [int(seed) for seed in seeds.split(",")], opened, runs, say=say)


@click.command("explorer-report")
@click.option("--runs", type=click.Path(path_type=Path), default=RUNS, show_default=True)
@click.option("--results", type=click.Path(path_type=Path), default=Path("docs/results"), show_default=True)
def report_command(runs: Path, results: Path) -> None:
    """Write the report on the explorer from the runs that are there."""
    from ghostnote.training.explorer_report import write_explorer_report
    from ghostnote.training.explorer_worlds import WORLDS, open_world

    write_explorer_report({name: open_world(name) for name in WORLDS}, runs, results, say=say)
