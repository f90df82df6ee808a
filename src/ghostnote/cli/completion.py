"""`ghostnote completion`: the script that a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL.

    For bash: ghostnote completion bash > ~/.local/share/bash-completion/completions/ghostnote
    """
    from ghostnote.cli import ghostnote

    found = get_completion_class(shell)
    if found is None:
        raise click.ClickException(f"no completion for {shell}")
    click.echo(found(ghostnote, {}, "ghostnote", "_GHOSTNOTE_COMPLETE").source())
