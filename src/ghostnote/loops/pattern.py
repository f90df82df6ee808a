"""A pattern: which row sounds on which step, how loud and how late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove.hvo import check_hvo

LEAST_STEPS, MOST_STEPS = 8, 32
MOST_ROWS = 8
STEPS_PER_BEAT = 4


@dataclass(frozen=True, eq=False)
class Pattern:
    """Hits, velocities and offsets of the rows of one bar. Equal and hashed by content; its arrays are read-only.

    Args:
        hits: `(steps, rows)`, 8…32 steps (16ths), 1…8 rows; {0, 1}, kept as float32.
        velocities: `(steps, rows)`, [0, 1]; 1 at every hit if None.
        offsets: `(steps, rows)`, fractions of a step in [-0.5, 0.5), positive is late; 0 if None.

    Raises:
        InvalidParameter: a shape or a value is outside these rules, or a hit has no velocity.
    """

    hits: NDArray[np.float32]
    velocities: NDArray[np.float32] = None  # type: ignore[assignment]
    offsets: NDArray[np.float32] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        hits = _float32(self.hits)
        if hits.ndim != 2 or not LEAST_STEPS <= len(hits) <= MOST_STEPS or not 1 <= hits.shape[1] <= MOST_ROWS:
            raise InvalidParameter(
                f"hits of a pattern must have shape (steps, rows) with {LEAST_STEPS}…{MOST_STEPS} steps and "
                f"1…{MOST_ROWS} rows; got {hits.shape}"
            )
        given_velocities: object = self.velocities  # both may be None, which the attributes never are
        given_offsets: object = self.offsets
        velocities = hits.copy() if given_velocities is None else _float32(given_velocities)
        offsets = np.zeros_like(hits) if given_offsets is None else _float32(given_offsets)
        if velocities.shape != hits.shape or offsets.shape != hits.shape:
            raise InvalidParameter(
                f"velocities and offsets must have the shape of hits, {hits.shape}; got {velocities.shape}, "
                f"{offsets.shape}"
            )
        check_hvo(hits, velocities, offsets)
        if (velocities[hits > 0] <= 0).any():
            raise InvalidParameter("velocities must be above 0 where there is a hit; got 0")
        self._keep(hits, velocities, offsets)

    @classmethod
    def unchecked(
        cls, hits: NDArray[np.float32], velocities: NDArray[np.float32], offsets: NDArray[np.float32]
    ) -> Pattern:
        """Return a pattern of arrays that are known to obey the rules: searches make thousands a second.

        Args:
            hits, velocities, offsets: float32 of one shape, as for `Pattern`, without minus zero; they become
                read-only.
        """
        made = cls.__new__(cls)
        made._keep(hits, velocities, offsets)
        return made

    def _keep(self, hits: NDArray[np.float32], velocities: NDArray[np.float32], offsets: NDArray[np.float32]) -> None:
        for name, values in (("hits", hits), ("velocities", velocities), ("offsets", offsets)):
            values.setflags(write=False)
            object.__setattr__(self, name, values)

    @property
    def steps(self) -> int:
        """Number of 16ths."""
        return len(self.hits)

    @property
    def rows(self) -> int:
        """Number of rows, each of which one sound plays."""
        return int(self.hits.shape[1])

    @property
    def is_straight(self) -> bool:
        """Whether every hit lies exactly on its step."""
        return not self.offsets.any()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.hits.shape == other.hits.shape and self._bytes() == other._bytes()

    def __hash__(self) -> int:
        return hash((self.hits.shape, self._bytes()))

    def __repr__(self) -> str:
        return f"Pattern({' '.join(row_text(row) for row in self.hits.T)})"

    def _bytes(self) -> bytes:
        return self.hits.tobytes() + self.velocities.tobytes() + self.offsets.tobytes()


def _float32(values: Any) -> NDArray[np.float32]:
    """Return a copy of `values` in which equal numbers have equal bytes: minus zero becomes zero."""
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as such
        return np.array(values, dtype=np.float32) + np.float32(0.0)


def row_text(row: NDArray[np.float32]) -> str:
    """Return a row's hits as text, such as `x---x---x---x---`."""
    return "".join("x" if hit else "-" for hit in row)


def pattern_of_text(*rows: str) -> Pattern:
    """Return the pattern with these rows.

    >>> pattern_of_text("x---x---x---x---", "----x-------x---").hits.sum()
    np.float32(6.0)

    Raises:
        InvalidParameter: rows differ in length, or have letters other than `x` and `-`.
    """
    if len({len(row) for row in rows}) != 1 or set("".join(rows)) - {"x", "-"}:
        raise InvalidParameter(f"rows of a pattern must be equally long texts of x and -; got {str(rows)[:120]}")
    return Pattern(np.array([[letter == "x" for letter in row] for row in rows], dtype=np.float32).T)
