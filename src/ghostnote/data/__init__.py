"""The Groove MIDI Dataset: fetched, checked, parsed once, cut into windows. See docs/dataset.md."""

from ghostnote.data.archive import GROOVE, Published, check_archive, find_archive
from ghostnote.data.download import fetch
from ghostnote.data.loading import load_performances
from ghostnote.data.performances import SPLITS, STYLES, Performance
from ghostnote.data.windows import (
    WindowIndex,
    count_bars,
    cut_windows,
    groove_of,
    index_windows,
    iterate_batches,
    load_windows,
    windows_of,
)
from ghostnote.locations import cache_dir, data_dir

__all__ = [
    "GROOVE",
    "SPLITS",
    "STYLES",
    "Performance",
    "Published",
    "WindowIndex",
    "cache_dir",
    "check_archive",
    "count_bars",
    "cut_windows",
    "data_dir",
    "fetch",
    "find_archive",
    "groove_of",
    "index_windows",
    "iterate_batches",
    "load_performances",
    "load_windows",
    "windows_of",
]
