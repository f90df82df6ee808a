"""Beats of the studio: immutable, known by their content, with a name and what else is told of them beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.groove import DrumTrack
from ghostnote.storage import writing
from ghostnote.studio.beat_files import Kind, decode_beat, encode_beat
from ghostnote.studio.beat_view import view
from ghostnote.studio.errors import NotFound
from ghostnote.studio.pairing import pair_notes
from ghostnote.studio.places import Places, mark_used

_ID_LENGTH = 32
_LONGEST_NAME = 100


@dataclass(frozen=True)
class About:
    """What is told of a beat besides its notes.

    Args:
        name: for people.
        warnings: what was repaired, ignored or could not be done.
        order: indices of its notes in the order in which the page lists them; as they begin if None.
        source: id of the beat that it was made of.
        seed: with which.
        account: what was done to the source, in numbers.
    """

    name: str
    warnings: tuple[str, ...] = ()
    order: tuple[int, ...] | None = None
    source: str | None = None
    seed: int | None = None
    account: Mapping[str, Any] | None = field(default=None)


@dataclass(frozen=True)
class Beat:
    """A beat that is kept.

    Args:
        id: the first 32 hex digits of the SHA-256 of its MIDI bytes.
        track: its notes and the file around them.
        kind: drums, or a rhythm.
        about: what else is told of it.
    """

    id: str
    track: DrumTrack
    kind: Kind
    about: About

    def describe(self) -> dict[str, Any]:
        """Return it as JSON, as the page knows beats."""
        about = self.about
        told: dict[str, Any] = {"id": self.id, "name": about.name} | view(self.track, self.kind, about.order)
        told["warnings"] = list(about.warnings)
        told |= {key: value for key in ("source", "seed", "account") if (value := getattr(about, key)) is not None}
        return told


@dataclass(frozen=True)
class BeatStore:
    """The beats in the home of a studio."""

    places: Places

    def add(self, track: DrumTrack, about: About, *, like: Beat | None = None) -> Beat:
        """Keep `track`; one that is there already gets what is told of it now.

        Args:
            track: the beat.
            about: what to tell of it; its name is cut and made printable.
            like: a beat of the same notes, in whose order they are listed.

        Raises:
            InvalidInput: it is too long.
            StorageError: it can not be written.
        """
        data = encode_beat(track)
        id = sha256(data).hexdigest()[:_ID_LENGTH]
        decoded = decode_beat(data)
        about = replace(about, name=printable(about.name))
        if like is not None:
            about = replace(about, order=order_like(like, decoded.track))
        beat = Beat(id, decoded.track, decoded.kind, about)
        beat.describe()  # what can not be shown is not kept
        path = self.places.beat(id)
        if not path.exists():
            _write(path, data)
        mark_used(path)
        _write(_about_path(path), json.dumps(asdict(about)).encode())
        return beat

    def find(self, id: str, *, like: str | None = None) -> Beat:
        """Return a beat.

        Args:
            id: of the beat.
            like: id of a beat of the same notes, in whose order they are listed.

        Raises:
            NotFound: there is none.
            InvalidParameter: `like` is of other notes.
        """
        path = self.places.beat(id)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise NotFound(
                f"beat must be one that is kept here; got {id}. Those that are not used for 30 days are dropped"
            ) from None
        except OSError as error:
            raise StorageError(f"{path} can not be read: {error.strerror}") from error
        mark_used(path)
        decoded = decode_beat(data)
        beat = Beat(id, decoded.track, decoded.kind, _read_about(path, len(decoded.track.notes)))
        if like is None:
            return beat
        return replace(beat, about=replace(beat.about, order=order_like(self.find(like), beat.track)))

    def drums(self, id: str) -> Beat:
        """Return a beat that is drums.

        Raises:
            NotFound: there is none.
            InvalidParameter: it is a rhythm.
        """
        beat = self.find(id)
        if beat.kind != "drums":
            raise InvalidParameter(f"beat must be of drums; {beat.about.name!r} is a rhythm. Drumify it first")
        return beat


def order_like(source: Beat, track: DrumTrack) -> tuple[int, ...]:
    """Return the indices of the notes of `track` in the order in which those of `source` are listed."""
    pairs = pair_notes(source.track, track)
    listed = range(len(pairs)) if source.about.order is None else source.about.order
    return tuple(pairs[i] for i in listed)


def printable(name: str) -> str:
    """Return `name` on one line, not too long, without the ending of a MIDI file.

    >>> printable(" my beat.mid ")
    'my beat'
    """
    kept = "".join(c if c.isprintable() else " " for c in name).strip()
    for ending in (".mid", ".midi", ".smf", ".rmi"):
        if kept.lower().endswith(ending):
            kept = kept[: -len(ending)]
    return kept[:_LONGEST_NAME].strip() or "beat"


def _about_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _read_about(path: Path, notes: int) -> About:
    """Return what is told of the beat at `path`; where that is lost, the beat is still there."""
    try:
        told = json.loads(_about_path(path).read_bytes())
        about = About(
            name=str(told["name"]),
            warnings=tuple(map(str, told["warnings"])),
            order=None if told["order"] is None else tuple(map(int, told["order"])),
            source=told["source"],
            seed=told["seed"],
            account=told["account"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return About("beat")
    return about if about.order is None or sorted(about.order) == list(range(notes)) else replace(about, order=None)


def _write(path: Path, data: bytes) -> None:
    try:
        with writing(path, overwrite=True) as stream:
            stream.write(data)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"the beat can not be written to {path}: {error.strerror}") from error
