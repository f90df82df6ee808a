"""Drum maps as small TOML files that people can edit: the ones shipped here, the user's own, and any path.

A map has one table for each of the nine voices: `write` is the pitch written for the voice, `read` lists the pitches
that count as it. See maps/general_midi.toml for a commented example.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.groove import VOICES, DrumMap, Voice

DEFAULT_MAP = "general_midi"
MAX_MAP_BYTES = 65_536

_SHIPPED = Path(__file__).parent / "maps"


def drum_map(name_or_path: str | os.PathLike[str] = DEFAULT_MAP) -> DrumMap:
    """Return the drum map of that name, or the one in that TOML file.

    Args:
        name_or_path: a name out of `drum_maps()`, or a path; a string is a path if it ends in `.toml` or holds a
            separator.

    Raises:
        InvalidParameter: no map has that name.
        InvalidInput: the file breaks a rule of drum maps, or a map of the user's has the name of a shipped one.
        StorageError: the file can not be read.
    """
    name = os.fspath(name_or_path)
    if not isinstance(name_or_path, str) or name.lower().endswith(".toml") or "/" in name or os.sep in name:
        return _read_map(Path(name))
    shipped, own = _maps_in(_SHIPPED), _maps_in(user_maps_folder())
    if name in shipped and name in own:
        raise InvalidInput(f"a drum map may not take the name of a shipped one; got {own[name]}. Rename that file.")
    if name in shipped:
        return shipped_map(name)
    if name in own:
        return _read_map(own[name])
    raise InvalidParameter(
        f"a drum map must be one of {', '.join(drum_maps())} or a path to a .toml file; got {name!r}. "
        f"Your own maps belong into {user_maps_folder()}"
    )


def drum_maps() -> tuple[str, ...]:
    """Return the names of the shipped maps, then those of the user's own."""
    shipped = sorted(_maps_in(_SHIPPED))
    return (*shipped, *sorted(name for name in _maps_in(user_maps_folder()) if name not in shipped))


@cache
def shipped_map(name: str) -> DrumMap:
    """Return a map that comes with Ghostnote, whatever the user's own maps are called."""
    return _read_map(_SHIPPED / f"{name}.toml")


def user_maps_folder() -> Path:
    """Return the folder of the user's own maps: `maps` in $GHOSTNOTE_HOME or in the user's configuration folder."""
    if home := os.environ.get("GHOSTNOTE_HOME"):
        return Path(home) / "maps"
    from platformdirs import user_config_path  # costs start-up time that few calls need

    return user_config_path("ghostnote") / "maps"


def parse_drum_map(text: str, name: str) -> DrumMap:
    """Return the drum map that the TOML `text` describes.

    Args:
        text: one table for each voice, with `write` and `read`; `description` is free.
        name: what to call it, also in errors.

    Raises:
        InvalidInput: the text is not TOML, or breaks a rule; the message names voice, rule and what came.
    """
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput(f"drum map {name!r} must be TOML; {error or 'it is nested too deeply'}") from error
    tables.pop("description", None)
    voices: dict[int, Voice] = {}
    pitches: dict[Voice, int] = {}
    for key, table in tables.items():
        try:
            voice = Voice.parse(key)
        except InvalidParameter as error:
            raise InvalidInput(f"drum map {name!r}: {error}") from error
        where = f"drum map {name!r}, voice {voice}"
        if voice in pitches:
            raise InvalidInput(f"{where}: a voice may stand only once; got it again as {key!r}")
        if not isinstance(table, dict) or set(table) != {"write", "read"}:
            got = ", ".join(sorted(table)) if isinstance(table, dict) else repr(table)
            raise InvalidInput(f"{where}: needs `write = PITCH` and `read = [PITCH, …]`; got {got or 'nothing'}")
        pitches[voice] = _pitch(table["write"], f"{where}: write")
        if not isinstance(table["read"], list):
            raise InvalidInput(f"{where}: read must be a list of pitches such as [36, 35]; got {table['read']!r}")
        for value in table["read"]:
            pitch = _pitch(value, f"{where}: read")
            if pitch in voices:
                raise InvalidInput(f"{where}: a pitch may stand only once; {pitch} is already read as {voices[pitch]}")
            voices[pitch] = voice
        if voices.get(pitches[voice]) is not voice:
            raise InvalidInput(f"{where}: write must be one of the pitches in read; got {pitches[voice]}")
    if missing := [voice for voice in VOICES if voice not in pitches]:
        raise InvalidInput(f"drum map {name!r} must give all nine voices; missing: {', '.join(missing)}")
    return DrumMap(name, voices, pitches)


def _pitch(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 127:
        raise InvalidInput(f"{where}: a pitch must be a whole number in 0…127; got {value!r}")
    return value


def _maps_in(folder: Path) -> dict[str, Path]:
    try:
        return {path.stem: path for path in folder.iterdir() if path.suffix == ".toml"}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise StorageError(f"the folder of drum maps {folder} can not be read: {error.strerror}") from error


def _read_map(path: Path) -> DrumMap:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_MAP_BYTES + 1)
    except OSError as error:
        raise StorageError(f"the drum map {path} can not be read: {error.strerror}. Is the path right?") from error
    if len(data) > MAX_MAP_BYTES:
        raise InvalidInput(f"the drum map {path} may hold at most {MAX_MAP_BYTES:,} bytes; got more. Is this a map?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the drum map {path} must be UTF-8 text; got other bytes. Is this a map?") from error
    return parse_drum_map(text, path.stem)
