"""Which models there are, shipped and the user's own, and which one of each kind is used.

A model is a folder with a card. The shipped model of a kind has the kind's name. The user's own lie in `models` of the
user's data folder, beside `chosen.json`, which says what is used instead of the shipped ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ghostnote.errors import GhostnoteError, InvalidInput, InvalidParameter, InvalidWeights, StorageError
from ghostnote.locations import data_dir
from ghostnote.models.checkpoint import bundled_folder, read_checkpoint
from ghostnote.storage import writing

KINDS = ("performer", "composer")
CHOICE_FORMAT = 1
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_CHOICE = "chosen.json"
Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class Model:
    """A model on this machine.

    Args:
        name: of its folder; that of its kind for a shipped one.
        kind: one of `KINDS`; None where its card can not be read.
        folder: where card and graphs lie.
        shipped: whether it came with the package.
        chosen: whether it is the one in use for its kind.
        problem: why it can not be used, as far as its card tells; None if nothing is known against it.
    """

    name: str
    kind: str | None
    folder: Path
    shipped: bool
    chosen: bool
    problem: str | None = None


def models_folder() -> Path:
    """Return the folder of the user's own models."""
    return data_dir() / "models"


def check_name(name: str) -> str:
    """Return `name` if a user's model may have it.

    Raises:
        InvalidParameter: it may not.
    """
    if name in KINDS:
        raise InvalidParameter(f"name must not be that of a shipped model; got {name!r}")
    if not _NAME.fullmatch(name):
        raise InvalidParameter(
            "name must be 1 to 64 small letters, digits, '-' and '_', with a letter or digit at both ends; "
            f"got {name[:80]!r}"
        )
    return name


def list_models() -> tuple[Model, ...]:
    """Return the shipped models, then the user's own by name; broken ones say what is wrong with them.

    Raises:
        StorageError: the user's folder can not be read.
    """
    shipped = [_shipped(kind) for kind in KINDS]
    try:
        names = sorted(path.name for path in models_folder().iterdir() if _NAME.fullmatch(path.name) and path.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        names = []
    except OSError as error:
        raise StorageError(f"the folder of models {models_folder()} can not be read: {error.strerror}") from error
    return (*shipped, *(_own(name) for name in names if name not in KINDS))


def find_model(name: str) -> Model:
    """Return the model called `name`.

    Raises:
        InvalidParameter: there is none.
    """
    if name in KINDS:
        return _shipped(name)
    if _NAME.fullmatch(name) and (models_folder() / name).is_dir():
        return _own(name)
    known = ", ".join(model.name for model in list_models())
    raise InvalidParameter(f"model must be one of {known}; got {name!r}. Your own lie in {models_folder()}")


def chosen_name(kind: str) -> str:
    """Return the name of the model in use for `kind`; the kind itself stands for the shipped one.

    Raises:
        InvalidInput: the file that holds the choice is damaged.
        InvalidParameter: no such kind.
        StorageError: that file can not be read.
    """
    return _read_choice().get(_check_kind(kind), kind)


def chosen_folder(kind: str) -> Path:
    """Return the folder of the model in use for `kind`.

    Raises:
        InvalidInput, InvalidParameter: as `chosen_name`.
        InvalidWeights: the chosen model is gone, or is one of another kind.
        StorageError: the choice can not be read.
    """
    name = chosen_name(kind)
    if name == kind:
        return bundled_folder(kind)
    folder = models_folder() / name
    if not folder.is_dir():
        raise InvalidWeights(f"the chosen {kind} {name!r} is no longer in {models_folder()}. {_way_back(kind)}")
    return folder


def load_chosen(kind: str, load: Callable[[Path], Loaded]) -> Loaded:
    """Return what `load` makes of the folder of the model in use for `kind`.

    Raises:
        InvalidInput, InvalidParameter, StorageError: as `chosen_folder`.
        InvalidWeights: the chosen model is gone or can not be used; says how to go back to the shipped one.
    """
    folder = chosen_folder(kind)
    try:
        return load(folder)
    except GhostnoteError as error:
        if folder == bundled_folder(kind):
            raise
        raise InvalidWeights(
            f"the chosen {kind} {folder.name!r} can not be used: {error}. {_way_back(kind)}"
        ) from error


def use_model(name: str) -> Model:
    """Use the model called `name` for its kind from now on, in this and every later process; return it.

    Raises:
        InvalidParameter: there is none.
        InvalidWeights, StorageError: it is broken, or the choice can not be written.
    """
    model = find_model(name)
    if model.kind is None:
        raise InvalidWeights(f"model {name!r} can not be used: {model.problem}")
    verify_model(model)
    try:
        choice = _read_choice()
    except InvalidInput:
        choice = {}  # a damaged file is mended by choosing
    choice[model.kind] = name
    kept = {kind: chosen for kind, chosen in choice.items() if chosen != kind}
    try:
        models_folder().mkdir(parents=True, exist_ok=True)
        with writing(models_folder() / _CHOICE, overwrite=True) as stream:
            stream.write(json.dumps({"format": CHOICE_FORMAT, **kept}, indent=2).encode() + b"\n")
    except OSError as error:
        raise StorageError(f"the choice can not be written to {models_folder()}: {error.strerror or error}") from error
    return find_model(name)


def read_card(model: Model) -> dict[str, Any]:
    """Return the card of `model`.

    Raises:
        InvalidWeights, StorageError: as `read_checkpoint`.
    """
    return read_checkpoint(model.folder).card


def verify_model(model: Model) -> tuple[str, ...]:
    """Return the names of the model's files, once each has the SHA-256 that its card states and its graphs are sound.

    Raises:
        InvalidWeights: a file is missing, changed, or a graph with numbers that are not finite.
        StorageError: the card can not be read.
    """
    checkpoint = read_checkpoint(model.folder)
    for name in checkpoint.card["files"]:
        if name.endswith(".onnx"):
            checkpoint.session(name)
        else:
            checkpoint.content(name)
    return tuple(checkpoint.card["files"])


def _shipped(kind: str) -> Model:
    return _with_card(kind, bundled_folder(kind), shipped=True)


def _own(name: str) -> Model:
    return _with_card(name, models_folder() / name, shipped=False)


def _with_card(name: str, folder: Path, *, shipped: bool) -> Model:
    try:
        card = read_checkpoint(folder).card
    except GhostnoteError as error:
        return Model(name, name if shipped else None, folder, shipped, False, str(error))
    kind = name if shipped else card.get("kind")
    if kind not in KINDS:
        problem = f"its card must say that it is a {' or a '.join(KINDS)}; got {kind!r}"
        return Model(name, None, folder, shipped, False, problem)
    return Model(name, kind, folder, shipped, _is_chosen(kind, name))


def _is_chosen(kind: str, name: str) -> bool:
    try:
        return chosen_name(kind) == name
    except InvalidInput:
        return False


def _check_kind(kind: str) -> str:
    if kind not in KINDS:
        raise InvalidParameter(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")
    return kind


def _read_choice() -> dict[str, str]:
    """Return kind → name of what was chosen; empty where nothing was."""
    path = models_folder() / _CHOICE
    try:
        choice = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        choice = None
    if not isinstance(choice, dict) or choice.pop("format", None) != CHOICE_FORMAT:
        raise InvalidInput(f"{path} must say which models are in use; it is damaged. {_way_back(KINDS[0])}")
    for kind, name in choice.items():
        if kind not in KINDS or not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidInput(
                f"{path} must give the name of a model for each of {', '.join(KINDS)}; got {kind!r}: {name!r}. "
                f"{_way_back(KINDS[0])}"
            )
    return dict(choice)


def _way_back(kind: str) -> str:
    return f"`ghostnote models use {kind}` goes back to the shipped one"
