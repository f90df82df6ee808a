"""`ghostnote study serve`: the pages of a study, for its participants and its operator."""

from __future__ import annotations

import logging
import webbrowser
from pathlib import Path
from threading import Thread

import click

from ghostnote.cli.shell import say

_PORT = 4848  # as in studio.study_serving, which takes long to import


@click.command("serve", epilog="In Python: ghostnote.studio.study_serving.serve_study(open_served(study, bound), …)")
@click.argument("path", metavar="STUDY", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65_535), default=_PORT, show_default=True, help="0 is any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets other machines in.")
@click.option("--no-browser", is_flag=True, help="Only print the addresses.")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A name under which browsers may ask for it, besides localhost; repeatable.",
)
def serve_command(path: Path, port: int, host: str, no_browser: bool, names: tuple[str, ...]) -> None:
    """Let participants in: print the link for them, and open the operator's page.

    Everything that was answered is on disk at once. Ctrl-C ends it; started again, everybody goes on where they were.
    """
    from ghostnote.studio.serving import bind
    from ghostnote.studio.study_serving import open_served, serve_study
    from ghostnote.study.running import Study

    logging.basicConfig(format="ghostnote: %(message)s", level=logging.WARNING)
    study = Study.open(path)
    study.check()
    bound = bind(host, port)
    served = open_served(study, bound, frozenset(name.lower() for name in names))
    if port and bound.port != port:
        say(f"port {port} is taken; {bound.port} is used instead, and links with the old port lead nowhere")

    def tell() -> None:
        click.echo(f"For the operator:   {served.operator_address}")
        click.echo(f"For participants:   {served.join_address}")
        say("Ctrl-C ends it.")
        if not no_browser:
            Thread(target=webbrowser.open, args=(served.operator_address,), daemon=True).start()

    serve_study(served, tell)
    say("The study is closed for now; everything is kept.")
