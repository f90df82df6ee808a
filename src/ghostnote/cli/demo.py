"""`ghostnote demo`: the main job on scores that the package ships."""

from __future__ import annotations

from pathlib import Path

import click

from ghostnote.audio import load_kit, render_comparison, write_audio
from ghostnote.cli.options import FORCE
from ghostnote.cli.shell import check_target, say
from ghostnote.demos import NAMES, demo_path
from ghostnote.midi import read_midi, write_midi
from ghostnote.plot import plot_feel, require_matplotlib
from ghostnote.tasks import compare, humanize

_ENDINGS = ("-score.mid", "-human.mid", "-score.wav", "-human.wav", "-compare.wav", ".png")
_STYLES = {"funk": "funk", "rock": "rock", "shuffle": "jazz"}


@click.command(epilog="In Python: read_midi, humanize, render, plot_feel, as src/ghostnote/cli/demo.py does")
@click.option(
    "-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), default="demo", show_default=True
)
@FORCE
@click.option("--seed", type=int, default=0, show_default=True)
def command(folder: Path, force: bool, seed: int) -> None:
    """Humanize three programmed scores; write MIDI, sound and a picture of each, and tell where they are."""
    require_matplotlib()
    folder.mkdir(parents=True, exist_ok=True)
    made = [folder / f"{name}{ending}" for name in NAMES for ending in _ENDINGS]
    for path in made:
        check_target(str(path), force=force)
    for name in NAMES:
        before = read_midi(demo_path(name))
        after = humanize(before, style=_STYLES[name], seed=seed)
        account = compare(before, after)
        say(
            f"{name}: {account.notes_out} notes, moved by {account.mean_absolute_shift_ms:.1f} ms on average, "
            f"{account.velocities_changed} velocities changed"
        )
        heard = render_comparison(before, after, load_kit("dry_acoustic"), seed=seed)
        write_midi(before, folder / f"{name}-score.mid")
        write_midi(after, folder / f"{name}-human.mid")
        for suffix, audio in (
            ("score", heard.before.audio),
            ("human", heard.after.audio),
            ("compare", heard.joined),
        ):
            write_audio(folder / f"{name}-{suffix}.wav", audio, heard.sample_rate_hz, overwrite=True)
        plot_feel(
            before,
            after,
            folder / f"{name}.png",
            bars=(1, 4),
            title=f"{name}: as programmed, and humanized",
            theme="dark",
        )
    click.echo(f"Made in {folder.resolve()}:")
    for path in made:
        click.echo(f"  {path.name}")
    click.echo("Listen to *-compare.wav: the score, a pause, then the same notes as a drummer would play them.")
