"""The original critic's process: nothing is learned twice, and a copy that fails stops nobody."""

import io
import json
from functools import partial

import pytest

pytest.importorskip("torch")

from ghostnote.training import deepdrummer_explorer, deepdrummer_service
from ghostnote.training.deepdrummer_explorer import DeepDrummerExplorer
from ghostnote.training.deepdrummer_network import DeepDrummerNetwork
from ghostnote.training.service import serve


class Learner:
    network = None

    def __init__(self, *_):
        self.learned = []

    def add(self, audio, *, liked):
        self.learned.append(liked)

    def learn(self):
        pass


@pytest.fixture
def explorer(monkeypatch):
    class Heard:
        audio = None

    monkeypatch.setattr(deepdrummer_explorer, "TasteLearner", Learner)
    monkeypatch.setattr(deepdrummer_explorer, "hear", lambda *_: Heard)
    return DeepDrummerExplorer(None, None)


def test_a_rating_is_learned_once_though_what_follows_it_fails(explorer):
    def fail(network):
        raise OSError("no space left on device")

    for liked, then in ((True, None), (False, fail), (True, None)):
        explorer.rate(None, liked, then)
    with pytest.raises(OSError, match="no space"):
        explorer.judge([])
    assert explorer.judge([]) == []
    assert explorer.learner.learned == [True, False, True]


def test_a_copy_that_can_not_be_written_blocks_nobody(tmp_path, capsys):
    (tmp_path / "file").write_text("no folder")
    deepdrummer_service._save(DeepDrummerNetwork(0), tmp_path / "file" / "copy.safetensors")
    assert "the network was not written to" in capsys.readouterr().err


def test_damaged_safetensors_are_an_answer():
    from safetensors import SafetensorError

    def fail(request):
        raise SafetensorError("header too large")

    answers = io.StringIO()
    serve(lambda _: partial(fail), io.StringIO('{"do": "begin"}\n{"do": "x"}\n'), answers)
    assert json.loads(answers.getvalue().splitlines()[1]) == {"error": "SafetensorError: header too large"}
