"""A study's file, TOML, into its design; whatever is wrong with it is told before the first participant is let in."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.study.design import (
    ANCHOR,
    ARMS,
    ORIGINAL,
    PROTOCOLS,
    REPRODUCTION,
    REPRODUCTION_BARS,
    UNTRAINED,
    CriticDesign,
    Design,
    Exclusion,
    GeneratorDesign,
    Material,
    PairTrials,
    PairwiseDesign,
    PhaseOne,
    PhaseTwo,
    Playing,
    PreferenceDesign,
    Question,
    Stopping,
    System,
    Texts,
)
from ghostnote.study.fields import Rule, check_keys, checked, read_table
from ghostnote.study.templates import SURVEY

T = TypeVar("T")
MOST_BYTES = 2**20
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_COUNT = Rule("whole", 0, 1_000)
_PROTOCOL = Rule("text", choices=PROTOCOLS, fix="pairwise compares clips, the others ask whether loops are liked")


def read_design(path: str | os.PathLike[str], *, folders: bool = True) -> Design:
    """Return the design in the file at `path`; see `decode_design` about `folders`.

    Raises:
        InvalidInput: it is no study; the message names the field, the rule, what came and the likely fix.
        StorageError: it can not be read.
    """
    place = Path(path)
    try:
        with place.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise StorageError(f"{place} can not be read: {error.strerror}. `ghostnote study new` writes one") from error
    if len(content) > MOST_BYTES:
        raise InvalidInput(f"{place} must be at most 1 MiB; it is larger. Is it a study's file?")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{place} must be TOML, which is UTF-8: {error.reason}") from error
    return decode_design(text, place.absolute().parent, str(place), folders=folders)


def decode_design(text: str, home: Path, name: str = "the study", *, folders: bool = True) -> Design:
    """Return the design that `text`, TOML, tells of; see `read_design`.

    Args:
        text: of the file.
        home: folder that folders in it are relative to.
        name: of the file, for messages.
        folders: whether what it names must be there; not so where a study is looked back on.
    """
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput(f"{name} must be TOML: {error}") from error
    try:
        protocol = value.get("protocol")
        if protocol is None:
            raise InvalidInput(
                f"protocol must be given: one of {', '.join(PROTOCOLS)}; it is missing. Is this a study's file? "
                "`ghostnote study new` writes one"
            )
        checked(protocol, _PROTOCOL, "protocol")
        design = _pairwise(value, home) if protocol == "pairwise" else _preference(value, home, str(protocol))
        if folders:
            _check_folders(design)
        return design
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error}") from error


def _preference(value: dict[str, Any], home: Path, protocol: str) -> PreferenceDesign:
    two = dict(_table(value, "phase_two"))
    arms = _arms(two.pop("arms", None), protocol)
    tables = {
        "texts": read_table(Texts, value.get("texts", {}), "texts"),
        "generator": _optional(GeneratorDesign, value, "generator"),
        "critic": _optional(CriticDesign, value, "critic"),
        "phase_one": _optional(PhaseOne, value, "phase_one"),
        "phase_two": read_table(PhaseTwo, two, "phase_two", {"arms": arms}),
        "stopping": _optional(Stopping, value, "stopping"),
        "playing": _optional(Playing, value, "playing"),
        "survey": _survey(value.get("survey", [])),
    }
    design = read_table(PreferenceDesign, _without(value, tables), "", {**tables, "home": home})
    _check_preference(design)
    return design


def _arms(value: Any, protocol: str) -> dict[str, int]:
    known = ARMS[protocol]
    if value is None:
        if protocol == "deepdrummer-2020":
            return dict.fromkeys(known, 30)
        raise InvalidInput(f"phase_two.arms must be given: how many loops of {', '.join(known)}; it is missing")
    if not isinstance(value, Mapping):
        raise InvalidInput(f"phase_two.arms must be a table, as {{{known[0]} = 30, {known[1]} = 30}}; got {value!r}")
    check_keys(value, known, "phase_two.arms")
    arms = {arm: checked(value.get(arm, 0), _COUNT, f"phase_two.arms.{arm}") for arm in known}
    if sum(count > 0 for count in arms.values()) < 2:
        raise InvalidInput(
            f"phase_two.arms must have at least two arms with 1 loop or more, out of {', '.join(known)}; got "
            f"{', '.join(f'{arm} = {count}' for arm, count in arms.items())}. Nothing can be compared otherwise"
        )
    if not any(count > 0 for arm, count in arms.items() if arm not in (UNTRAINED, "random")):
        raise InvalidInput("phase_two.arms must have an arm that learned; both given know nothing of the participant")
    return {arm: count for arm, count in arms.items() if count}


def _check_preference(design: PreferenceDesign) -> None:
    original = protocol_is_original(design)
    if original and (design.phase_one.warm_up or design.phase_two.repeats):
        raise InvalidInput(
            "phase_one.warm_up and phase_two.repeats must be 0 in protocol deepdrummer-2020, which has neither; "
            "protocol preference has both"
        )
    if original and design.stopping.rule != "fixed":
        raise InvalidInput("stopping.rule must be fixed in protocol deepdrummer-2020; protocol preference knows others")
    if design.stopping.least > design.stopping.most:
        raise InvalidInput(
            f"stopping.least must be at most stopping.most, {design.stopping.most}; got {design.stopping.least}"
        )
    loops = sum(design.phase_two.arms.values())
    repeats, gap = design.phase_two.repeats, design.phase_two.repeat_gap
    if repeats and repeats + gap > loops:
        raise InvalidInput(
            f"phase_two.repeats and repeat_gap must together be at most the {loops} loops of the arms; got "
            f"{repeats} and {gap}. A loop can not come a second time before it came once"
        )
    critic, needed = design.critic, {UNTRAINED: (0, 0), "pretrained": (1, 1), "combined": (2, 1_000)}
    least, most = needed[critic.start]
    if not least <= len(critic.files) <= most:
        told = {UNTRAINED: "empty", "pretrained": "one saved critic", "combined": "two saved critics or more"}
        raise InvalidInput(
            f"critic.files must be {told[critic.start]} where critic.start is {critic.start!r}; "
            f"got {len(critic.files)}. `ghostnote explore critic` saves one"
        )
    if critic.start != UNTRAINED and ORIGINAL in design.learners:
        raise InvalidInput(
            "critic.start must be untrained where the original critic learns: it goes on from no saved critic"
        )
    if not design.generator.own_sounds and not design.generator.sounds:
        raise InvalidInput("generator.own_sounds must be at least 1 where generator.sounds names no folder; got 0")


def protocol_is_original(design: Design) -> bool:
    """Say whether the protocol is that of 2020, which nothing may be added to."""
    return design.protocol == "deepdrummer-2020"


def departures(design: Design) -> list[str]:
    """Return in what a study that follows the protocol of 2020 departs from it."""
    if not isinstance(design, PreferenceDesign) or not protocol_is_original(design):
        return []
    made = design.generator
    found = [
        (design.phase_one.ratings != 80, f"phase I has {design.phase_one.ratings} ratings, not 80"),
        (
            dict(design.phase_two.arms) != dict.fromkeys(ARMS[design.protocol], 30),
            f"phase II has {' + '.join(map(str, design.phase_two.arms.values()))} loops, not 30 + 30",
        ),
        (design.playing.pause_seconds != 60, f"the pause lasts {design.playing.pause_seconds:g} s, not a minute"),
        (design.critic.kind != ORIGINAL, f"the critic is {design.critic.kind}, which searches by {made.algorithm}"),
        (design.critic.start != UNTRAINED, f"the critic starts {design.critic.start}"),
        (made.steps != 16, f"loops have {made.steps} steps, not 16"),
        (made.rows != 4, f"loops have {made.rows} rows, not 4"),
        (made.tempo_bpm != (120.0, 120.0), f"tempos are {made.tempo_bpm[0]:g}–{made.tempo_bpm[1]:g} bpm, not 120"),
        (made.swing != (0.0, 0.0), f"swing is {made.swing[0]:g}–{made.swing[1]:g}, not 0"),
        (made.musical != 0, f"the musical mix is {made.musical:g}, not 0"),
        (made.four_on_the_floor, "loops are four on the floor"),
        (
            design.critic.kind != ORIGINAL and made.candidates != 100,
            f"{made.candidates} candidates are considered, not 100",
        ),
        (design.survey != _survey(tomllib.loads(SURVEY)["survey"]), "the survey is another"),
    ]
    return [words for departs, words in found if departs]


def _pairwise(value: dict[str, Any], home: Path) -> PairwiseDesign:
    systems = value.get("systems", [])
    if not isinstance(systems, list) or len(systems) < 2:
        got = f"{len(systems)}" if isinstance(systems, list) else f"{systems!r}"[:60]
        raise InvalidInput(
            f"systems must be two or more tables, [[systems]]; got {got}. Nothing can be compared otherwise"
        )
    tables = {
        "texts": read_table(Texts, value.get("texts", {}), "texts"),
        "systems": tuple(read_table(System, item, f"systems, item {n},") for n, item in enumerate(systems, 1)),
        "material": _optional(Material, value, "material"),
        "trials": _optional(PairTrials, value, "trials"),
        "exclusion": _optional(Exclusion, value, "exclusion"),
        "playing": _optional(Playing, value, "playing"),
        "survey": _survey(value.get("survey", [])),
    }
    design = read_table(PairwiseDesign, _without(value, tables), "", {**tables, "home": home})
    _check_systems(design)
    return design


def _check_systems(design: PairwiseDesign) -> None:
    _check_unique(design.names, "systems.name")
    for system in design.systems:
        if system.name == ANCHOR:
            raise InvalidInput(f"systems.name must not be {ANCHOR!r}, which is the anchor's; choose another")
        if bool(system.folder) == bool(system.source):
            raise InvalidInput(
                f"systems {system.name!r} must have a folder or a source, one of both; got "
                f"{'both' if system.folder else 'neither'}"
            )
        _check_weights(system, design.material.bars)
    if any(system.source for system in design.systems):
        from ghostnote.audio import kit_names

        checked(design.material.kit, Rule("text", choices=tuple(kit_names())), "material.kit")
    if design.form == "mushra":
        named = ", ".join(design.names)
        if design.reference not in design.names:
            raise InvalidInput(f"reference must name a system in form mushra, {named}; got {design.reference!r}")
        if design.anchor not in (ANCHOR, *design.names) or design.anchor == design.reference:
            raise InvalidInput(f"anchor must be {ANCHOR!r} or a system other than the reference; got {design.anchor!r}")
        if design.trials.catch:
            raise InvalidInput(
                f"trials.catch must be 0 in form mushra; got {design.trials.catch}. Hidden reference and anchor take "
                "its part; or is form 'ab' meant?"
            )
        if not design.trials.matched:
            raise InvalidInput(
                "trials.matched must be true in form mushra; got false. All clips of a screen are of one item"
            )


def _check_weights(system: System, bars: int) -> None:
    played = system.source == REPRODUCTION
    if played and not system.weights:
        raise InvalidInput(
            f'systems {system.name!r} must have weights, as "runs/seq2seq/best.safetensors", where source is '
            f"{REPRODUCTION!r}; they are missing. `ghostnote train seq2seq` writes them: none are shipped"
        )
    if system.weights and not played:
        raise InvalidInput(
            f"systems {system.name!r} must have no weights unless source is {REPRODUCTION!r}; got {system.weights!r} "
            f"with {'a folder' if system.folder else f'source {system.source!r}'}. Is source = {REPRODUCTION!r} meant?"
        )
    if played and bars % REPRODUCTION_BARS:
        raise InvalidInput(
            f"material.bars must be a multiple of {REPRODUCTION_BARS} where a source is {REPRODUCTION!r}, which plays "
            f"{REPRODUCTION_BARS} bars at a time; got {bars}"
        )


def _survey(value: Any) -> tuple[Question, ...]:
    if not isinstance(value, list):
        raise InvalidInput(f"survey must be a list of tables, [[survey]]; got {value!r}")
    questions = []
    for number, item in enumerate(value, 1):
        name = f"survey, question {number},"
        question = read_table(Question, item, name)
        if question.kind == "scale" and question.low >= question.high:
            raise InvalidInput(f"{name} low must be below high; got {question.low} and {question.high}")
        if question.kind == "choice" and len(question.choices) < 2:
            raise InvalidInput(f"{name} choices must be two or more where kind is 'choice'; got {question.choices}")
        questions.append(question)
    _check_unique([question.id for question in questions], "survey.id")
    return tuple(questions)


def _check_unique(names: list[str] | tuple[str, ...], field: str) -> None:
    for index, name in enumerate(names):
        if not _NAME.fullmatch(name):
            raise InvalidInput(f"{field} must be of a-z, 0-9, _ and -; got {name!r}")
        if name in names[:index]:
            raise InvalidInput(f"{field} must be unique; {name!r} is there twice")


def _check_folders(design: Design) -> None:
    if isinstance(design, PairwiseDesign):
        for system in design.systems:
            if system.folder:
                _check_there(design.home, system.folder, f"folder of system {system.name!r}", folder=True)
            if system.weights:
                fix = "`ghostnote train seq2seq` writes them; or are they spelt otherwise?"
                _check_there(design.home, system.weights, f"weights of system {system.name!r}", folder=False, fix=fix)
        if design.material.archive and any(system.source for system in design.systems):
            _check_there(design.home, design.material.archive, "material.archive", folder=False)
        return
    for number, name in enumerate(design.generator.sounds, 1):
        _check_there(design.home, name, f"generator.sounds, item {number},", folder=True)
    for number, name in enumerate(design.critic.files, 1):
        _check_there(design.home, name, f"critic.files, item {number},", folder=False)


def _check_there(
    home: Path, name: str, field: str, *, folder: bool, fix: str = "Was it moved, or is it spelt otherwise?"
) -> None:
    place = home / name
    if folder and place.is_dir():
        return
    if not folder and place.is_file():
        return
    kind = "folder" if folder else "file"
    what = f"it is no {kind}" if place.exists() else "there is none"
    if folder and place.exists():
        fix = "Name the folder that holds it"
    raise InvalidInput(
        f"{field} must be a {kind}, relative to the study's file; got {name!r}, and {what} at {place}. {fix}"
    )


def _table(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = value.get(name, {})
    if not isinstance(table, Mapping):
        raise InvalidInput(f"{name} must be a table, [{name}]; got {table!r}")
    return table


def _optional(cls: type[T], value: Mapping[str, Any], name: str) -> T:
    return read_table(cls, _table(value, name), name)


def _without(value: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in tables}


def with_home(design: Design, home: Path) -> Design:
    """Return `design` as if its file lay in `home`."""
    return replace(design, home=home)
