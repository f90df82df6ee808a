from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test, so that none reads or leaves anything in the user's folders."""
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GHOSTNOTE_GMD_ARCHIVE", raising=False)
    return tmp_path / "home"
