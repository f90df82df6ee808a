"""What a person may turn from one proposal to the next: it steers where is sought, and ratings keep counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.explore.generators import check_whole
from ghostnote.explore.search import MOST_CANDIDATES, Target
from ghostnote.loops import Loop, decode_loop, encode_loop

if TYPE_CHECKING:
    from ghostnote.explore.settings import SessionSettings

ANY_STYLE = "any"

_OF_SEARCH = ("target", "explore", "novelty", "candidates")
_OF_SESSION = ("musical", "density", "tempo_bpm", "swing", "style", "four_on_the_floor")


@dataclass(frozen=True)
class Controls:
    """What differs from the session's settings for one proposal; None is as the session has it.

    Args:
        musical: where proposals come from: 0 anything goes … 1 as drummers play.
        density: 0 few hits … 1 many; children of what was liked follow it too.
        tempo_bpm: lowest and highest tempo, 60…200.
        swing: least and most swing in steps, 0…0.5.
        style: of what is musical, such as `funk`; `any` for any.
        four_on_the_floor: row 0 is a kick on every beat.
        target: what to look for, see `SearchSettings`.
        explore: 0 what the critic is surest of … 1 what it would learn most from.
        novelty: 0 may repeat itself … 1 stays far from what was heard.
        candidates: how many loops are considered, 16…20,000.
        base: a loop to vary, or whose rows are locked; its tempo and swing hold unless they are given.
        locked_rows: rows of `base` whose hits, velocities and sound every proposal has; never all of them.

    Raises:
        InvalidParameter: rows are locked without a base that has them.
    """

    musical: float | None = None
    density: float | None = None
    tempo_bpm: tuple[float, float] | None = None
    swing: tuple[float, float] | None = None
    style: str | None = None
    four_on_the_floor: bool | None = None
    target: Target | None = None
    explore: float | None = None
    novelty: float | None = None
    candidates: int | None = None
    base: Loop | None = None
    locked_rows: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "locked_rows", tuple(sorted(set(self.locked_rows))))
        if self.candidates is not None:
            check_whole("candidates", self.candidates, 16, MOST_CANDIDATES)
        if not self.locked_rows:
            return
        if self.base is None:
            raise InvalidParameter("locked_rows must be rows of a base; there is none. Give the loop that they are of")
        rows = self.base.pattern.rows
        if not 0 <= self.locked_rows[0] <= self.locked_rows[-1] < rows:
            raise InvalidParameter(f"locked_rows must lie in 0…{rows - 1}; got {list(self.locked_rows)}")
        if len(self.locked_rows) == rows:
            raise InvalidParameter(f"locked_rows must leave a row free; got all {rows}. Unlock one")

    def applied_to(self, settings: SessionSettings) -> SessionSettings:
        """Return `settings` with what is turned.

        Raises:
            InvalidParameter: a value is out of range, or `base` has another shape than the session's loops.
        """
        shape = (settings.steps, settings.rows)
        if self.base is not None and self.base.pattern.hits.shape != shape:
            steps, rows = self.base.pattern.hits.shape
            raise InvalidParameter(
                f"base must have {shape[0]} steps and {shape[1]} rows, as the session's loops; got {steps} and {rows}"
            )
        turned: dict[str, Any] = {n: getattr(self, n) for n in _OF_SESSION if getattr(self, n) is not None}
        if turned.get("style") == ANY_STYLE:
            turned["style"] = None
        if self.base is not None:
            turned.setdefault("tempo_bpm", (self.base.tempo_bpm, self.base.tempo_bpm))
            turned.setdefault("swing", (self.base.swing, self.base.swing))
        sought = {name: getattr(self, name) for name in _OF_SEARCH if getattr(self, name) is not None}
        return replace(settings, **turned, search=replace(settings.search, **sought))


def encode_controls(controls: Controls) -> dict[str, Any]:
    """Return `controls` as JSON values; what is as the session has it is left out."""
    value = {entry.name: getattr(controls, entry.name) for entry in fields(controls)}
    if controls.base is not None:
        value["base"] = encode_loop(controls.base)
    lists = {name: list(value[name]) for name in ("tempo_bpm", "swing", "locked_rows") if value[name]}
    return {name: given for name, given in (value | lists).items() if given is not None and given != ()}


def decode_controls(value: Mapping[str, Any]) -> Controls:
    """Return the controls that `encode_controls` made `value` of.

    Raises:
        InvalidParameter: a value is out of range.
        InvalidInput: it is none.
    """
    known = {entry.name for entry in fields(Controls)}
    if unknown := set(value) - known:
        raise InvalidInput(f"controls must be among {', '.join(sorted(known))}; got {sorted(unknown)}")
    given = dict(value)
    try:
        for name in ("tempo_bpm", "swing"):
            if given.get(name) is not None:
                low, high = map(float, given[name])
                given[name] = (low, high)
        if given.get("base") is not None:
            given["base"] = decode_loop(given["base"])
        given["locked_rows"] = tuple(int(row) for row in given.get("locked_rows") or ())
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"controls must have ranges of two numbers, a loop as base and rows: {error}") from error
    return Controls(**given)
