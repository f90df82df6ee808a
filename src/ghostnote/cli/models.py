"""`ghostnote models`: which models there are, what is known of them, and which ones are in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from ghostnote.cli.options import JSON
from ghostnote.cli.shell import print_json, say
from ghostnote.errors import InvalidWeights
from ghostnote.models.registry import (
    KINDS,
    Model,
    chosen_name,
    find_model,
    list_models,
    models_folder,
    read_card,
    use_model,
    verify_model,
)


def _complete_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    return [model.name for model in list_models() if model.name.startswith(incomplete)]


NAME = click.argument("name", metavar="NAME", shell_complete=_complete_names)


@click.group()
def command() -> None:
    """List the models, tell about one, choose which are used."""


@command.command("list", epilog="In Python: ghostnote.models.registry.list_models()")
@JSON
def list_command(as_json: bool) -> None:
    """List the shipped models and your own; a star marks those in use."""
    models = list_models()
    if as_json:
        print_json([_row(model) for model in models])
        return
    width = max(len(model.name) for model in models)
    for model in models:
        origin = "shipped" if model.shipped else "your own"
        click.echo(f"{'*' if model.chosen else ' '} {model.name:<{width}}  {model.kind or '?':<9}  {origin}")
        if model.problem:
            say(f"warning: {model.name} can not be used: {model.problem}")
    say(f"Your own models lie in {models_folder()}")
    for kind in KINDS:
        chosen_name(kind)  # raises where the choice is damaged, with what to do


@command.command("info", epilog="In Python: ghostnote.models.registry.read_card(model)")
@NAME
@JSON
def info_command(name: str, as_json: bool) -> None:
    """Tell where model NAME comes from and how good it is, and check its files."""
    model = find_model(name)
    card = read_card(model)
    try:
        verify_model(model)
        fault = None
    except InvalidWeights as error:
        fault = error
    if as_json:
        print_json({**_row(model), "verified": fault is None, "card": card})
    else:
        click.echo(_as_text(model, card, fault))
    if fault is not None:
        raise fault


@command.command("use", epilog="In Python: ghostnote.models.registry.use_model(name)")
@NAME
def use_command(name: str) -> None:
    """Use model NAME from now on.

    `ghostnote models use performer` and `… use composer` go back to the shipped ones.
    """
    model = use_model(name)
    say(f"{model.name} is the {model.kind} in use now")


def _row(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind,
        "shipped": model.shipped,
        "in_use": model.chosen,
        "folder": str(model.folder),
        "problem": model.problem,
    }


def _as_text(model: Model, card: Mapping[str, Any], fault: Exception | None) -> str:
    origin = "shipped with Ghostnote" if model.shipped else "your own"
    rows = [("model", f"{model.name}, a {model.kind or 'thing of unknown kind'}, {origin}")]
    rows.append(("in use", "yes" if model.chosen else f"no; `ghostnote models use {model.name}` changes that"))
    rows.append(("folder", str(model.folder)))
    rows += [(label, str(card[field])) for label, field in _PLAIN if field in card]
    parent = card.get("parent")
    if isinstance(parent, dict):
        rows.append(("went on from", f"{parent.get('name')}, weights {str(parent.get('sha256'))[:12]}…"))
    for field in ("data", "training", "recipe"):
        rows += _told(field, card.get(field))
    before = card.get("validation_of_parent")
    for name, value in _mapping(card.get("validation")).items():
        old = _mapping(before).get(name)
        told = "" if old is None or name == "epoch" else f" (before: {_number(old)})"
        rows.append(("held out", f"{name.replace('_', ' ')} {_number(value)}{told}"))
    rows += [("files", f"{file}, {_mapping(stated).get('bytes', 0):,} bytes") for file, stated in card["files"].items()]
    rows.append(
        ("checked", f"NO: {fault}" if fault else "all files have the SHA-256 of the card, all numbers are finite")
    )
    width = max(len(label) for label, _ in rows) + 2
    labels = ["" if i and rows[i - 1][0] == label else label for i, (label, _) in enumerate(rows)]
    return "\n".join(_printable(f"{label:<{width}}{text}") for label, (_, text) in zip(labels, rows, strict=True))


_PLAIN = (("licence", "license"), ("credit", "attribution"), ("unfair", "unfair"), ("seed", "seed"))


def _told(label: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield the rows of a field that is text, or a table of plain values."""
    if isinstance(value, str):
        yield label, value
    plain = {name: v for name, v in _mapping(value).items() if isinstance(v, str | int | float)}
    if plain:
        yield label, ", ".join(f"{name.replace('_', ' ')} {_number(v)}" for name, v in plain.items())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _printable(text: str) -> str:
    """Escape what a hostile card could do to a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
