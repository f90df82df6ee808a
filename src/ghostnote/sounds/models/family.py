"""What a family of sounds is: a table of parameters and a function that plays them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Values = Mapping[str, float]
"""Parameters by name, in their own units."""

Play = Callable[[Values, np.random.Generator], NDArray[np.floating]]
"""Makes one hit, `(frames,)` at `MASTER_RATE_HZ` and any level; what is random in it takes the generator."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One knob of a model.

    Args:
        name: with its unit, as `decay_seconds`; without one it is a share in 0…1 or a ratio.
        low, high: what 0 and 1 stand for.
        scale: how the way between is spaced; `log` for what ears hear as ratios.
    """

    name: str
    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"

    def at(self, value: float) -> float:
        """Return what `value` in [0, 1] stands for."""
        if self.scale == "log":
            return float(self.low * (self.high / self.low) ** value)
        return float(self.low + (self.high - self.low) * value)


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of sound with a model of its own.

    Args:
        name: as in `SynthSound.family`.
        description: one line for people.
        parameters: in the order of `SynthSound.values`.
        play: makes one hit of them.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    play: Play

    def values(self, positions: tuple[float, ...]) -> dict[str, float]:
        """Return the parameters in their own units for `positions` in [0, 1], one for each."""
        return {knob.name: knob.at(at) for knob, at in zip(self.parameters, positions, strict=True)}
