"""A training becomes a model of the user's: graphs, weights and a card in the folder of models, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from ghostnote.data import STYLES
from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.models.checkpoint import read_checkpoint
from ghostnote.models.registry import check_name, find_model, models_folder, verify_model
from ghostnote.storage import writing
from ghostnote.training.composer import ComposerNetwork
from ghostnote.training.export import export_composer, export_performer
from ghostnote.training.products import Material, Start, Trained
from ghostnote.training.runs import device

IDENTITY = "identity.json"
_ACCOUNTED = ("steps", "seconds", "train")  # of a log's row, what is no measure of quality


def check_new_model(name: str, *, force: bool) -> None:
    """Raise unless a model may be written under `name`; called before any work is done.

    Raises:
        InvalidParameter: a model may not have that name.
        StorageError: there is one already, and `force` is false.
    """
    if (models_folder() / check_name(name)).exists() and not force:
        raise StorageError(
            f"there is a model {name!r} in {models_folder()} already; choose another name or use --force"
        )


def claim_run(folder: Path, identity: Mapping[str, Any]) -> None:
    """Write into the folder of a run what it trains; if it was begun before, check that it was the same.

    Raises:
        InvalidParameter: the folder holds a training of something else, which it can not go on from.
        StorageError: the folder can not be read or written.
    """
    path = folder / IDENTITY
    text = json.dumps(identity, indent=2, sort_keys=True) + "\n"
    try:
        if (folder / "state.safetensors").exists():
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                raise InvalidParameter(
                    f"{folder} must be empty or hold an interrupted training of the same data and settings; it holds "
                    "another one. Choose another --name or --out, or remove it"
                )
            return
        folder.mkdir(parents=True, exist_ok=True)
        with writing(path, overwrite=True) as stream:
            stream.write(text.encode())
    except OSError as error:
        raise StorageError(f"the run's folder {folder} can not be used: {error.strerror or error}") from error


def install_model(kind: str, name: str, trained: Trained, material: Material, start: Start | None) -> Path:
    """Write a trained model as the user's model `name`, in place of one that has that name, and return its folder.

    Raises:
        InvalidWeights: what was written can not be used; nothing is replaced then.
        StorageError: writing failed.
    """
    target = models_folder() / check_name(name)
    partial, old = (target.with_name(f".{name}.{suffix}") for suffix in ("partial", "old"))
    try:
        for left_over in (partial, old):
            shutil.rmtree(left_over, ignore_errors=True)
        partial.mkdir(parents=True)
        card = card_of(kind, name, trained, material, start)
        if isinstance(trained.network, ComposerNetwork):
            export_composer(trained.network, partial, styles=STYLES, card=card)
        else:
            export_performer(trained.network, partial, styles=STYLES, card=card)
        if start is not None:
            _inherit(partial, start)
        _check(kind, partial)
        if target.exists():
            target.replace(old)
        partial.replace(target)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"the model can not be written to {target}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    verify_model(find_model(name))
    return target


def card_of(kind: str, name: str, trained: Trained, material: Material, start: Start | None) -> dict[str, Any]:
    """Return the card of a trained model; the export adds what it writes."""
    parent = None if start is None else start.card
    first = trained.rows[0] if trained.rows and trained.rows[0]["epoch"] == 0 else None
    last = trained.rows[-1]
    attribution = [material.attribution] + ([] if parent is None else [f"Parent: {parent['attribution']}"])
    return {
        "name": name,
        "kind": kind,
        "license": material.licence if parent is None else f"{material.licence}; parent: {parent['license']}",
        "attribution": " ".join(attribution),
        "architecture": {
            **trained.sizes,
            "weights": sum(parameter.numel() for parameter in trained.network.parameters()),
        },
        "data": dict(material.account),
        "recipe": dict(trained.recipe),
        "seed": trained.recipe["seed"],
        "parent": None if start is None else {"name": start.card["name"], "sha256": start.sha256},
        "training": {"steps": last["steps"], "minutes": round(last["seconds"] / 60), "hardware": _hardware()},
        "validation": _measures(trained.best),
        "validation_of_parent": None if first is None else _measures(first),
        "sampling": {"temperature": 1.0} if parent is None else {"temperature": parent["sampling"]["temperature"]},
        "unfair": "Evaluations on the files that it was trained on, or chosen by.",
    }


def _inherit(folder: Path, start: Start) -> None:
    """Copy graphs of the parent that were not trained anew, with what its card says of them: its sense of feel.

    They read what the parent's other graphs say, which a short training at a small rate changes but little.
    """
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    for file in start.card["files"]:
        if file not in card["files"]:
            content = (start.folder / file).read_bytes()
            (folder / file).write_bytes(content)
            card["files"][file] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    if "feel" in start.card:
        card["feel"] = start.card["feel"]
    (folder / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _check(kind: str, folder: Path) -> None:
    """Raise unless the model in `folder` loads."""
    from ghostnote.models.composer import Composer
    from ghostnote.models.performer import Performer

    load: Callable[..., object] = Performer if kind == "performer" else Composer
    load(read_checkpoint(folder))


def _measures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _ACCOUNTED}


def _hardware() -> str:
    if device().type == "cuda":
        return str(torch.cuda.get_device_name())
    return f"processor, {torch.get_num_threads()} thread(s) of {os.cpu_count()} cores"
