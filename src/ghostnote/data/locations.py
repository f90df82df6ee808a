"""Where the dataset and what is computed from it are kept on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

HOME_VARIABLE = "GHOSTNOTE_HOME"


def data_dir() -> Path:
    """Return the folder for downloads: `GHOSTNOTE_HOME` where it is set, else the user's data folder."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) if home else Path(platformdirs.user_data_dir("ghostnote", appauthor=False))


def cache_dir() -> Path:
    """Return the folder for what can be computed again: `GHOSTNOTE_HOME/cache`, else the user's cache folder."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / "cache" if home else Path(platformdirs.user_cache_dir("ghostnote", appauthor=False))
