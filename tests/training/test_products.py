from dataclasses import replace

import pytest
import torch
from beats import SMALL_COMPOSER, SMALL_PERFORMER, examples, songs

from ghostnote.errors import InvalidWeights
from ghostnote.models.checkpoint import bundled_folder, read_checkpoint
from ghostnote.training import products
from ghostnote.training.composer import ComposerNetwork
from ghostnote.training.performer import PerformerNetwork
from ghostnote.training.products import (
    Material,
    Piece,
    Start,
    composer_recipe,
    performer_recipe,
    shipped_start,
    songs_of,
    train_product,
)
from ghostnote.training.runs import read_weights, write_weights
from ghostnote.training.train_composer import ComposerRecipe
from ghostnote.training.train_performer import PerformerRecipe

NETWORKS = {"performer": PerformerNetwork, "composer": ComposerNetwork}
SIZES = {"performer": SMALL_PERFORMER, "composer": SMALL_COMPOSER}


def material(train=6, *, own=True):
    parts = ([Piece(example, 0) for example in examples(*args)] for args in ((train, 0), (2, 90)))
    return Material(*map(tuple, parts), account={}, licence="", attribution="", own=own)


@pytest.mark.parametrize(("recipe", "usual"), [(performer_recipe, PerformerRecipe), (composer_recipe, ComposerRecipe)])
def test_recipes(recipe, usual):
    dataset = material(own=False)
    assert recipe(dataset, seed=3, epochs=None, fine_tune=False) == usual(seed=3)
    scratch = recipe(material(), seed=0, epochs=None, fine_tune=False)
    fine = recipe(material(), seed=0, epochs=None, fine_tune=True)
    assert fine.learning_rate < scratch.learning_rate == usual().learning_rate
    assert 4 <= fine.epochs <= scratch.epochs <= 150
    assert recipe(material(), seed=0, epochs=2, fine_tune=True).epochs == 2


def test_more_files_get_fewer_epochs():
    few, many = (performer_recipe(material(n), seed=0, epochs=None, fine_tune=True).epochs for n in (3, 200))
    assert few > many


@pytest.mark.parametrize("kind", ["performer", "composer"])
def test_a_product_goes_on_from_given_weights_in_half_precision(kind, tmp_path):
    torch.manual_seed(4)
    network = NETWORKS[kind](SIZES[kind])
    path = tmp_path / "weights.safetensors"
    write_weights(network.half(), path)
    start = Start(
        path, "0" * 64, {"architecture": {**vars(SIZES[kind]), "weights": 1, "description": "small"}}, tmp_path
    )
    trained = train_product(kind, material(), tmp_path / "run", epochs=2, start=start)
    assert [row["epoch"] for row in trained.rows] == [0, 1, 2]
    assert trained.sizes == vars(SIZES[kind])
    assert trained.recipe["epochs"] == 2
    assert trained.best in trained.rows


def test_the_best_epoch_is_that_with_the_fewest_nats():
    rows = [{"epoch": i, "steps": i, "a_nats": a, "b_nats": 1.0, "mae": -a} for i, a in enumerate([3.0, 2.0, 2.5])]
    assert products.Trained(torch.nn.Identity(), {}, {}, rows).best["epoch"] == 1


def test_composer_hears_the_same_beat_as_the_performer():
    piece = Piece(examples(1)[0], 2)
    song = songs_of(piece)
    assert song.on_16ths is song.fitted
    assert (song.on_16ths.style, song.on_16ths.kind) == (1, 2)
    assert (song.on_16ths.groove == songs(1)[0].on_16ths.groove).all()
    triplets = replace(piece.example, fitted=examples(1, 5)[0].on_16ths)
    apart = songs_of(Piece(triplets, 2))
    assert apart.on_16ths is not apart.fitted


@pytest.mark.parametrize("kind", ["performer", "composer"])
def test_shipped_weights_fit_the_network_of_their_card(kind):
    start = shipped_start(kind)
    assert start is not None
    network = NETWORKS[kind](products._sizes(start, type(SIZES[kind])))
    read_weights(network, start.path)
    assert all(parameter.isfinite().all() for parameter in network.parameters())


def test_shipped_weights_that_were_changed_are_refused(tmp_path, monkeypatch):
    import shutil

    folder = tmp_path / "performer"
    shutil.copytree(bundled_folder("performer"), folder)
    with (folder / "weights.safetensors").open("ab") as stream:
        stream.write(b"x")
    monkeypatch.setattr(products, "bundled_folder", lambda kind: folder)
    with pytest.raises(InvalidWeights, match=r"weights\.safetensors .* must have SHA-256"):
        shipped_start("performer")


def test_an_installation_without_weights_to_go_on_from(tmp_path, monkeypatch):
    import json
    import shutil

    folder = tmp_path / "performer"
    shutil.copytree(bundled_folder("performer"), folder)
    card = read_checkpoint(folder).card
    del card["files"]["weights.safetensors"]
    (folder / "card.json").write_text(json.dumps(card))
    monkeypatch.setattr(products, "bundled_folder", lambda kind: folder)
    assert shipped_start("performer") is None
