"""The command line: parse, call one public function, format. Each command has a Python equivalent."""

from __future__ import annotations

from importlib import import_module

import click

from ghostnote.cli.shell import Shell

# Command → (module, help): a module is imported only when its command runs, so that `--help` is quick.
COMMANDS = {
    "humanize": ("ghostnote.cli.humanize", "Give a programmed beat the timing and dynamics of a drummer."),
    "drumify": ("ghostnote.cli.drumify", "Make a full kit follow a tapped rhythm, a bass line or a melody."),
    "infill": ("ghostnote.cli.infill", "Write voices or bars of a beat anew, to fit the rest."),
    "transfer": ("ghostnote.cli.transfer", "Play the notes of one beat with the feel of another."),
    "groove": ("ghostnote.cli.groove", "Take the feel of a beat into a file, and play with it."),
    "generate": ("ghostnote.cli.generate", "Write a new beat."),
    "interpolate": ("ghostnote.cli.interpolate", "Go from one beat to another in small steps."),
    "vary": ("ghostnote.cli.vary", "Make near neighbours of a beat."),
    "continue": ("ghostnote.cli.continuing", "Go on from a beat."),
    "explore": ("ghostnote.cli.explore", "Find loops that you like: it learns from your likes and dislikes."),
    "sounds": ("ghostnote.cli.sounds", "Use your own recordings, and libraries of sounds on this machine."),
    "critic": ("ghostnote.cli.critic", "Make a critic of audio you like, combine critics, sort audio by taste."),
    "studio": ("ghostnote.cli.studio", "Open the studio: a page to rate loops, shape grooves, hear and take away."),
    "study": ("ghostnote.cli.study", "Find out what people like: blind studies with your own participants."),
    "info": ("ghostnote.cli.info", "Tell what a MIDI file holds."),
    "render": ("ghostnote.cli.render", "Make a MIDI file heard with a synthesised kit."),
    "plot": ("ghostnote.cli.plot", "Draw the feel of a beat, before and after."),
    "data": ("ghostnote.cli.data", "Fetch and check the Groove MIDI Dataset."),
    "train": ("ghostnote.cli.train", "Train a model on your own MIDI files, or on the dataset."),
    "models": ("ghostnote.cli.models", "List the models, tell about one, choose which are used."),
    "demo": ("ghostnote.cli.demo", "Make a demonstration: MIDI, sound and picture."),
    "completion": ("ghostnote.cli.completion", "Print the completion script of a shell."),
}


class Commands(click.Group):
    """A group whose commands are loaded by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command `cmd_name`, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ghostnote")
def ghostnote() -> None:
    """Drums that a person shapes and a machine plays, and loops that it learns to like with you.

    Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 reading or writing failed.
    """


def main() -> None:
    """Run the command line and exit."""
    Shell(ghostnote).run()
