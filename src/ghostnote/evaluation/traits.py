"""What a loop is like, in numbers that a musician would name: what simulated listeners like and dislike loops for.

Three kinds: of its sounds (how often each hits counts, not when), of its rhythm (whatever sounds), and of both together
(what sounds when). All are of batches, from hits and from what `describe_sound` tells of the sounds; none is learned.

Source: syncopation after Longuet-Higgins & Lee 1984; evenness as in Toussaint 2013; the others are our own words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hearing import QUALITIES, quality
from ghostnote.evaluation.hits import Floats

TraitKind = Literal["timbre", "rhythm", "both"]
BEAT = 4


@dataclass(frozen=True)
class Heard:
    """A batch of loops as a listener hears them.

    Args:
        hits: `(loops, steps, rows)`, {0, 1}; a multiple of 8 steps.
        velocities: `(loops, steps, rows)`, [0, 1].
        sounds: `(loops, rows, qualities)`, of the sound of each row.

    Raises:
        InvalidParameter: shapes do not fit.
    """

    hits: Floats
    velocities: Floats
    sounds: Floats
    qualities: tuple[str, ...] = field(default=QUALITIES, init=False)

    def __post_init__(self) -> None:
        shape = self.hits.shape
        if len(shape) != 3 or shape[1] % (2 * BEAT) or self.velocities.shape != shape:
            raise InvalidParameter(
                "hits and velocities must both be (loops, steps, rows) with a multiple of 8 steps; "
                f"got {shape} and {self.velocities.shape}"
            )
        if self.sounds.shape != (shape[0], shape[2], len(QUALITIES)):
            raise InvalidParameter(
                f"sounds must be (loops, rows, qualities) = {(shape[0], shape[2], len(QUALITIES))}; "
                f"got {self.sounds.shape}"
            )

    @property
    def steps(self) -> int:
        """Number of 16ths."""
        return int(self.hits.shape[1])

    @cached_property
    def strength(self) -> Floats:
        """`(loops, steps, rows)`: how hard each cell hits, 0 where it does not."""
        return np.asarray(self.hits * self.velocities, dtype=np.float64)

    @cached_property
    def share(self) -> Floats:
        """`(loops, rows)`: of all hits, by row; equal shares for silence."""
        rows = self.strength.sum(axis=1) + 1e-9
        return np.asarray(rows / rows.sum(axis=1, keepdims=True))

    @cached_property
    def density(self) -> Floats:
        """`(loops, rows)`: share of steps that hit."""
        return np.asarray(self.hits.mean(axis=1), dtype=np.float64)

    @cached_property
    def profile(self) -> Floats:
        """`(loops, steps)`: all rows together."""
        return np.asarray(self.strength.sum(axis=2))

    @cached_property
    def lines(self) -> Floats:
        """`(loops, rows, 3)`: evenness, longest wait and syncopation of each row."""
        rows = self.hits.transpose(0, 2, 1).astype(np.uint8).reshape(-1, self.steps)
        unique, inverse = np.unique(rows, axis=0, return_inverse=True)
        numbers = np.array([_line(row.tobytes()) for row in unique])
        return np.asarray(numbers[inverse.reshape(-1)].reshape(len(self.hits), -1, 3))

    def of_sound(self, name: str) -> Floats:
        """Return one quality of the sound of each row, `(loops, rows)`."""
        return np.asarray(self.sounds[:, :, quality(name)], dtype=np.float64)

    def repeated(self, lag: int) -> Floats:
        """Return the share of cells that are as `lag` steps earlier, `(loops, rows)`."""
        return np.asarray((self.hits == np.roll(self.hits, lag, axis=1)).mean(axis=1), dtype=np.float64)

    def on(self, *places: int, every: int) -> Floats:
        """Return how much harder each row hits on `places` of `every` steps than elsewhere, `(loops, rows)`."""
        there = np.isin(np.arange(self.steps) % every, places)
        return np.asarray(self.strength[:, there].mean(axis=1) - self.strength[:, ~there].mean(axis=1))

    def share_on(self, *places: int, every: int) -> Floats:
        """Return the share of all hits on `places` of `every` steps, `(loops,)`."""
        there = np.isin(np.arange(self.steps) % every, places)
        return np.asarray(self.profile[:, there].sum(axis=1) / (self.profile.sum(axis=1) + 1e-9))


def soft(values: Floats, above: float, width: float) -> Floats:
    """Return how far `values` lie above a border, softly: 0…1, 0.5 on it."""
    return np.asarray(1 / (1 + np.exp(-np.clip((values - above) / width, -30, 30))))


def is_low(heard: Heard) -> Floats:
    """Return how much each row is a low sound, `(loops, rows)`, 0…1."""
    return soft(heard.of_sound("low"), 0.4, 0.08)


def is_bright(heard: Heard) -> Floats:
    """Return how much each row is a bright sound: centre of its power above 4 kHz."""
    return soft(heard.of_sound("brightness"), 2.0, 0.3)


def is_noisy(heard: Heard) -> Floats:
    """Return how much each row is noise of middle or high pitch."""
    return soft(heard.of_sound("noisiness"), -0.5, 0.08) * (1 - is_low(heard))


def is_tonal(heard: Heard) -> Floats:
    """Return how much each row has a pitch, lows aside."""
    return soft(-heard.of_sound("noisiness"), 0.9, 0.1) * (1 - is_low(heard))


def is_long(heard: Heard) -> Floats:
    """Return how much each row rings, beyond 0.35 s."""
    return soft(heard.of_sound("decay"), np.log10(0.35), 0.1)


def is_click(heard: Heard) -> Floats:
    """Return how much each row is over at once, within 60 ms."""
    return soft(-heard.of_sound("decay"), -np.log10(0.06), 0.1)


def is_rough(heard: Heard) -> Floats:
    """Return how much each row buzzes or rattles."""
    return soft(heard.of_sound("roughness"), -0.75, 0.1)


def _mean(name: str) -> Callable[[Heard], Floats]:
    return lambda heard: np.asarray((heard.share * heard.of_sound(name)).sum(axis=1))


def _spread(name: str) -> Callable[[Heard], Floats]:
    def spread(heard: Heard) -> Floats:
        values = heard.of_sound(name)
        middle = (heard.share * values).sum(axis=1, keepdims=True)
        return np.asarray(np.sqrt((heard.share * (values - middle) ** 2).sum(axis=1)))

    return spread


def _amount(kind: Callable[[Heard], Floats]) -> Callable[[Heard], Floats]:
    """Return how much of `kind` is heard: one row that hits often is enough, more add less and less."""
    return lambda heard: np.asarray(np.sqrt((heard.share * kind(heard)).sum(axis=1)))


def _pitch_of_lows(heard: Heard) -> Floats:
    weight = heard.share * is_low(heard) + 1e-3
    return np.asarray((weight * heard.of_sound("pitch")).sum(axis=1) / weight.sum(axis=1))


def metre(steps: int) -> Floats:
    """Return how strong each 16th is in the metre, `(steps,)`: 4 bar, 3 half bar, 2 beats, 1 eighths, 0 the rest."""
    step = np.arange(steps)
    return np.asarray(sum((step % length == 0).astype(float) for length in (2, BEAT, 2 * BEAT, 4 * BEAT)))


@lru_cache(maxsize=100_000)
def _line(row: bytes) -> tuple[float, float, float]:
    """Return evenness, longest wait (share of the bar) and syncopation of a row of hits."""
    steps = len(row)
    at = np.flatnonzero(np.frombuffer(row, dtype=np.uint8))
    if not len(at):
        return 0.0, 1.0, 0.0
    waits = np.diff(at, append=at[0] + steps)
    even = 1.0 - float(waits.std() / waits.mean()) if len(at) > 1 else 0.0
    strong = metre(steps)
    pulled = [max(0.0, float(strong[(a + np.arange(1, w)) % steps].max(initial=0.0) - strong[a]))
              for a, w in zip(at, waits, strict=True)]  # fmt: skip
    return even, float(waits.max()) / steps, float(np.mean(pulled))


def _accented(heard: Heard) -> Floats:
    strong = metre(heard.steps)
    weight = strong - strong.mean()
    return np.asarray(heard.profile @ weight / (heard.profile.sum(axis=1) + 1e-9))


def _mean_line(column: int) -> Callable[[Heard], Floats]:
    return lambda heard: np.asarray(heard.lines[:, :, column].mean(axis=1))


def _together(heard: Heard) -> Floats:
    return np.asarray(heard.profile.std(axis=1) / (heard.profile.mean(axis=1) + 0.25))


def _share_of(kind: Callable[[Heard], Floats], *places: int, every: int) -> Callable[[Heard], Floats]:
    """Return the share of the hits of `kind` on `places`, none counting as what chance gives."""

    def share(heard: Heard) -> Floats:
        line = (heard.strength * kind(heard)[:, None, :]).sum(axis=2)
        there = np.isin(np.arange(heard.steps) % every, places)
        return np.asarray((line[:, there].sum(axis=1) + there.mean()) / (line.sum(axis=1) + 1.0))

    return share


def _count_of(kind: Callable[[Heard], Floats]) -> Callable[[Heard], Floats]:
    return lambda heard: np.asarray((heard.strength.sum(axis=1) * kind(heard)).sum(axis=1))


def _regular(kind: Callable[[Heard], Floats], lag: int) -> Callable[[Heard], Floats]:
    def regular(heard: Heard) -> Floats:
        weight = kind(heard) * (heard.density > 0)
        return np.asarray((weight * (heard.repeated(lag) - 0.5)).sum(axis=1) / (weight.sum(axis=1) + 0.3))

    return regular


def _backbeat_of(kind: Callable[[Heard], Floats]) -> Callable[[Heard], Floats]:
    return lambda heard: np.asarray((kind(heard) * (heard.on(BEAT, every=2 * BEAT) + 1)).max(axis=1))


def _long_are_sparse(heard: Heard) -> Floats:
    decay = heard.of_sound("decay")
    return np.asarray(-((decay - decay.mean(axis=1, keepdims=True)) * heard.density).sum(axis=1))


def _answers(heard: Heard) -> Floats:
    """Return how far low and high sounds keep out of each other's way."""
    low, high = ((heard.strength * kind(heard)[:, None, :]).sum(axis=2) for kind in (is_low, is_bright))
    both = np.minimum(low, high).sum(axis=1)
    return np.asarray((np.minimum(low.sum(axis=1), high.sum(axis=1)) - 1.5 * both) / heard.steps)


def _lows_syncopate(heard: Heard) -> Floats:
    low = is_low(heard)
    return np.asarray((low * heard.lines[:, :, 2]).sum(axis=1) / (low.sum(axis=1) + 0.3))


@dataclass(frozen=True)
class Trait:
    """One number of a loop.

    Args:
        name: of it.
        kind: whether it hangs on the sounds, on the rhythm, or on both.
        more, less: words for much and little of it.
        measure: of a batch, `(loops,)`.
    """

    name: str
    kind: TraitKind
    more: str
    less: str
    measure: Callable[[Heard], Floats]


TRAITS: tuple[Trait, ...] = (
    Trait("brightness", "timbre", "bright sounds", "dark sounds", _mean("brightness")),
    Trait("decay", "timbre", "ringing sounds", "dry sounds", _mean("decay")),
    Trait("noisiness", "timbre", "noisy sounds", "pitched sounds", _mean("noisiness")),
    Trait("roughness", "timbre", "rough sounds", "smooth sounds", _mean("roughness")),
    Trait("attack", "timbre", "soft attacks", "hard attacks", _mean("attack")),
    Trait("bass", "timbre", "much bass", "little bass", _amount(is_low)),
    Trait("bass_pitch", "timbre", "high-pitched lows", "deep lows", _pitch_of_lows),
    Trait("clicks", "timbre", "clicks", "no clicks", _amount(is_click)),
    Trait("bells", "timbre", "pitched ringing sounds", "nothing that rings at a pitch",
          _amount(lambda heard: is_tonal(heard) * is_long(heard))),
    Trait("hiss", "timbre", "hiss", "no hiss", _amount(lambda heard: is_bright(heard) * is_noisy(heard))),
    Trait("snap", "timbre", "bursts of noise below the hiss", "no such bursts",
          _amount(lambda heard: is_noisy(heard) * (1 - is_bright(heard)))),
    Trait("buzz", "timbre", "buzz and rattle", "neither buzz nor rattle", _amount(is_rough)),
    Trait("contrast", "timbre", "dark against bright", "sounds of one brightness", _spread("brightness")),
    Trait("lengths", "timbre", "short against long", "sounds of one length", _spread("decay")),
    Trait("density", "rhythm", "many hits", "few hits", lambda heard: np.asarray(heard.density.mean(axis=1))),
    Trait("accents", "rhythm", "hits on strong places of the metre", "hits on weak places of the metre", _accented),
    Trait("syncopation", "rhythm", "syncopation", "no syncopation", _mean_line(2)),
    Trait("halves", "rhythm", "a second half like the first", "a second half unlike the first",
          lambda heard: heard.repeated(heard.steps // 2).mean(axis=1)),
    Trait("beats", "rhythm", "every beat like the one before", "every beat unlike the one before",
          lambda heard: heard.repeated(BEAT).mean(axis=1)),
    Trait("evenness", "rhythm", "even distances", "uneven distances", _mean_line(0)),
    Trait("waiting", "rhythm", "a row that waits long", "no long gap in any row",
          lambda heard: np.asarray(heard.lines[:, :, 1].max(axis=1))),
    Trait("backbeat", "rhythm", "some row on the backbeat", "no row on the backbeat",
          lambda heard: heard.on(BEAT, every=2 * BEAT).max(axis=1)),
    Trait("downbeat", "rhythm", "a full first step", "an empty first step",
          lambda heard: np.asarray(heard.strength[:, :2].sum(axis=2) @ np.array([1.0, -0.5]))),
    Trait("offbeats", "rhythm", "off-beats", "few off-beats", lambda heard: heard.share_on(2, every=BEAT)),
    Trait("sixteenths", "rhythm", "hits between the eighths", "eighths", lambda heard: heard.share_on(1, every=2)),
    Trait("hierarchy", "rhythm", "one busy row and one sparse row", "rows that are equally busy",
          lambda heard: heard.density.max(axis=1) - heard.density.min(axis=1)),
    Trait("together", "rhythm", "rows that hit together", "rows that fill each other's gaps", _together),
    Trait("lows_on_beats", "both", "low sounds on beats", "low sounds off the beats", _share_of(is_low, 0, every=BEAT)),
    Trait("busy_lows", "both", "busy lows", "few low hits", _count_of(is_low)),
    Trait("busy_brights", "both", "busy bright sounds", "few bright hits", _count_of(is_bright)),
    Trait("regular_brights", "both", "bright sounds that repeat each beat", "bright sounds that do not repeat",
          _regular(is_bright, BEAT)),
    Trait("regular_lows", "both", "lows that repeat each half bar", "lows that do not repeat",
          _regular(is_low, 2 * BEAT)),
    Trait("noise_backbeat", "both", "noise on the backbeat", "no noise on the backbeat", _backbeat_of(is_noisy)),
    Trait("pitch_offbeats", "both", "pitched sounds off the beats", "pitched sounds on the beats",
          _share_of(is_tonal, 1, 2, 3, every=BEAT)),
    Trait("sparse_rings", "both", "long sounds seldom, short ones often", "long sounds often, short ones seldom",
          _long_are_sparse),
    Trait("answers", "both", "lows and brights that answer each other", "lows and brights at once", _answers),
    Trait("lows_syncopate", "both", "syncopated lows", "lows without syncopation", _lows_syncopate),
)  # fmt: skip
TRAIT_NAMES = tuple(trait.name for trait in TRAITS)


def measure_traits(heard: Heard) -> Floats:
    """Return all traits of a batch, `(loops, traits)` in the order of `TRAITS`."""
    return np.stack([np.asarray(trait.measure(heard), dtype=np.float64) for trait in TRAITS], axis=1)
