"""`ghostnote sounds`: the user's own recordings, and the libraries of sounds that are installed on the machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ghostnote.cli.options import JSON
from ghostnote.cli.shell import Meter, number_of, print_json, say

if TYPE_CHECKING:
    from ghostnote.sounds.found import FoundLibrary
    from ghostnote.sounds.index import SoundFolder
    from ghostnote.sounds.library import SoundLibrary

MOST_TOLD = 10
"""Warnings that are told one by one; `--json` tells all."""


def _complete_where(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from ghostnote.sounds.found import find_libraries

    names = [library.name for library in find_libraries() if library.name.startswith(incomplete)]
    return [*map(CompletionItem, names), CompletionItem(incomplete, type="dir")]


def _complete_added(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from ghostnote.sounds.index import read_index

    return [folder.label for folder in read_index() if folder.label.startswith(incomplete)]


@click.group()
def command() -> None:
    """Use your own recordings, and libraries of sounds on this machine, beside the sounds that are built in."""


@command.command(
    "add",
    short_help="Use the sounds in a folder, or an installed library.",
    epilog="In Python: ghostnote.sounds.folders.add_sounds(folder_or_name)",
)
@click.argument("places", metavar="DIR|NAME...", nargs=-1, required=True, shell_complete=_complete_where)
@JSON
def add_command(places: Sequence[str], as_json: bool) -> None:
    """Read the WAV, FLAC, AIFF and OGG files in DIR, or use the library NAME that is installed on this machine.

    Files stay where they are and are never changed. `ghostnote sounds list` tells the names of libraries; `hydrogen`
    stands for all drumkits of Hydrogen. A folder whose name is that of a library is given as ./NAME. A folder that
    was added already is looked at again.
    """
    from ghostnote.sounds.folders import add_sounds
    from ghostnote.sounds.library import join_folders

    added: list[SoundFolder] = []
    for place in places:
        meter = Meter(f"reading {place}")
        try:
            added += add_sounds(place, progress=meter)
        finally:
            meter.end()
    library = join_folders(added)
    if as_json:
        print_json(_account(library))
        return
    _tell_warnings(library.warnings)
    for folder in added:
        if folder.sounds:
            say(f"added {folder.label}: {_counts(folder, library)}")


@command.command(
    "list",
    short_help="List what is in use, and what could be.",
    epilog="In Python: ghostnote.sounds.library.open_library(), .found.find_libraries()",
)
@JSON
def list_command(as_json: bool) -> None:
    """List the folders and libraries in use, and the libraries on this machine that could be."""
    from ghostnote.sounds.found import find_libraries
    from ghostnote.sounds.library import open_library

    meter = Meter("reading sounds")
    try:
        library = open_library(progress=meter)
    finally:
        meter.end()
    used = {(folder.folder, folder.kind) for folder in library.folders}
    found = [other for other in find_libraries() if (other.folder, other.kind) not in used]
    if as_json:
        print_json({**_account(library), "available": [_offer(other) for other in found]})
        return
    _tell_warnings(library.warnings)
    for folder in library.folders:
        click.echo(_printable(f"{folder.label}  {_counts(folder, library)}"))
    if len(library.folders) > 1:
        click.echo(f"together {number_of(len(library.sounds), 'sound')}")
    elif not library.folders:
        say("No recordings are in use, only the sounds that are built in. `ghostnote sounds add DIR` adds a folder.")
    if found:
        say("On this machine, not in use; `ghostnote sounds add NAME` uses them:")
        width = max(len(other.name) for other in found)
        for other in found:
            click.echo(_printable(f"  {other.name:<{width}}  {_offer_in_words(other)}"))


@command.command(
    "remove",
    short_help="Do not use a folder or a library any more.",
    epilog="In Python: ghostnote.sounds.folders.remove_sounds(folder_or_name)",
)
@click.argument("places", metavar="DIR|NAME...", nargs=-1, required=True, shell_complete=_complete_added)
def remove_command(places: Sequence[str]) -> None:
    """Do not use the sounds in DIR or of library NAME any more; the files are not touched."""
    from ghostnote.sounds.folders import remove_sounds

    for place in places:
        for folder in remove_sounds(place):
            say(_printable(f"removed {folder.label}; its files are where they were"))


def _counts(folder: SoundFolder, library: SoundLibrary) -> str:
    """Return in words how many sounds the folder brings."""
    twice = sum(duplicate.path.is_relative_to(folder.folder) for duplicate in library.duplicates)
    texts = [number_of(len(folder.sounds), "sound")]
    if twice:
        texts.append(f"{number_of(twice, 'file')} with the same content as another")
    if folder.problems:
        texts.append(f"{number_of(len(folder.problems), 'file')} can not be used")
    if folder.gone:
        texts.append("GONE")
    return ", ".join(texts)


def _offer_in_words(library: FoundLibrary) -> str:
    count = len(library.listing.files)
    if not count:
        why = f": {library.listing.warnings[0]}" if library.listing.warnings else ""
        return f"{library.title}, can not be used{why}"
    return f"{library.title}, {number_of(count, 'sound')}, licence: {library.licence or 'not stated'}"


def _tell_warnings(warnings: Sequence[str]) -> None:
    for warning in warnings[:MOST_TOLD]:
        say(_printable(f"warning: {warning}"))
    if len(warnings) > MOST_TOLD:
        say(f"warning: {len(warnings) - MOST_TOLD} more like these; --json tells all")


def _account(library: SoundLibrary) -> dict[str, Any]:
    roles = Counter(library.role_of(sound) for sound in library.sounds)
    return {
        "sounds": len(library.sounds),
        "folders": [
            {
                "name": folder.label,
                "folder": str(folder.folder),
                "kind": folder.kind,
                "sounds": len(folder.sounds),
                "gone": folder.gone is not None,
                "files": [
                    {"path": file.path, "name": file.name, "digest": file.digest, "role": file.role}
                    for file in folder.files
                    if file.problem is None
                ],
                "problems": [{"path": file.path, "problem": file.problem} for file in folder.problems],
            }
            for folder in library.folders
        ],
        "roles": {str(role): count for role, count in sorted(roles.items(), key=str)},
        "duplicates": [{"path": str(other.path), "original": str(other.original)} for other in library.duplicates],
        "warnings": list(library.warnings),
    }


def _offer(library: FoundLibrary) -> dict[str, Any]:
    return {
        "name": library.name,
        "title": library.title,
        "folder": str(library.folder),
        "sounds": len(library.listing.files),
        "licence": library.licence,
        "warnings": list(library.listing.warnings),
    }


def _printable(text: str) -> str:
    """Escape what hostile names of files could do to a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
