"""SFZ files: what they call the samples that they play, read with distrust.

Source: sfzformat.com, the headers and opcodes of SFZ 1 and ARIA's `#define` and `#include`. Of all opcodes only those
that name a sample matter here.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.midi.maps import shipped_map
from ghostnote.sounds.recordings import printable_name

MOST_BYTES = 2 * 2**20
MOST_FILES = 32
MOST_DEFINES = 1_000
MOST_REGIONS = 20_000
MOST_EXPANDED = 8 * 2**20
DEEPEST = 8

_LONGEST_VALUE = 500
_LONGEST_LINE = 20_000
_LONGEST_VARIABLE = 64
_INCLUDE = re.compile(r'#include\s+"([^"]*)"')
_DEFINE = re.compile(r"#define\s+\$(\w+)\s+(\S+)")
_VARIABLE = re.compile(r"\$(\w+)")
# Each of these takes time in proportion to the text, whatever the text is.
_HEADER_OR_OPCODE = re.compile(r"<(\w+)>|(?:^|(?<=[\s>]))([A-Za-z_]\w*)=")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
_OUTER = ("global", "master", "group")
_LABELS = ("region_label", "group_label", "master_label", "global_label")
_THAT_MATTER = frozenset(
    {"sample", "key", "lokey", "hikey", "loop_mode", "loopmode", "default_path", "note_offset", *_LABELS}
)
_NOTES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


@dataclass(frozen=True, slots=True)
class Region:
    """A sample that an SFZ file plays.

    Args:
        sample: its path from the folder of the outermost SFZ file on, with `/` between its parts; may leave it.
        label: what the file calls it; of one-shots on a key of their own, the drum that General MIDI has on that key;
            None if it has no name.
    """

    sample: str
    label: str | None


def read_sfz(path: Path, root: Path) -> tuple[Region, ...]:
    """Return the regions of the SFZ file at `path`; no sample is looked at.

    Args:
        path: of the file.
        root: the folder that included files must lie in.

    Raises:
        InvalidInput: it, or what it includes, is beyond a limit, lies outside `root`, or is no text.
        StorageError: one of the files can not be read.
    """
    reader = _Reader(root.resolve(), path.parent)
    reader.read(path, 1)
    return tuple(reader.regions)


@dataclass
class _Reader:
    root: Path
    base: Path
    """Included files and samples are named from the outermost file's folder on."""
    regions: list[Region] = field(default_factory=list)
    defines: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, dict[str, str]] = field(default_factory=dict)
    header: str = ""
    bytes_read: int = 0
    expanded: int = 0
    files: int = 0

    def read(self, path: Path, depth: int) -> None:
        text = self._text(path, depth)
        for line in _COMMENT.sub(_blank, text).splitlines():
            line = line.strip()
            if match := _DEFINE.match(line):
                self._define(match[1], match[2], path)
            elif match := _INCLUDE.match(line):
                self.read(self.base / self._expanded(match[1][:_LONGEST_VALUE], path).replace("\\", "/"), depth + 1)
            elif line:
                self._take(self._expanded(line, path), path)
        if depth == 1:
            self._end_region(path)

    def _text(self, path: Path, depth: int) -> str:
        self.files += 1
        if depth > DEEPEST or self.files > MOST_FILES:
            raise InvalidInput(f"{path}: an SFZ may include at most {MOST_FILES} files, {DEEPEST} deep. A circle?")
        if not path.resolve().is_relative_to(self.root):
            raise InvalidInput(f"{path}: an SFZ may only include files inside {self.root}")
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe would wait for ever
                raise StorageError(f"{path} can not be read: it is no file")
            with path.open("rb") as stream:
                data = stream.read(MOST_BYTES - self.bytes_read + 1)
        except StorageError:
            raise
        except OSError as error:
            raise StorageError(f"{path} can not be read: {error.strerror}") from error
        self.bytes_read += len(data)
        if self.bytes_read > MOST_BYTES:
            raise InvalidInput(f"{path}: an SFZ must have at most {MOST_BYTES / 2**20:g} MiB with what it includes")
        if b"\0" in data:
            raise InvalidInput(f"{path}: an SFZ must be text; got other bytes")
        return data.decode("utf-8-sig", errors="replace")

    def _define(self, name: str, value: str, path: Path) -> None:
        if len(self.defines) >= MOST_DEFINES:
            raise InvalidInput(f"{path}: an SFZ may define at most {MOST_DEFINES:,} variables")
        self.defines[name] = self._expanded(value, path)

    def _expanded(self, text: str, path: Path) -> str:
        """Return `text` with its variables replaced, once: the values of variables are expanded already."""
        if "$" not in text:
            return text
        expanded = _VARIABLE.sub(self._value, text[:_LONGEST_LINE])
        self.expanded += len(expanded)
        if self.expanded > MOST_EXPANDED:
            raise InvalidInput(
                f"{path}: an SFZ may grow to {MOST_EXPANDED / 2**20:g} MiB by its variables; it grew beyond"
            )
        return expanded

    def _value(self, match: re.Match[str]) -> str:
        """Return the value of the longest variable that the match begins with, and the rest."""
        for end in range(min(len(match[1]), _LONGEST_VARIABLE), 0, -1):
            if (value := self.defines.get(match[1][:end])) is not None:
                return value[:_LONGEST_VALUE] + match[1][end:]
        return match[0]

    def _take(self, line: str, path: Path) -> None:
        found = list(_HEADER_OR_OPCODE.finditer(line))
        for match, after in zip_longest(found, found[1:]):
            if match[1]:
                self._open(match[1].lower(), path)
            elif (opcode := match[2].lower()) in _THAT_MATTER:
                # A value may hold spaces; it ends where the next opcode or header begins.
                value = line[match.end() : len(line) if after is None else after.start()]
                self.scopes.setdefault(self.header, {})[opcode] = value.strip()[:_LONGEST_VALUE]

    def _open(self, header: str, path: Path) -> None:
        self._end_region(path)
        self.header = header
        if header in _OUTER:  # a header ends what stood in those inside it
            for inner in (*_OUTER[_OUTER.index(header) :], "region"):
                self.scopes.pop(inner, None)
        elif header != "control":
            self.scopes.pop(header, None)

    def _end_region(self, path: Path) -> None:
        if self.header != "region":
            return
        opcodes: dict[str, str] = {}
        for scope in (*_OUTER, "region"):
            opcodes |= self.scopes.get(scope, {})
        self.header = ""
        sample = opcodes.get("sample", "")
        if not sample or sample.startswith("*"):  # `*sine` is made by the player
            return
        if len(self.regions) >= MOST_REGIONS:
            raise InvalidInput(f"{path}: an SFZ may have at most {MOST_REGIONS:,} regions")
        control = self.scopes.get("control", {})
        sample = (control.get("default_path", "") + sample).replace("\\", "/")
        self.regions.append(Region(sample, _label(opcodes, control)))


def _label(opcodes: Mapping[str, str], control: Mapping[str, str]) -> str | None:
    for name in _LABELS:
        if opcodes.get(name):
            return printable_name(opcodes[name])
    key = opcodes.get("key", opcodes.get("lokey"))
    if key is None or opcodes.get("hikey", key) != key or "one_shot" not in _loops(opcodes):
        return None  # an instrument with a scale: its keys are no drums
    pitch = _pitch(key)
    offset = _pitch(control.get("note_offset", "0"))
    voice = None if pitch is None or offset is None else shipped_map("general_midi").voice_of(pitch + offset)
    return None if voice is None else voice.replace("_", " ")


def _loops(opcodes: Mapping[str, str]) -> tuple[str | None, str | None]:
    return opcodes.get("loop_mode"), opcodes.get("loopmode")


def _pitch(text: str) -> int | None:
    """Return a MIDI pitch given as a number or as `c#4`, where c4 is 60."""
    if re.fullmatch(r"-?\d{1,3}", text):
        return int(text)
    match = re.fullmatch(r"([a-g])([#b]?)(-?\d)", text.lower())
    if match is None:
        return None
    return _NOTES[match[1]] + {"#": 1, "b": -1, "": 0}[match[2]] + 12 * (int(match[3]) + 1)


def _blank(match: re.Match[str]) -> str:
    """Return the line ends of a comment, so that what stands on other lines stays there."""
    return "\n" * match[0].count("\n") or " "
