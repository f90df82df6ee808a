"""Hydrogen's drumkits: which file is which instrument, from their `drumkit.xml`, read with distrust.

Source: the format of Hydrogen 0.9 to 1.2. An instrument holds layers, in a component or not, or in old kits one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from xml.etree import ElementTree

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.sounds.recordings import printable_name

MOST_BYTES = 2 * 2**20
_EMPTY_SAMPLE = "emptysample"
"""Old kits fill unused instruments with a file of silence that is called so."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a kit says of one of its instruments.

    Args:
        name: as its maker called it.
        samples: its files, from the softest layer to the loudest, as they stand in the kit.
    """

    name: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrumKit:
    """What a `drumkit.xml` says.

    Args:
        name: of the kit.
        instruments: those that have samples.
        licence: what the kit says of it; None if it says nothing.
    """

    name: str
    instruments: tuple[Instrument, ...]
    licence: str | None = None


def read_drumkit(path: Path) -> DrumKit:
    """Return what the `drumkit.xml` at `path` says; no sample is looked at.

    Raises:
        InvalidInput: it is larger than 2 MiB, no XML, brings its own document type (and with it entities), or no
            drumkit.
        StorageError: it can not be read.
    """
    root = _parse(path)
    if root.tag != "drumkit_info":
        raise InvalidInput(f"{path} must be a drumkit of Hydrogen; its outermost element is {root.tag[:40]!r}")
    listed = root.find("instrumentList")
    instruments = [_instrument(element) for element in ([] if listed is None else listed.findall("instrument"))]
    return DrumKit(
        name=printable_name(root.findtext("name", "").strip() or path.parent.name),
        instruments=tuple(instrument for instrument in instruments if instrument.samples),
        licence=_plain(root.findtext("license", "")),
    )


def _parse(path: Path) -> ElementTree.Element:
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{path} must be at most {MOST_BYTES / 2**20:g} MiB; it is larger. Is it a drumkit?")
    parser = ElementTree.XMLParser(target=_WithoutDoctype(path))
    try:
        parser.feed(data)
        root: ElementTree.Element = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"{path} must be XML; {error}. Is the file damaged?") from error
    return root


class _WithoutDoctype(ElementTree.TreeBuilder):
    """Builds the tree without namespaces, and stops at a document type before any entity can be declared."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise InvalidInput(f"{self.path} must have no document type of its own; got one, {name[:40]!r}. Remove it")

    def start(self, tag: str, attrs: dict[str, str]) -> ElementTree.Element:
        return super().start(tag.rpartition("}")[2], attrs)

    def end(self, tag: str) -> ElementTree.Element:
        return super().end(tag.rpartition("}")[2])


def _instrument(element: ElementTree.Element) -> Instrument:
    layers = sorted(_layers(element), key=itemgetter(0))
    samples = [file for _, file in layers] or [element.findtext("filename", "").strip()]
    kept = tuple(file for file in samples if file and not file.lower().startswith(_EMPTY_SAMPLE))
    name = element.findtext("name", "").strip()
    if kept and not any(c.isalpha() for c in name):  # unused slots are numbered
        name = Path(kept[-1]).stem
    return Instrument(printable_name(name), kept)


def _layers(element: ElementTree.Element) -> Iterator[tuple[float, str]]:
    """Yield the loudest velocity and the file of each layer."""
    for parent in (element, *element.findall("instrumentComponent")):
        for layer in parent.findall("layer"):
            yield _number(layer.findtext("max", "")), layer.findtext("filename", "").strip()


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= 1.0 else 0.0


def _plain(text: str) -> str | None:
    """Return `text` without markup, on one line; None if nothing is left."""
    words = " ".join(re.sub(r"<[^>]*>", " ", text).split())
    return printable_name(words) if words and words.lower() != "undefined license" else None
