"""Where Ghostnote keeps what is the user's on this machine: downloads, models, and what can be computed again."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "GHOSTNOTE_HOME"


def data_dir() -> Path:
    """Return the folder for downloads and models: `GHOSTNOTE_HOME` where it is set, else the user's data folder."""
    if home := os.environ.get(HOME_VARIABLE):
        return Path(home)
    from platformdirs import user_data_dir  # costs start-up time that few calls need

    return Path(user_data_dir("ghostnote", appauthor=False))


def cache_dir() -> Path:
    """Return the folder for what can be computed again: `GHOSTNOTE_HOME/cache`, else the user's cache folder."""
    if home := os.environ.get(HOME_VARIABLE):
        return Path(home) / "cache"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("ghostnote", appauthor=False))
