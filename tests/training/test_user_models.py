import json
import shutil

import pytest
import torch
from beats import SMALL_COMPOSER, SMALL_PERFORMER, track

from ghostnote.errors import InvalidParameter, InvalidWeights, StorageError
from ghostnote.midi import write_midi
from ghostnote.models import load_performer, read_checkpoint
from ghostnote.models.registry import find_model, list_models, models_folder, use_model, verify_model
from ghostnote.training.composer import ComposerNetwork
from ghostnote.training.export import export_performer
from ghostnote.training.own_data import read_own_data
from ghostnote.training.performer import PerformerNetwork
from ghostnote.training.products import Start, Trained, own_material
from ghostnote.training.user_models import check_new_model, claim_run, install_model


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beats")
    for seed in range(4):
        write_midi(track(seed), folder / f"{seed}.mid")
    return own_material(read_own_data(folder))


def trained(kind="performer", before=None):
    """A model as if it had been trained: epoch 1 was the best."""
    torch.manual_seed(0)
    network = PerformerNetwork(SMALL_PERFORMER) if kind == "performer" else ComposerNetwork(SMALL_COMPOSER)
    rows = [{"epoch": 0, "steps": 0, "seconds": 0, "velocity_nats": before}] if before else []
    rows += [
        {"epoch": 1, "steps": 5, "seconds": 100, "train": [3.0], "velocity_nats": 3.5},
        {"epoch": 2, "steps": 10, "seconds": 200, "train": [2.0], "velocity_nats": 3.75},
    ]
    return Trained(network.eval(), vars(network.config), {"seed": 7, "epochs": 2}, rows)


@pytest.fixture
def start(tmp_path):
    """A parent with a sense of feel, as the shipped performer has."""
    folder = tmp_path / "parent"
    torch.manual_seed(1)
    card = {"sampling": {"temperature": 0.85}, "feel": {"latent_units": 4}}
    export_performer(PerformerNetwork(SMALL_PERFORMER), folder, styles=("rock",), card=card)
    (folder / "tint.onnx").write_bytes((folder / "reader.onnx").read_bytes())
    read = json.loads((folder / "card.json").read_text())
    read["files"]["tint.onnx"] = read["files"]["reader.onnx"]
    (folder / "card.json").write_text(json.dumps(read))
    weights = read["files"]["weights.safetensors"]["sha256"]
    return Start(folder / "weights.safetensors", weights, read, folder)


@pytest.mark.parametrize("kind", ["performer", "composer"])
def test_a_trained_model_can_be_used(kind, material):
    folder = install_model(kind, "mine", trained(kind), material, None)
    assert folder == models_folder() / "mine"
    model = find_model("mine")
    assert model.kind == kind
    assert "weights.safetensors" in verify_model(model)
    assert use_model("mine").chosen
    assert [path.name for path in models_folder().iterdir() if path.is_dir()] == ["mine"]
    if kind == "performer":
        assert load_performer().card["name"] == "mine"


def test_the_card_says_what_it_was_made_of(material):
    card = read_checkpoint(install_model("performer", "mine", trained(), material, None)).card
    assert card["data"]["files"] == 4 - card["data"]["held_out_files"]
    assert card["data"]["bars"] == 4 * card["data"]["files"]
    assert card["data"]["notes"] > 0
    assert (card["seed"], card["recipe"]["epochs"], card["parent"]) == (7, 2, None)
    assert card["validation"] == {"epoch": 1, "velocity_nats": 3.5}
    assert card["training"]["steps"] == 10
    assert "user's own" in card["license"]
    assert "Groove MIDI Dataset" not in card["attribution"]
    assert ".mid" not in json.dumps(card)


def test_a_model_that_went_on_from_another_says_so(material, start):
    card = read_checkpoint(install_model("performer", "mine", trained(before=4.0), material, start)).card
    assert card["parent"] == {"name": "performer", "sha256": start.sha256}
    assert card["validation_of_parent"] == {"epoch": 0, "velocity_nats": 4.0}
    assert "CC BY 4.0" in card["attribution"]
    assert card["sampling"]["temperature"] == 0.85


def test_what_was_not_trained_anew_is_the_parents(material, start):
    folder = install_model("performer", "mine", trained(), material, start)
    assert (folder / "tint.onnx").read_bytes() == (start.folder / "tint.onnx").read_bytes()
    assert (folder / "reader.onnx").read_bytes() != (start.folder / "reader.onnx").read_bytes()
    assert load_performer(folder).feel_units == 4


def test_a_model_from_scratch_has_no_sense_of_feel_and_says_so(material):
    performer = load_performer(install_model("performer", "mine", trained(), material, None))
    with pytest.raises(InvalidWeights, match="learned to play with a given feel for this; 'mine' has not"):
        performer.feel_units  # noqa: B018


def test_a_model_is_replaced_whole(material):
    folder = install_model("performer", "mine", trained(), material, None)
    (folder / "left-over").write_text("x")
    install_model("performer", "mine", trained(before=4.0), material, None)
    assert not (folder / "left-over").exists()
    assert read_checkpoint(folder).card["validation_of_parent"]["epoch"] == 0


def test_a_model_with_nan_replaces_nothing(material):
    folder = install_model("performer", "mine", trained(), material, None)
    before = (folder / "card.json").read_bytes()
    broken = trained()
    with torch.no_grad():
        broken.network.velocity_head.bias[3] = float("nan")
    with pytest.raises(InvalidWeights, match="must be finite"):
        install_model("performer", "mine", broken, material, None)
    assert (folder / "card.json").read_bytes() == before
    assert [path.name for path in models_folder().iterdir()] == ["mine"]


def test_names_are_checked_before_any_work(material):
    with pytest.raises(InvalidParameter, match="must not be that of a shipped model"):
        check_new_model("performer", force=True)
    check_new_model("mine", force=False)
    install_model("performer", "mine", trained(), material, None)
    with pytest.raises(StorageError, match="choose another name or use --force"):
        check_new_model("mine", force=False)
    check_new_model("mine", force=True)


def test_left_overs_of_a_crash_are_not_listed(material):
    folder = install_model("performer", "mine", trained(), material, None)
    shutil.copytree(folder, models_folder() / ".mine.partial")
    assert [model.name for model in list_models() if not model.shipped] == ["mine"]


def test_a_run_goes_on_only_with_what_it_was_begun_with(tmp_path):
    run = tmp_path / "runs" / "mine"
    claim_run(run, {"data": "a", "seed": 0})
    claim_run(run, {"data": "b", "seed": 0})  # nothing was trained yet
    (run / "state.safetensors").touch()
    claim_run(run, {"seed": 0, "data": "b"})
    with pytest.raises(InvalidParameter, match="it holds another one"):
        claim_run(run, {"data": "c", "seed": 0})
    (run / "identity.json").unlink()
    with pytest.raises(InvalidParameter, match="it holds another one"):
        claim_run(run, {"data": "b", "seed": 0})


def test_a_run_that_can_not_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="can not be used"):
        claim_run(tmp_path / "file" / "run", {})
