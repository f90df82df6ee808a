"""What a data set tells instead of what people named: words that one participant alone typed, files and folders."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ghostnote.study.design import Design
from ghostnote.study.results import Person

FEWEST_WHO_NAMED = 2
"""So many participants must have typed a word for it to be told: what one alone typed may be a name."""


def told_survey(design: Design, people: Sequence[Person]) -> list[dict[str, Any]]:
    """Return the answers of each participant to the survey, without what was typed freely.

    Of a list of words, those stay that `FEWEST_WHO_NAMED` participants or more named to the same question.
    """
    kinds = {question.id: question.kind for question in design.survey}
    named = Counter(
        (question, word)
        for person in people
        for question, answer in person.survey.items()
        if kinds[question] == "words"
        for word in set(answer)
    )

    def told(question: str, answer: Any) -> Any:
        if kinds[question] != "words":
            return answer
        return [word for word in answer if named[question, word] >= FEWEST_WHO_NAMED]

    return [
        {question: told(question, answer) for question, answer in person.survey.items() if kinds[question] != "text"}
        for person in people
    ]


def neutral_items(items: Iterable[str]) -> dict[str, str]:
    """Return what to call the items of a listening test, in the order of their names, which are those of files.

    >>> neutral_items(["Ann plays", "beat"])
    {'Ann plays': 'item-001', 'beat': 'item-002'}
    """
    known = sorted(set(items))
    digits = max(3, len(str(len(known))))
    return {item: f"item-{number:0{digits}d}" for number, item in enumerate(known, 1)}


def without_places(design: str) -> str:
    """Return a study's TOML with neutral names for the folders and files that it names, and without comments."""
    value = tomllib.loads(design)
    for number, system in enumerate(value.get("systems", []), 1):
        for key, name in (("folder", f"folder-{number}"), ("weights", f"weights-{number}.safetensors")):
            if system.get(key):
                system[key] = name
    value.get("material", {}).pop("archive", None)
    for table, key, name in (("generator", "sounds", "sounds-{}"), ("critic", "files", "critic-{}.json")):
        if names := value.get(table, {}).get(key):
            value[table][key] = [name.format(number) for number in range(1, len(names) + 1)]
    return _toml(value)


def _toml(value: Mapping[str, Any]) -> str:
    """Return what `tomllib` reads as `value`; its keys are those of a study, which need no quotes."""
    tables = {key: item for key, item in value.items() if isinstance(item, dict)}
    lists = {key: item for key, item in value.items() if isinstance(item, list) and item and isinstance(item[0], dict)}
    parts = [_entries({key: item for key, item in value.items() if key not in (*tables, *lists)})]
    parts += [f"[{key}]\n{_entries(table)}" for key, table in tables.items()]
    parts += [f"[[{key}]]\n{_entries(table)}" for key, items in lists.items() for table in items]
    return "\n".join(parts)


def _entries(table: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {_literal(value)}\n" for key, value in table.items())


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_literal(item)}' for key, item in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value, ensure_ascii=False)  # of text, numbers and flags the same as in TOML
