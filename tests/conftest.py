from collections.abc import Iterator

import pytest
from hypothesis import settings

# A busy machine must not fail a test; speed is measured in bench/.
settings.register_profile("ghostnote", deadline=None)
settings.load_profile("ghostnote")


@pytest.fixture(autouse=True, scope="session")
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees, or leaves anything in, the folders of whoever runs it: their models, maps and caches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GHOSTNOTE_HOME", str(tmp_path_factory.mktemp("home")))
        yield
