from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from ghostnote.locations import cache_dir, data_dir


def test_home_variable_moves_data_and_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path))
    assert data_dir() == tmp_path
    assert cache_dir() == tmp_path / "cache"


def test_user_folders_without_home_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GHOSTNOTE_HOME", raising=False)
    assert data_dir() == Path(platformdirs.user_data_dir("ghostnote", appauthor=False))
    assert cache_dir() == Path(platformdirs.user_cache_dir("ghostnote", appauthor=False))
    assert data_dir() != cache_dir()
