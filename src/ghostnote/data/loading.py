"""The recordings of the archive, from the cache where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable

from ghostnote.data.archive import GROOVE, Published, check_archive, find_archive
from ghostnote.data.cache import read_cache, write_cache
from ghostnote.data.performances import SPLITS, Performance
from ghostnote.data.reading import read_performances
from ghostnote.errors import InvalidParameter


def load_performances(
    split: str | None = None,
    *,
    archive: str | os.PathLike[str] | None = None,
    metre: str | None = None,
    published: Published | None = GROOVE,
    cache: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> list[Performance]:
    """Return the recordings of the dataset, in the order of its list.

    The first call reads every MIDI file, later ones a cache in the user's cache folder.

    Args:
        split: `train`, `validation` or `test`; None for all.
        archive: where it lies; see `find_archive`.
        metre: only recordings in this metre, such as `4-4`; None for all.
        published: what the archive must be; None accepts any that is laid out alike.
        cache: whether the cache may be read and written.
        progress: called with files read and files in all, while the archive is read.

    Raises:
        InvalidArchive: the archive is not the published one, or damaged.
        InvalidParameter: no such split.
        StorageError: there is no archive, or it can not be read.
    """
    if split is not None and split not in SPLITS:
        raise InvalidParameter(f"split must be one of {', '.join(SPLITS)}; got {split!r}")
    path = find_archive(archive)
    digest = check_archive(path, published=published)
    performances = read_cache(digest) if cache else None
    if performances is None:
        performances = read_performances(path, progress=progress)
        if cache:
            write_cache(digest, performances)
    return [p for p in performances if split in (None, p.split) and metre in (None, p.metre)]
