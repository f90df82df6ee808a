from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from ghostnote.data import cache_dir, data_dir


def test_home_variable_moves_data_and_cache(home: Path) -> None:
    assert data_dir() == home
    assert cache_dir() == home / "cache"


def test_user_folders_without_home_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GHOSTNOTE_HOME")
    assert data_dir() == Path(platformdirs.user_data_dir("ghostnote", appauthor=False))
    assert cache_dir() == Path(platformdirs.user_cache_dir("ghostnote", appauthor=False))
    assert data_dir() != cache_dir()
