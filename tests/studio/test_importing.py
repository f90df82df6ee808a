"""Session files that come from elsewhere; what is refused is tested through the route, in `routes/test_sessions.py`."""

from pathlib import Path

import pytest

from ghostnote.explore.session import Session
from ghostnote.studio.importing import check_schema


@pytest.mark.parametrize("name", ["a#b", "a?mode=rw", "50%25", "a b"])
def test_a_home_of_any_name_will_do(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / name
    home.mkdir()
    Session.open(home / "a.ghostnote")
    check_schema(home / "a.ghostnote")
    monkeypatch.chdir(home)
    check_schema(Path("a.ghostnote"))
