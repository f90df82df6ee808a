"""Reading a table of a study's file into a dataclass: every key, type and range is checked, and told of clearly.

The rules stand beside the fields they are for, so that a new field needs one line.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

from ghostnote.errors import InvalidInput

T = TypeVar("T")
Kind = Literal["whole", "number", "range", "text", "names", "flag"]

LONGEST_TEXT = 20_000
_TOLD = {
    "whole": "a whole number",
    "number": "a number",
    "range": "two numbers, the lower one first, as [90, 140]",
    "text": 'a text in quotes, as "…"',
    "names": 'a list of texts, as ["…", "…"]',
    "flag": "true or false",
}


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a field of a study's file must be.

    Args:
        kind: of value.
        least, most: of a number, of both ends of a range, of the length of a text or list; inclusive.
        choices: if given, the only ones.
        fix: what is likely meant, where it is wrong.
        none: as `fix`, where it is too little.
    """

    kind: Kind
    least: float = -math.inf
    most: float = math.inf
    choices: tuple[str, ...] = ()
    fix: str = ""
    none: str = ""


def ruled(kind: Kind, default: Any = dataclasses.MISSING, **rule: Any) -> Any:
    """Return the field of a dataclass with its rule."""
    return dataclasses.field(default=default, metadata={"rule": Rule(kind, **rule)})


def read_table(cls: type[T], value: Any, name: str, also: Mapping[str, Any] | None = None) -> T:
    """Return the table `value` as an instance of `cls`, whose fields were made by `ruled`.

    Args:
        cls: a dataclass.
        value: as tomllib reads it.
        name: of the table, for messages; empty for the whole file.
        also: fields that were read otherwise.

    Raises:
        InvalidInput: it is no table, or a key is unknown or missing, or a value is of the wrong type or out of range.
    """
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} must be a table, [{name}]; got {_shown(value)}")
    given = dict(also or {})
    fields = {field.name: field for field in dataclasses.fields(cls) if field.name not in given}  # type: ignore[arg-type]
    known = [field.name for field in dataclasses.fields(cls) if field.name != "home"]  # type: ignore[arg-type]
    check_keys(value, known, name)
    for key, field in fields.items():
        rule = field.metadata.get("rule")
        if key in value and rule is not None:
            given[key] = checked(value[key], rule, dotted(name, key))
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            needed = _TOLD[rule.kind] if rule else "a table"
            raise InvalidInput(f"{dotted(name, key)} must be given: {needed}; it is missing")
    return cls(**given)


def check_keys(value: Mapping[str, Any], known: Sequence[str] | Mapping[str, Any], name: str) -> None:
    """Raise InvalidInput if `value` has a key that is not `known`."""
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(key, list(known), 1)
            fix = f"Is {near[0]!r} meant?" if near else f"Known here: {', '.join(known)}"
            raise InvalidInput(f"{dotted(name, key)} is not a field of a study of this protocol. {fix}")


def checked(value: Any, rule: Rule, name: str) -> Any:
    """Return `value` as `rule` wants it.

    Raises:
        InvalidInput: it is not.
    """
    if rule.kind == "flag":
        if not isinstance(value, bool):
            raise _wrong_type(value, rule, name)
        return value
    if rule.kind == "text":
        return _checked_text(value, rule, name)
    if rule.kind == "names":
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _wrong_type(value, rule, name)
        for number, item in enumerate(value, 1):
            _checked_text(item, Rule("text", 1, 1_000, rule.choices), f"{name}, item {number},")
        _check_bounds(len(value), rule, name, "items")
        return tuple(value)
    if rule.kind == "range":
        if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)) or value[0] > value[1]:
            raise _wrong_type(value, rule, name)
        for end in value:
            _check_bounds(end, rule, name)
        return (float(value[0]), float(value[1]))
    if not _is_number(value) or (rule.kind == "whole" and not isinstance(value, int)):
        raise _wrong_type(value, rule, name)
    _check_bounds(value, rule, name)
    return value if rule.kind == "whole" else float(value)


def dotted(name: str, key: str) -> str:
    """Return how a key of a table is called in messages."""
    return f"{name}.{key}" if name else key


def _checked_text(value: Any, rule: Rule, name: str) -> str:
    if not isinstance(value, str):
        raise _wrong_type(value, rule, name)
    text = value.strip()
    if rule.choices and text not in rule.choices:
        near = difflib.get_close_matches(text, rule.choices, 1)
        fix = f"Is {near[0]!r} meant?" if near else rule.fix
        raise InvalidInput(f"{name} must be one of {', '.join(rule.choices)}; got {_shown(value)}. {fix}".rstrip(". "))
    if any(not (letter.isprintable() or letter in "\n\t") for letter in text):
        raise InvalidInput(f"{name} must be printable text; it holds control characters")
    most = min(rule.most, LONGEST_TEXT)
    _check_bounds(len(text), dataclasses.replace(rule, most=most), name, "characters")
    return text


def _check_bounds(value: float, rule: Rule, name: str, of: str = "") -> None:
    if rule.least <= value <= rule.most:
        return
    what = f"{name} must have" if of else f"{name} must lie in"
    if math.isinf(rule.most):
        bounds = f"{rule.least:g} or more"
        what = f"{name} must have" if of else f"{name} must be"
    else:
        bounds = f"{rule.least:g}…{rule.most:g}"
    likely = rule.none if rule.none and value < rule.least else rule.fix
    fix = f". {likely}" if likely else ""
    raise InvalidInput(f"{what} {bounds}{f' {of}' if of else ''}; got {value:g}{fix}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _wrong_type(value: Any, rule: Rule, name: str) -> InvalidInput:
    fix = f". {rule.fix}" if rule.fix else ""
    return InvalidInput(f"{name} must be {_TOLD[rule.kind]}; got {_shown(value)}{fix}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
