import hashlib
import json
import shutil

import numpy as np
import pytest

from ghostnote.errors import InvalidInput, InvalidParameter, InvalidWeights, StorageError
from ghostnote.models import load_performer
from ghostnote.models.checkpoint import bundled_folder
from ghostnote.models.composer import load_composer
from ghostnote.models.registry import (
    check_name,
    chosen_folder,
    chosen_name,
    find_model,
    list_models,
    load_chosen,
    models_folder,
    read_card,
    use_model,
    verify_model,
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def mine():
    return own_model("mine")


def own_model(name, **changes):
    """A performer of the user's own: the shipped one under another name, with temperature 0.5."""
    folder = models_folder() / name
    shutil.copytree(bundled_folder("performer"), folder)
    change_card(folder, **{"name": name, "kind": "performer", "sampling": {"temperature": 0.5}, **changes})
    return folder


def change_card(folder, **changes):
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **changes}))


def test_at_first_the_shipped_models_are_in_use():
    assert [model.name for model in list_models() if model.chosen] == ["performer", "composer"]
    assert chosen_folder("performer") == bundled_folder("performer")
    assert not models_folder().exists()


def test_own_models_are_listed_after_the_shipped_ones(mine):
    own_model("another")
    assert [model.name for model in list_models()] == ["performer", "composer", "another", "mine"]
    assert not find_model("mine").shipped


def test_what_is_chosen_is_what_loads(mine):
    assert load_performer().card["name"] == "performer"
    used = use_model("mine")
    assert used.chosen
    assert not find_model("performer").chosen
    assert chosen_folder("performer") == mine
    assert load_performer().card["name"] == "mine"
    assert chosen_name("composer") == "composer"
    assert load_performer(bundled_folder("performer")).card["name"] == "performer"


def test_composers_are_chosen_apart_from_performers(mine):
    other = models_folder() / "other"
    shutil.copytree(bundled_folder("composer"), other)
    change_card(other, name="other", kind="composer")
    use_model("mine")
    use_model("other")
    assert (load_composer().card["name"], load_performer().card["name"]) == ("other", "mine")
    use_model("composer")
    assert (load_composer().card["name"], load_performer().card["name"]) == ("composer", "mine")


def test_the_name_of_the_kind_goes_back_to_the_shipped_model(mine):
    use_model("mine")
    assert use_model("performer").chosen
    assert load_performer().card["name"] == "performer"


def test_humanize_plays_with_the_chosen_model(mine):
    from ghostnote import humanize, read_midi
    from ghostnote.demos import demo_path

    track = read_midi(demo_path("funk"))
    shipped = humanize(track).notes
    use_model("mine")
    assert humanize(track).notes != shipped


def test_a_chosen_model_that_is_gone_says_how_to_go_back(mine):
    use_model("mine")
    shutil.rmtree(mine)
    with pytest.raises(InvalidWeights, match=r"'mine' is no longer in .*`ghostnote models use performer` goes back"):
        load_performer()
    use_model("performer")
    assert load_performer().card["name"] == "performer"


def test_a_chosen_model_that_is_damaged_says_how_to_go_back(mine):
    use_model("mine")
    (mine / "player.onnx").write_bytes(b"damaged")
    with pytest.raises(InvalidWeights, match=r"'mine' can not be used: .*SHA-256.*`ghostnote models use performer`"):
        load_performer()


def test_a_shipped_model_that_is_damaged_does_not_offer_itself():
    def fail(folder):
        raise InvalidWeights("damaged")

    with pytest.raises(InvalidWeights, match=r"^damaged$"):
        load_chosen("composer", fail)


def test_nan_among_the_weights_is_refused(mine):
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(mine / "player.onnx")
    for place, weights in enumerate(graph.graph.initializer):
        if "offset_head.bias" in weights.name:
            poisoned = np.full_like(numpy_helper.to_array(weights), np.nan)
            graph.graph.initializer[place].CopyFrom(numpy_helper.from_array(poisoned, weights.name))
    content = graph.SerializeToString()
    (mine / "player.onnx").write_bytes(content)
    files = read_card(find_model("mine"))["files"]
    files["player.onnx"] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    change_card(mine, files=files)
    with pytest.raises(InvalidWeights, match=r"numbers in player\.onnx of model 'mine' must be finite"):
        load_performer(mine)
    with pytest.raises(InvalidWeights, match="must be finite"):
        use_model("mine")
    assert chosen_name("performer") == "performer"


def test_a_broken_model_can_not_be_chosen(mine):
    (mine / "reader.onnx").unlink()
    with pytest.raises(InvalidWeights, match=r"reader\.onnx of model 'mine' can not be read"):
        use_model("mine")
    (mine / "card.json").write_text("{")
    with pytest.raises(InvalidWeights, match="model card"):
        use_model("mine")


def test_broken_models_are_listed_with_what_is_wrong(mine):
    (mine / "card.json").unlink()
    own_model("strange", kind="drummer")
    broken, strange = list_models()[2:]
    assert (broken.kind, strange.kind) == (None, None)
    assert "card.json" in broken.problem
    assert "performer or a composer; got 'drummer'" in strange.problem


def test_files_of_a_card_must_lie_beside_it(mine):
    change_card(mine, files={"../../secret": {"sha256": "0" * 64}})
    with pytest.raises(InvalidWeights, match="must lie beside its card"):
        verify_model(find_model("mine"))


def test_unknown_names_get_a_list():
    with pytest.raises(InvalidParameter, match="model must be one of performer, composer; got 'theirs'"):
        find_model("theirs")
    with pytest.raises(InvalidParameter, match="kind must be one of"):
        chosen_folder("bassist")


@pytest.mark.parametrize("name", ["../mine", "", ".", "..", "a/b", "a" * 65, "chosen.json", "-a", "Ä", "performer"])
def test_names_that_can_not_be(name):
    with pytest.raises(InvalidParameter, match="name must"):
        check_name(name)


@pytest.mark.parametrize("name", ["mine", "my-style_2", "a", "9"])
def test_names_that_can_be(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": 2}', '{"format": 1, "performer": "../x"}', '{"format": 1, "x": 1}']
)
def test_a_damaged_choice_says_so_and_is_mended_by_choosing(text):
    models_folder().mkdir()
    (models_folder() / "chosen.json").write_text(text)
    with pytest.raises(InvalidInput, match=r"chosen\.json .*`ghostnote models use performer` goes back"):
        load_performer()
    assert list_models()
    use_model("performer")
    assert load_performer().card["name"] == "performer"


def test_a_choice_that_can_not_be_read_is_a_storage_error():
    (models_folder() / "chosen.json").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"chosen\.json can not be read"):
        chosen_name("performer")


def test_verifying_reads_every_file(mine):
    assert set(verify_model(find_model("mine"))) >= {"reader.onnx", "player.onnx"}
    with (mine / "reader.onnx").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(InvalidWeights, match=r"reader\.onnx of model 'mine' must have SHA-256"):
        verify_model(find_model("mine"))
