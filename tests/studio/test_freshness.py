"""The tag of sounds follows the code that makes them."""

import shutil
from pathlib import Path

import pytest

import ghostnote
from ghostnote.studio.freshness import version_of_sounds


def test_the_version_of_sounds_follows_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "ghostnote"
    shutil.copytree(Path(ghostnote.__file__).parent / "sounds", package / "sounds")
    (package / "__init__.py").touch()
    monkeypatch.setattr(ghostnote, "__file__", str(package / "__init__.py"))

    def now() -> str:
        return version_of_sounds.__wrapped__()

    first = now()
    assert now() == first
    (package / "notes.txt").write_text("no code")
    assert now() == first
    synthesis = package / "sounds" / "families.py"
    synthesis.write_text(synthesis.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert now() != first
