"""What the rows of a loop do, each by itself: our loops come with their pattern, and nobody need guess at it by ear.

Rows have no order and no roles: what is said of a loop are means and spreads over its rows that sound, and how many of
them hit at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ghostnote.loops import Loop

LAGS = (1, 2, 3, 4, 6, 8)
TURNS = (1, 2, 4)
_LOUD_ENOUGH = 0.35
"""Of a row's loudest hit: what is softer does not end a wait."""

_PLACES = 5
_OF_EACH_ROW = 1 + _PLACES + len(LAGS) + 1 + 2 * len(TURNS) + 2
ROW_VALUES = 2 * _OF_EACH_ROW + 6
"""How many numbers `measure_rows` returns of a loop."""


def rows_of(loops: Sequence[Loop]) -> NDArray[np.float32]:
    """Return what the rows of loops do, `(loops, ROW_VALUES)`; they need not have equally many rows.

    Rows of the same sound are heard as one.

    Args:
        loops: of equally many steps.
    """
    if not loops:
        return np.zeros((0, ROW_VALUES), dtype=np.float32)
    most = max(loop.pattern.rows for loop in loops)
    return measure_rows(np.stack([_played(loop, most) for loop in loops]))


def measure_rows(played: NDArray[np.floating | np.bool_]) -> NDArray[np.float32]:
    """Return what can be said of rows, `(loops, ROW_VALUES)`.

    First the means over the rows that sound, then the standard deviations: density; strength on the first step, on half
    bars, other beats, other eighths and the rest; correlation with itself some steps later; syncopation; where its hits
    lie on turns of the bar, once, twice and four times round; longest wait; unevenness of waits. At last how many rows
    sound, how many hit at once (mean, deviation, most), and how many steps have none and one.

    Args:
        played: `(loops, steps, rows)`, at least one loop; velocities, 0 where there is no hit.
    """
    # Loops last, so that whatever is summed is summed for all of them at once.
    strength = np.ascontiguousarray(np.asarray(played, dtype=np.float32).transpose(1, 2, 0))
    steps = len(strength)
    there = strength.max(axis=0) > 0
    rows = np.maximum(there.sum(axis=0, dtype=np.float32), 1.0)
    lines = strength.reshape(steps, -1)
    each = np.concatenate([measure_lines(lines), _waits(lines)]).reshape(_OF_EACH_ROW, *there.shape) * there
    mean = each.sum(axis=1) / rows
    square = np.square(each - mean[:, None]) * there
    at_once = (strength > 0).sum(axis=1, dtype=np.float32)
    shared = (
        rows / 4,
        at_once.mean(axis=0),
        at_once.std(axis=0),
        at_once.max(axis=0) / 2,
        (at_once == 0).mean(axis=0),
        (at_once == 1).mean(axis=0),
    )
    whole = [mean, np.sqrt(square.sum(axis=1) / rows), np.stack(shared)]
    return np.ascontiguousarray(np.concatenate(whole, dtype=np.float32).T)


def _played(loop: Loop, rows: int) -> NDArray[np.float32]:
    """Return the velocities of the sounds of a loop, `(steps, rows)`; behind them silence."""
    velocities = loop.pattern.velocities
    if len(set(loop.sounds)) == loop.pattern.rows == rows:
        return velocities
    played = np.zeros((loop.pattern.steps, rows), dtype=np.float32)
    for row, sound in enumerate(loop.sounds):
        first = loop.sounds.index(sound)
        np.maximum(played[:, first], velocities[:, row], out=played[:, first])
    return played


def measure_lines(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what can be said of lines one by one, `(values, lines)`: all that `measure_rows` tells but waits.

    Args:
        strength: `(steps, lines)`, how much starts on each step: the hits of a row, or of a zone of frequency.
    """
    steps = len(strength)
    step = np.arange(steps)
    place = np.select([step == 0, step % 8 == 0, step % 4 == 0, step % 2 == 0], [0, 1, 2, 3], 4)
    among = [place == number if number in place else np.ones(steps, dtype=bool) for number in range(_PLACES)]
    means = np.stack([np.ones(steps, dtype=bool), *among]).astype(np.float32)
    density_and_places = means / means.sum(axis=1, keepdims=True) @ strength
    centred = strength - density_and_places[:1]
    variance = np.einsum("tr,tr->r", centred, centred) / steps + np.float32(0.01)
    twice = np.concatenate([centred, centred])
    again = [np.einsum("tr,tr->r", centred, twice[lag : lag + steps]) / (steps * variance) for lag in LAGS]
    rises = np.maximum(place - np.roll(place, -1), 0).astype(np.float32)  # the next step weighs so much more
    alone = strength * np.maximum(strength - np.roll(strength, -1, axis=0), 0.0)
    angle = (2 * np.pi * step / steps * np.array(TURNS)[:, None]).astype(np.float32)
    turns = np.concatenate([np.cos(angle), np.sin(angle)]) @ (strength / (strength.sum(axis=0) + 1e-6))
    return np.concatenate([density_and_places, again, [2.0 * rises / steps @ alone], turns], dtype=np.float32)


def _waits(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the longest wait between hits, as a share of the bar, and the deviation of waits beside their mean."""
    steps = len(strength)
    hit = strength > _LOUD_ENOUGH * np.maximum(strength.max(axis=0), 1e-9)
    count = np.maximum(hit.sum(axis=0), 1)
    step = np.arange(steps, dtype=np.float32)[:, None]
    when = np.where(hit, step, np.float32(2 * steps))
    following = np.empty((steps + 1, strength.shape[1]), np.float32)  # the next hit at each step or after it
    following[:steps] = np.minimum.accumulate(when[::-1], axis=0)[::-1]
    following[steps] = following[0] + steps
    np.minimum(following, following[steps], out=following)
    waits = np.where(hit, following[1:] - step, np.float32(0.0))
    longest = np.where(hit.any(axis=0), waits.max(axis=0), np.float32(steps)) / steps
    mean = steps / count
    uneven = np.sqrt(np.maximum(np.square(waits).sum(axis=0) / count - mean**2, 0.0)) / mean
    return np.stack([longest, uneven])
