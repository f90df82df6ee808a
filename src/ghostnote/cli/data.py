"""`ghostnote data`: the Groove MIDI Dataset on this machine."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from ghostnote.cli.options import JSON
from ghostnote.cli.shell import Meter, print_json, say
from ghostnote.data import GROOVE, check_archive, data_dir, fetch, find_archive, load_performances

ARCHIVE = click.option("--archive", type=click.Path(path_type=Path), help="Use this copy instead of downloading.")


@click.group()
def command() -> None:
    """Fetch and check the Groove MIDI Dataset (only training and evaluation need it)."""


@command.command("fetch", epilog="In Python: ghostnote.data.fetch(folder)")
@ARCHIVE
@click.option("--yes", is_flag=True, help="Do not ask.")
def fetch_command(archive: Path | None, yes: bool) -> None:
    """Download the dataset once, or check a copy that you have."""
    if archive is not None:
        check_archive(archive)
        say(f"{archive}: the published archive. Use it with --archive or GHOSTNOTE_GMD_ARCHIVE")
        return
    say(f"{GROOVE.url}\n{GROOVE.size:,} bytes to {data_dir()}\nlicence: {GROOVE.licence}\n{GROOVE.attribution}")
    if not yes:
        click.confirm("Download?", abort=True, err=True)
    meter = Meter("downloading")
    path = fetch(data_dir(), progress=meter)
    meter.end()
    say(f"{path}: complete and checked")


@command.command("info", epilog="In Python: ghostnote.data.load_performances()")
@ARCHIVE
@JSON
def info_command(archive: Path | None, as_json: bool) -> None:
    """Tell what the dataset holds."""
    path = find_archive(archive)
    meter = Meter("reading")
    performances = load_performances(archive=archive, progress=meter)
    meter.end()
    splits = Counter(performance.split for performance in performances)
    styles = Counter(performance.style for performance in performances)
    if as_json:
        print_json({"archive": str(path), "splits": dict(splits), "styles": dict(styles)})
        return
    click.echo(f"{path}: {len(performances)} recordings, {sum(len(p.ticks) for p in performances):,} hits")
    click.echo("splits   " + ", ".join(f"{name} {count}" for name, count in splits.items()))
    click.echo("styles   " + ", ".join(f"{name} {count}" for name, count in styles.most_common()))
