"""Write docs/commands.md from the commands' own help, so that it can not lie."""

from __future__ import annotations

from pathlib import Path

import click

from ghostnote.cli import COMMANDS, ghostnote

REFERENCE = Path(__file__).parents[1] / "docs" / "commands.md"


def help_of(command: click.Command, path: list[str], parent: click.Context | None) -> list[str]:
    """Return the section of a command and of its subcommands."""
    context = click.Context(command, info_name=path[-1], parent=parent, max_content_width=100, terminal_width=100)
    lines = [f"{'#' * len(path)} {' '.join(path)}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                lines += help_of(found, [*path, name], context)
    return lines


def reference() -> str:
    """Return the whole page."""
    head = ["<!-- Written by `make docs`; do not edit. -->", ""]
    return "\n".join(head + help_of(ghostnote, ["ghostnote"], None)).rstrip() + "\n"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    print(f"{REFERENCE}: {len(COMMANDS)} commands")  # noqa: T201 - a command
