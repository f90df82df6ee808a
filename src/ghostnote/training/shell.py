"""Runs a training command as a process: one line for what went wrong, and the exit codes of the command line."""

from __future__ import annotations

import os
import sys

import click

from ghostnote.errors import GhostnoteError, InvalidParameter, MissingExtra, StorageError
from ghostnote.training.train_command import say

USAGE, BAD_INPUT, IO_FAILED, STOPPED = 2, 3, 4, 130


_LEAST_PRIORITY = 19


def run(command: click.Command, arguments: list[str] | None = None) -> None:
    """Run `command` with `arguments` (those of the process if None); always exits."""
    try:
        command.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        say("ghostnote: stopped; the same command goes on after the last whole epoch")
        sys.exit(STOPPED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (GhostnoteError, OSError) as error:
        say(f"ghostnote: {_describe(error)}")
        sys.exit(_exit_code_of(error))
    sys.exit(0)


def give_way() -> None:
    """Let every other process go before this one: whoever plays while something trains shall not notice.

    Systems without such priorities are left as they are.
    """
    if hasattr(os, "nice"):
        os.nice(_LEAST_PRIORITY)


def _describe(error: BaseException) -> str:
    if isinstance(error, OSError) and not isinstance(error, StorageError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _exit_code_of(error: BaseException) -> int:
    if isinstance(error, InvalidParameter | MissingExtra):
        return USAGE
    return IO_FAILED if isinstance(error, OSError) else BAD_INPUT
