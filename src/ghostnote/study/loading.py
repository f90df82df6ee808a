"""Reading a study's data set back: for new analyses, for critics to begin with, for the taste of everybody together."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ghostnote.audio import read_audio
from ghostnote.critic import SavedCritic, read_critic
from ghostnote.errors import GhostnoteError, InvalidInput, StorageError
from ghostnote.loops import Loop, decode_loop
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ, FileSound
from ghostnote.study.analysis import PairsAnalysis, RatingsAnalysis, analyse_pairs, analyse_ratings
from ghostnote.study.critics import Embedded, Liked, critic_of_all, most_liked
from ghostnote.study.design import Design, PairwiseDesign, PreferenceDesign
from ghostnote.study.design_file import decode_design
from ghostnote.study.export import DATA_FORMAT, LOOPS, META, PAIRS, PEOPLE, RATINGS, SURVEY
from ghostnote.study.results import PairAnswer, Person, Rating

T = TypeVar("T")
MOST_BYTES = 512 * 2**20
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class StudyData:
    """A study's data set.

    Args:
        folder: where it is.
        design: as planned.
        licence: of the data.
        people: what they did.
        loops: by name.
        bank: holds their sounds.
    """

    folder: Path
    design: Design
    licence: str
    people: tuple[Person, ...]
    loops: Mapping[str, Loop]
    bank: SoundBank = field(repr=False)

    def analyse(self) -> RatingsAnalysis | PairsAnalysis:
        """Return what it shows, as the report has it."""
        if isinstance(self.design, PairwiseDesign):
            return analyse_pairs(self.design, self.people)
        return analyse_ratings(self.design, self.people)

    def critic(self) -> SavedCritic:
        """Return a critic that learned from everybody, to begin sessions or other studies with.

        Its embeddings are made anew, so any version's encoder will do.

        Raises:
            InvalidInput: nobody rated anything.
        """
        return critic_of_all(self.people, self._embedded())

    def best(self, count: int = 10) -> list[Liked]:
        """Return the loops that everybody together is thought to like most, the best first."""
        return most_liked(self.people, self._embedded(), count)

    def saved_critics(self) -> dict[str, SavedCritic]:
        """Return the critics that are in the data set, by the names of their files."""
        return {path.stem: read_critic(path) for path in sorted((self.folder / "critics").glob("*.json"))}

    def _embedded(self) -> Embedded:
        return Embedded(self.people, self.bank)


def load_study(folder: str | os.PathLike[str]) -> StudyData:
    """Return the data set that `export_study` wrote into `folder`.

    >>> data = load_study("taste-data")                          # doctest: +SKIP
    >>> Session.open("mine.ghostnote", prior=data.critic())       # doctest: +SKIP

    Raises:
        InvalidInput: it is none, is damaged, or is of a newer version.
        StorageError: it can not be read.
    """
    place = Path(folder).absolute()
    meta = _value(place / META)
    if not isinstance(meta, dict) or meta.get("format") != DATA_FORMAT:
        raise InvalidInput(f"{place / META} must be of a study's data set of format {DATA_FORMAT}; got {meta!r}"[:300])
    text = _text(place / "study.toml")
    design = decode_design(text, place, str(place / "study.toml"), folders=False)  # these were on another machine
    survey: dict[int, dict[str, Any]] = {}
    for number, question, said in _lines(
        place / SURVEY, lambda line: (int(line["participant"]), str(line["question"]), line["answer"])
    ):
        survey.setdefault(number, {})[question] = said
    loops: dict[str, Loop] = {}
    ratings: dict[int, list[Rating]] = {}
    pairs: dict[int, list[PairAnswer]] = {}
    if isinstance(design, PreferenceDesign):
        loops = dict(_lines(place / LOOPS, lambda line: (str(line["loop"]), decode_loop(line["pattern"]))))
        for number, rating in _lines(place / RATINGS, lambda line: _rating(line, loops)):
            ratings.setdefault(number, []).append(rating)
    else:
        for number, pair in _lines(place / PAIRS, _pair):
            pairs.setdefault(number, []).append(pair)

    def person(line: dict[str, Any]) -> Person:
        number = int(line["participant"])
        seconds = _NAN if line["seconds"] is None else float(line["seconds"])
        return Person(
            number,
            bool(line["finished"]),
            tuple(ratings.get(number, ())),
            tuple(pairs.get(number, ())),
            survey.get(number, {}),
            str(line.get("pause", "")),
            seconds,
        )

    people = tuple(_lines(place / PEOPLE, person))
    return StudyData(place, design, str(meta.get("licence", "")), people, loops, SoundBank(_Recordings(place).read))


@dataclass(frozen=True)
class _Recordings:
    """Recordings of a data set."""

    folder: Path

    def read(self, sound: FileSound) -> Mono | None:
        path = self.folder / "sounds" / f"{sound.digest}.wav"
        if not path.is_file():
            return None
        clip = read_audio(path)
        return clip.audio[:, 0] if clip.sample_rate_hz == MASTER_RATE_HZ else None


def _rating(line: dict[str, Any], loops: Mapping[str, Loop]) -> tuple[int, Rating]:
    def seconds(name: str) -> float:
        return _NAN if line[name] is None else float(line[name])

    return int(line["participant"]), Rating(
        number=int(line["trial"]),
        phase=str(line["phase"]),
        arm=str(line["arm"]),
        repeats=None if line["repeats"] is None else int(line["repeats"]),
        liked=bool(line["liked"]),
        seconds=seconds("seconds"),
        played_seconds=seconds("played_seconds"),
        answered_at=_time(line["at_seconds"]),
        loop=loops[line["loop"]],
        origin=str(line["origin"]),
        score=None if line["score"] is None else float(line["score"]),
    )


def _pair(line: dict[str, Any]) -> tuple[int, PairAnswer]:
    return int(line["participant"]), PairAnswer(
        number=int(line["trial"]),
        kind=str(line["kind"]),
        item=str(line["items"][0]),
        systems=tuple(map(str, line["systems"])),
        items=tuple(map(str, line["items"])),
        choice=line["choice"],
        ratings=tuple(map(int, line["ratings"] or ())),
        correct=line["correct"],
        seconds=_NAN if line["seconds"] is None else float(line["seconds"]),
        answered_at=_time(line["at_seconds"]),
    )


def _time(seconds: float) -> str:
    """Return seconds since the first answer as a time of the year 1, which is no date of anybody."""
    import datetime

    moment = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=float(seconds))
    return moment.isoformat(timespec="milliseconds")


def _lines(path: Path, decode: Callable[[dict[str, Any]], T]) -> list[T]:
    found = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        try:
            found.append(decode(json.loads(line)))
        except (GhostnoteError, ValueError, KeyError, TypeError, OverflowError, IndexError) as error:
            raise InvalidInput(f"{path}, line {number}, is damaged: {error!r}"[:400]) from error
    return found


def _value(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise InvalidInput(f"{path} must be JSON: {error}") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"{path} must be at most {MOST_BYTES >> 20} MiB; it is larger")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror}. Is this a study's data set?") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} must be UTF-8: {error.reason}") from error
