"""Names for what lies in a folder, from the drumkits and SFZ files that lie there too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.sounds.hydrogen import read_drumkit
from ghostnote.sounds.listing import Listing
from ghostnote.sounds.recordings import printable_name
from ghostnote.sounds.sfz import read_sfz

MOST_TOLD = 5
"""Missing samples of one file that are told by name."""


def name_files(folder: Path, listing: Listing) -> Listing:
    """Return `listing` with the names that drumkits and SFZ files in it give; what they lack is warned of.

    A sample that a kit or an SFZ file names counts only if it lies in `folder`: a path that leads out of it is refused.
    """
    # Many SFZ files were written where case does not count.
    paths = {file.path.lower(): file.path for file in listing.files}
    names: dict[str, str] = {}
    warnings = list(listing.warnings)
    for description in listing.descriptions:
        base = description.rpartition("/")[0]
        missing: list[str] = []
        try:
            for sample, label in _described(folder, description):
                path = path_inside(sample, base)
                found = None if path is None else paths.get(path.lower())
                if found is None:
                    missing.append(f"{sample} leads out of the folder" if path is None else f"{sample} is not there")
                elif label:
                    names.setdefault(found, label)
        except (InvalidInput, StorageError) as error:
            warnings.append(f"{error}; its sounds keep the names of their files")
        if missing := sorted(set(missing)):
            told = ", ".join(printable_name(text) for text in missing[:MOST_TOLD])
            more = f", and {len(missing) - MOST_TOLD} more" if len(missing) > MOST_TOLD else ""
            warnings.append(f"{folder / description} names samples that can not be used: {told}{more}")
    files = tuple(replace(file, name=_joined(names.get(file.path), file.path) or file.name) for file in listing.files)
    return replace(listing, files=files, warnings=tuple(warnings))


def path_inside(path: str, base: str = "") -> str | None:
    """Return `path`, seen from the folder `base`, without `.` and `..`; None where it leads out.

    Args:
        path: with `/` or `\\\\` between its parts.
        base: a path inside the folder that must not be left; empty for that folder itself.
    """
    path = path.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or "\0" in path:
        return None
    parts: list[str] = []
    for part in PurePosixPath(base, path).parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return None
    return "/".join(parts) or None


def _described(folder: Path, description: str) -> Iterator[tuple[str, str | None]]:
    """Yield the path, seen from the file `description`, and the name of each sample that it names."""
    path = folder / description
    if path.suffix.lower() == ".sfz":
        for region in read_sfz(path, folder):
            yield region.sample, region.label
    else:
        for instrument in read_drumkit(path).instruments:
            for sample in instrument.samples:
                yield sample, instrument.name


def _joined(label: str | None, path: str) -> str | None:
    """Return the label, with the file's own name where that says more."""
    if label is None:
        return None
    stem = PurePosixPath(path).stem
    return label if stem.lower() == label.lower() else printable_name(f"{label} ({stem})")
