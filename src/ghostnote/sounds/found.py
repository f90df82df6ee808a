"""Free libraries of sounds that are installed on this machine: found by themselves, used when the user adds them.

Nothing of them is copied, and nothing of them is used unasked: the same seed must propose the same on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.sounds.hydrogen import DrumKit, read_drumkit
from ghostnote.sounds.listing import KIT_FILE, ListedFile, Listing, list_folder, listed_file
from ghostnote.sounds.naming import name_files, path_inside

Kind = Literal["folder", "sonic-pi", "hydrogen"]
"""What a place of sounds is: any folder, the samples of Sonic Pi, or a drumkit of Hydrogen."""

SONIC_PI_FOLDERS = (
    Path("/usr/share/sonic-pi/samples"),
    Path("/usr/local/share/sonic-pi/samples"),
    Path("/usr/lib/sonic-pi/etc/samples"),
    Path("/opt/sonic-pi/etc/samples"),
    Path("/Applications/Sonic Pi.app/Contents/Resources/etc/samples"),
    Path("C:/Program Files/Sonic Pi/etc/samples"),
)
HYDROGEN_FOLDERS = (
    Path("~/.hydrogen/data/drumkits"),
    Path("~/.local/share/hydrogen/data/drumkits"),
    Path("/usr/share/hydrogen/data/drumkits"),
    Path("/usr/local/share/hydrogen/data/drumkits"),
    Path("/Applications/Hydrogen.app/Contents/Resources/data/drumkits"),
    Path("C:/Program Files/Hydrogen/data/drumkits"),
)
MOST_KITS = 500

_ONE_SHOTS = re.compile(r"(bd|sn|drum|elec|perc|hat|ride|tabla|mehackit|glitch|vinyl)_")
"""How Sonic Pi's one-shots for drums begin; the others are loops, chords and ambiences."""

_NO_ONE_SHOTS = frozenset({"drum_roll", "vinyl_hiss"})
_SONIC_PI_LICENCE = "CC0 (see the package's own list)"


@dataclass(frozen=True, slots=True)
class FoundLibrary:
    """A library of sounds on this machine.

    Args:
        name: that it is added by, such as `sonic-pi` or `hydrogen-gmrockkit`.
        title: what a person calls it.
        kind: of its files.
        folder: that it lies in.
        listing: its one-shots; of an instrument with layers for several velocities, the loudest.
        licence: what it says of it; None if it says nothing.
    """

    name: str
    title: str
    kind: Kind
    folder: Path
    listing: Listing
    licence: str | None = None


def find_libraries() -> tuple[FoundLibrary, ...]:
    """Return the free libraries of sounds that are installed on this machine; one that is broken has no files."""
    return (*_find_sonic_pi(), *_find_drumkits())


def find_named(name: str) -> tuple[FoundLibrary, ...]:
    """Return the library called `name`, or for `hydrogen` all drumkits of Hydrogen; none if there is none."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        return ()
    return tuple(library for library in find_libraries() if name in (library.name, library.kind))


def list_sounds(folder: Path, kind: Kind) -> Listing:
    """Return what could be recordings in `folder`, with their names.

    Raises:
        InvalidInput: it is a drumkit whose description can not be used.
        StorageError: it can not be read.
    """
    if kind == "folder":
        return name_files(folder, list_folder(folder))
    if kind == "sonic-pi":
        return _list_sonic_pi(folder)
    return _list_drumkit(folder, read_drumkit(folder / KIT_FILE))


def _find_sonic_pi() -> Iterator[FoundLibrary]:
    for folder in SONIC_PI_FOLDERS:
        try:
            listing = _list_sonic_pi(folder)
        except StorageError:
            continue
        if listing.files:  # one is enough: they all hold the same
            yield FoundLibrary("sonic-pi", "Sonic Pi", "sonic-pi", folder, listing, _SONIC_PI_LICENCE)
            return


def _list_sonic_pi(folder: Path) -> Listing:
    listing = list_folder(folder)
    return Listing(tuple(file for file in listing.files if _is_one_shot(file)), (), listing.warnings)


def _is_one_shot(file: ListedFile) -> bool:
    stem = file.path.rpartition(".")[0]
    return _ONE_SHOTS.match(stem) is not None and stem not in _NO_ONE_SHOTS


def _find_drumkits() -> Iterator[FoundLibrary]:
    taken: set[str] = set()
    for folder in _kit_folders():
        try:
            kit = read_drumkit(folder / KIT_FILE)
            listing, title, licence = _list_drumkit(folder, kit), kit.name, kit.licence
        except (InvalidInput, StorageError) as error:
            listing, title, licence = Listing((), (), (str(error),)), folder.name, None
        name = base = f"hydrogen-{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-') or 'kit'}"
        number = 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        yield FoundLibrary(name, f"{title} (Hydrogen)", "hydrogen", folder, listing, licence)


def _kit_folders() -> Iterator[Path]:
    """Yield the folders that hold a `drumkit.xml`, the user's own first."""
    count = 0
    for root in HYDROGEN_FOLDERS:
        try:
            folders = sorted(root.expanduser().iterdir())
        except (OSError, RuntimeError):  # not there, or no home to look into
            continue
        for folder in folders:
            if not folder.name.startswith(".") and (folder / KIT_FILE).is_file() and count < MOST_KITS:
                count += 1
                yield folder


def _list_drumkit(folder: Path, kit: DrumKit) -> Listing:
    """Return the loudest sample of each instrument that lies in the kit's own folder."""
    files: dict[str, ListedFile] = {}
    warnings: list[str] = []
    top = folder.resolve()
    for instrument in kit.instruments:
        sample = instrument.samples[-1]
        path = path_inside(sample)
        if path is None or not (folder / path).resolve().is_relative_to(top):
            warnings.append(f"{folder / KIT_FILE}: {instrument.name} was left out: {sample!r} leads out of the kit")
            continue
        try:  # instruments may share a sample, played at another pitch
            files.setdefault(path, listed_file(folder, path, instrument.name))
        except StorageError as error:
            warnings.append(f"{folder / KIT_FILE}: {instrument.name} was left out: {error}")
    return Listing(tuple(files.values()), (), tuple(warnings))
