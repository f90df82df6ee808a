"""What a session is begun with, and keeps: the same settings and ratings give the same proposals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ghostnote.errors import GhostnoteError, InvalidInput, InvalidParameter
from ghostnote.explore.generators import (
    DEFAULT_ROWS,
    DEFAULT_STEPS,
    DEFAULT_TEMPO_BPM,
    check_shape,
    check_swing,
    check_tempo,
    check_whole,
)
from ghostnote.explore.search import SearchSettings
from ghostnote.sounds.sound import FileSound, decode_sound, encode_sound

PRIOR = "prior"
"""Under this name the saved critic that a session goes on from is kept in its file."""

COMMON_POOL = 0
"""`pool_seed` of sessions that shall have the same sounds of ours, so that they are there when the next one begins."""


@dataclass(frozen=True)
class SessionSettings:
    """What a session is begun with.

    Args:
        seed: ≥ 0; another number is another session.
        pool_seed: of our sounds and of the drummers' bars; None is `seed`. Sessions of one `pool_seed` have the same
            sounds, which a process then makes and hears only once.
        musical: where proposals come from: 0 anything goes … 1 as drummers play.
        steps: of a loop, 8…32, in 16ths.
        rows: of a loop, 1…8, each with a sound of its own.
        tempo_bpm: lowest and highest tempo, 60…200.
        swing: least and most swing in steps, 0…0.5; None is none where anything goes, and else as drummers play.
        style: of what is musical, such as `funk`; None is any.
        density: probability of a hit where anything goes, 0…1.
        four_on_the_floor: row 0 is a kick on every beat.
        own_sounds: how many sounds of ours are in the pool, 0…10,000; 0 needs recordings.
        recordings: the sounds of the user's folders that are in the pool.
        folders: where those lay when the session was begun; nothing but a hint of where to look for them.
        search: how proposals are sought.
        prior: SHA-256 of the saved critic that it goes on from; None begins with nothing.
        bars: of the user's MIDI files, as of `ghostnote.explore.packed_bars`: among what is musical, as often as the
            groove models' bars.

    Raises:
        InvalidParameter: a value is out of range.
    """

    seed: int = 0
    musical: float = 0.5
    steps: int = DEFAULT_STEPS
    rows: int = DEFAULT_ROWS
    tempo_bpm: tuple[float, float] = (DEFAULT_TEMPO_BPM, DEFAULT_TEMPO_BPM)
    swing: tuple[float, float] | None = None
    style: str | None = None
    density: float = 0.5
    four_on_the_floor: bool = False
    own_sounds: int = 400
    recordings: tuple[FileSound, ...] = field(default=(), repr=False)
    folders: tuple[str, ...] = field(default=(), repr=False)
    search: SearchSettings = field(default_factory=SearchSettings)
    prior: str | None = None
    pool_seed: int | None = None
    bars: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        check_whole("seed", self.seed, 0, 2**63 - 1)
        check_whole("pool_seed", self.seed_of_pool, 0, 2**63 - 1)
        for name in ("musical", "density"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InvalidParameter(f"{name} must lie in 0…1; got {getattr(self, name):g}. Is this a percentage?")
        check_shape(self.steps, self.rows)
        object.__setattr__(self, "tempo_bpm", check_tempo(self.tempo_bpm))
        if self.swing is not None:
            object.__setattr__(self, "swing", check_swing(self.swing))
        object.__setattr__(self, "recordings", tuple(self.recordings))
        object.__setattr__(self, "folders", tuple(self.folders))
        check_whole("own_sounds", self.own_sounds, 0, 10_000)
        locked = self.search.locked_rows
        if locked and (max(locked) >= self.rows or len(set(locked)) == self.rows):
            raise InvalidParameter(f"locked_rows must lie in 0…{self.rows - 1} and leave a row free; got {locked}")

    @property
    def seed_of_pool(self) -> int:
        """The seed of our sounds and of the drummers' bars."""
        return self.seed if self.pool_seed is None else self.pool_seed


def encode_settings(settings: SessionSettings) -> dict[str, Any]:
    """Return `settings` as JSON values."""
    value = {entry.name: getattr(settings, entry.name) for entry in fields(settings)}
    whole = value | {
        "tempo_bpm": list(settings.tempo_bpm),
        "swing": None if settings.swing is None else list(settings.swing),
        "recordings": [encode_sound(sound) for sound in settings.recordings],
        "folders": list(settings.folders),
        "search": asdict(settings.search),
    }
    for name, absent in (("pool_seed", None), ("bars", "")):  # so that nothing is in a file that was not asked for
        if whole[name] == absent:
            del whole[name]
    return whole


def decode_settings(value: Mapping[str, Any]) -> SessionSettings:
    """Return the settings that `encode_settings` made `value` of; what it lacks is as it was before it could be set.

    Raises:
        InvalidInput: it is none.
    """
    known = {entry.name for entry in fields(SessionSettings)}
    if unknown := set(value) - known:
        raise InvalidInput(f"settings of a session must be among {', '.join(sorted(known))}; got {sorted(unknown)}")
    try:
        given = dict(value)
        for name in ("tempo_bpm", "swing"):
            if given.get(name) is not None:
                low, high = map(float, given[name])
                given[name] = (low, high)
        sounds = tuple(decode_sound(sound) for sound in given.pop("recordings", ()))
        search = dict(given.pop("search", {}))
        search["locked_rows"] = tuple(search.get("locked_rows", ()))
        recordings = tuple(sound for sound in sounds if isinstance(sound, FileSound))
        return SessionSettings(**given, recordings=recordings, search=SearchSettings(**search))
    except (GhostnoteError, TypeError, ValueError) as error:
        raise InvalidInput(f"the settings of the session are damaged: {error}") from error


def check_same(kept: SessionSettings, given: SessionSettings) -> None:
    """Raise InvalidParameter unless `given` says what was `kept`: ratings are worth nothing under other settings."""
    for name in (entry.name for entry in fields(kept) if entry.name != "folders"):
        before, now = getattr(kept, name), getattr(given, name)
        if before != now and not (name == "recordings" and set(before) == set(now)):
            told = f"{before!r}; got {now!r}"
            if name in ("recordings", "bars"):
                told = f"{len(before)} sounds; got {len(now)}" if name == "recordings" else "of other MIDI files"
            raise InvalidParameter(
                f"{name} of this session is {told}. It can not change any more: leave it out, or begin another session"
            )
