"""A feel as a small JSON file: the readable table, and the latent that the performer adds to it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.groove.feel import Feel, FeelRow
from ghostnote.groove.voices import Voice
from ghostnote.storage import writing

FEEL_FORMAT = 1
MOST_BYTES = 2**20


def write_feel(feel: Feel, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write `feel` to `path`.

    Raises:
        StorageError: the file is there and `overwrite` is not given, or writing failed.
    """
    sixteenth_ms = 15_000.0 / feel.tempo_bpm
    content = {
        "format": FEEL_FORMAT,
        "kind": "ghostnote feel",
        "source": feel.source,
        "tempo_bpm": feel.tempo_bpm,
        "bar_beats": feel.bar_beats,
        "about": "offset is in 16ths, positive is late; ms is the same at tempo_bpm, for reading; velocity is 1-127. "
        "Rows may be edited. The latent belongs to the performer that listened.",
        "rows": [
            {
                "position_beats": round(row.position_beats, 6),
                "voice": row.voice.value,
                "offset": row.offset,
                "ms": round(row.offset * sixteenth_ms, 2),
                "velocity": row.velocity,
                "hits": row.hits,
            }
            for row in feel.rows
        ],
        "latent": list(feel.latent),
    }
    # A row is a line: that is what a person reads and a version control compares.
    rows = ",\n  ".join(json.dumps(row, ensure_ascii=True) for row in content.pop("rows"))  # type: ignore[attr-defined]
    latent = json.dumps(content.pop("latent"))
    head = json.dumps(content, indent=1, ensure_ascii=True).removesuffix("\n}")
    text = f'{head},\n "rows": [\n  {rows}\n ],\n "latent": {latent}\n}}\n'
    with writing(Path(path), overwrite=overwrite) as stream:
        stream.write(text.encode())


def read_feel(path: str | os.PathLike[str]) -> Feel:
    """Return the feel in `path`.

    Raises:
        StorageError: it can not be read.
        InvalidInput: it is no feel, is of another version, or a number in it is wrong; the message says which.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise StorageError(f"feel file {path} can not be read: {error.strerror or error}") from error
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"feel file {path.name} must be at most 1 MiB; got more. Is it the right file?")
    try:
        content = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"feel file {path.name} must be JSON: {error}") from error
    if not isinstance(content, dict) or content.get("kind") != "ghostnote feel":
        raise InvalidInput(
            f"{path.name} must be a feel, as `ghostnote groove extract` writes it; it says something else"
        )
    if content.get("format") is True or content.get("format") != FEEL_FORMAT:
        raise InvalidInput(
            f"feel file {path.name} must have format {FEEL_FORMAT}; got {content.get('format')!r}. "
            "Extract the feel again with this version"
        )
    try:
        return Feel(
            tuple(_number(x, "latent") for x in _list(content, "latent")),
            tuple(_row(row) for row in _list(content, "rows")),
            _number(content.get("bar_beats"), "bar_beats"),
            _number(content.get("tempo_bpm"), "tempo_bpm"),
            str(content.get("source", "")),
        )
    except InvalidParameter as error:
        raise InvalidInput(f"feel file {path.name}: {error}") from error


def _row(row: Any) -> FeelRow:
    if not isinstance(row, dict):
        raise InvalidParameter(f"rows must be objects; got {row!r:.40}")
    hits = row.get("hits")
    if not isinstance(hits, int) or isinstance(hits, bool):
        raise InvalidParameter(f"hits must be a whole number; got {hits!r:.40}")
    return FeelRow(
        _number(row.get("position_beats"), "position_beats"),
        Voice.parse(str(row.get("voice"))),
        _number(row.get("offset"), "offset"),
        _number(row.get("velocity"), "velocity"),
        hits,
    )


def _list(content: dict[str, Any], name: str) -> list[Any]:
    value = content.get(name)
    if not isinstance(value, list) or len(value) > 10_000:
        raise InvalidParameter(f"{name} must be a list of at most 10,000 entries; got {type(value).__name__}")
    return value


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidParameter(f"{name} must be a number; got {value!r:.40}")
    if value != value or abs(value) > 1e9:  # NaN is not equal to itself
        raise InvalidParameter(f"{name} must be a finite number; got {value!r:.40}")
    return float(value)
