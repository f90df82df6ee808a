"""Loops as text: a grid that any terminal shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghostnote.loops import Loop

_LONGEST_NAME = 24
_STEPS_PER_BEAT = 4
_SOFT = 0.5


def loop_grid(loop: Loop) -> str:
    """Return a line for each row: its sound and its steps, `x` a hit, `o` a soft one, beats apart.

    Of loops that come out of a file: what a name could do to a terminal is escaped.
    """
    names = [printable(sound.name)[:_LONGEST_NAME] for sound in loop.sounds]
    width = max(len(name) for name in names)
    rows = zip(names, loop.pattern.velocities.T, strict=True)
    return "\n".join(f"{name:<{width}}  {_steps(list(velocities))}" for name, velocities in rows)


def loop_facts(loop: Loop) -> str:
    """Return tempo and what else is not in the grid."""
    swing = f", swing {loop.swing:g}" if loop.swing else ""
    human = "" if loop.pattern.is_straight else ", with microtiming"
    return f"{loop.tempo_bpm:g} bpm{swing}{human}"


def printable(text: str) -> str:
    """Return `text` on one line, without what a terminal would obey."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _steps(velocities: list[float]) -> str:
    letters = "".join("-" if v == 0 else "o" if v < _SOFT else "x" for v in velocities)
    return " ".join(letters[i : i + _STEPS_PER_BEAT] for i in range(0, len(letters), _STEPS_PER_BEAT))
