import json
import shutil

import pytest

from ghostnote.errors import InvalidWeights, StorageError
from ghostnote.models.checkpoint import bundled_folder, read_checkpoint


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(bundled_folder("performer"), tmp_path / "performer")


MODELS = pytest.mark.parametrize("name", ["performer", "composer"])


@MODELS
def test_shipped_weights_match_their_card(name):
    checkpoint = read_checkpoint(bundled_folder(name))
    for file in checkpoint.card["files"]:
        assert checkpoint.content(file)
        if file.endswith(".onnx"):
            assert checkpoint.session(file).get_inputs()


def test_all_shipped_weights_are_small_enough():
    folders = [bundled_folder(name) for name in ("performer", "composer")]
    assert sum(path.stat().st_size for folder in folders for path in folder.iterdir()) <= 25 * 2**20


@MODELS
def test_card_states_where_the_weights_come_from(name):
    card = read_checkpoint(bundled_folder(name)).card
    assert "CC BY 4.0" in card["attribution"]
    assert card["recipe"]["seed"] == 0
    assert {"architecture", "data", "license", "recipe", "validation", "sampling", "training", "unfair"} <= set(card)


def test_changed_weights_are_refused(copy):
    graph = copy / "player.onnx"
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content)
    with pytest.raises(InvalidWeights, match="must have SHA-256"):
        read_checkpoint(copy).session("player.onnx")


def test_missing_weights_are_named(copy):
    (copy / "reader.onnx").unlink()
    with pytest.raises(InvalidWeights, match=r"reader\.onnx of model 'performer' can not be read"):
        read_checkpoint(copy).session("reader.onnx")


def test_bytes_that_are_no_graph_are_refused(copy):
    import hashlib

    (copy / "reader.onnx").write_bytes(b"not a graph")
    card = json.loads((copy / "card.json").read_text())
    card["files"]["reader.onnx"]["sha256"] = hashlib.sha256(b"not a graph").hexdigest()
    (copy / "card.json").write_text(json.dumps(card))
    with pytest.raises(InvalidWeights, match="must be an ONNX graph"):
        read_checkpoint(copy).session("reader.onnx")


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99, "files": {}}', '{"format": 1}'])
def test_strange_cards_are_refused(copy, text):
    (copy / "card.json").write_text(text)
    with pytest.raises(InvalidWeights, match="model card"):
        read_checkpoint(copy)


def test_missing_card_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match=r"model card card\.json"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize("name", ["styles", "units", "sampling"])
def test_card_without_a_field_is_refused(copy, name):
    from ghostnote.models.performer import Performer

    card = json.loads((copy / "card.json").read_text())
    del card[name]
    (copy / "card.json").write_text(json.dumps(card))
    with pytest.raises(InvalidWeights, match=f"must say {name}"):
        Performer(read_checkpoint(copy))
