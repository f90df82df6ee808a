"""`ghostnote studio`: the page, served from this machine to its own browser."""

from __future__ import annotations

import logging
import webbrowser
from pathlib import Path
from threading import Thread

import click

from ghostnote.cli.shell import say

_PORT = 4747  # as in studio.serving, which takes long to import


@click.command(epilog="In Python: ghostnote.studio.serving.serve(open_studio(home, bound), bound)")
@click.option("--port", type=click.IntRange(0, 65_535), default=_PORT, show_default=True, help="0 is any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--home", type=click.Path(path_type=Path), default=None, help="Folder of sessions, beats and kits.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    default=None,
    help="File whose first line is the password; a must where other machines can reach --host.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A name under which browsers may ask for it, besides localhost; repeatable.",
)
def command(
    port: int, host: str, home: Path | None, no_browser: bool, password_file: Path | None, names: tuple[str, ...]
) -> None:
    """Open the studio: a page to rate loops, shape grooves, hear and take away.

    Everything stays on this machine. Ctrl-C ends it; nothing is lost, and a page that is open goes on when it is
    started again.
    """
    from ghostnote.studio.passwords import read_password
    from ghostnote.studio.places import default_home
    from ghostnote.studio.security import check_exposure
    from ghostnote.studio.serving import bind, open_studio, serve

    logging.basicConfig(format="ghostnote: %(message)s", level=logging.WARNING)
    password = None if password_file is None else read_password(password_file)
    check_exposure(host, password)
    bound = bind(host, port)
    studio = open_studio(
        home or default_home(), bound, password=password, names=frozenset(name.lower() for name in names)
    )
    address = f"{bound.address}?token={studio.token.text}"
    if port and bound.port != port:
        say(f"port {port} is taken; {bound.port} is used instead")

    # The socket listens: a browser that starts now waits for its first answer, and starts while all else is loaded.
    click.echo(f"Ghostnote studio: {address}")
    say("Ctrl-C ends it.")
    if not no_browser:
        Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    serve(studio, bound)
    say("The studio has ended; everything is kept.")
