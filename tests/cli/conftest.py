import io
import sys

import pytest

from ghostnote.cli import ghostnote
from ghostnote.cli.shell import Shell


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    """The command line in an empty folder: arguments in, exit code and both streams out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "home"))

    def run(*arguments, stdin: bytes | None = None):
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            Shell(ghostnote).run([str(a) for a in arguments])
        return Result(ended.value.code, *capfd.readouterr())

    return run
