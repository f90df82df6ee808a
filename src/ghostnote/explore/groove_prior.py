"""Loops from the groove models: patterns that a drummer could have played, with a sound of the right role per row."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.explore.bars import Arrangement, arrange, bars_of_groove
from ghostnote.explore.generators import (
    DEFAULT_ROWS,
    DEFAULT_STEPS,
    DEFAULT_TEMPO_BPM,
    Range,
    check_shape,
    check_swing,
    check_tempo,
    draw_seed,
    draw_swing,
    draw_tempo,
    nearest_swing,
)
from ghostnote.explore.pool import SoundPool
from ghostnote.groove import Grid
from ghostnote.groove.transforms import nothing
from ghostnote.loops.loop import Loop
from ghostnote.loops.pattern import STEPS_PER_BEAT
from ghostnote.models.composer import Composer
from ghostnote.models.performer import Performer, load_performer
from ghostnote.sounds.sound import Sound
from ghostnote.tasks.complete import Wish, complete_all

LEAST_BARS, MOST_BARS = 16, 16_384
_WINDOW_STEPS = 32  # what the composer learned from: two bars of 4/4
_AT_ONCE = 64  # grooves in a batch: a third of a second on one core
_FEWEST_PER_BEAT = 1.0  # a bar with less is a break, not a loop
Batches = list["tuple[Arrangement, ...] | None"]
"""The bars of a bank, None where a batch is not made yet."""

_LISTED = 4  # bars of which the one nearest to the wished density is taken


class GroovePrior:
    """Bars of the composer and the performer, a bank of them made in batches, each once, when first needed.

    A bar's hits come with the performer's velocities, since a ghost note played like an accent is another beat; and
    by default exactly on their steps, with the swing that was played: that is what critics score fastest, and a liked
    loop can be humanised (`ghostnote.explore.convert`).

    Args:
        pool: sounds to draw from, by role.
        steps: 8…32; more than 16 that are not 32 make one long bar.
        rows: 1…8; the voices that matter most in each bar get them.
        style: one of `load_performer().styles`, or None.
        tempo_bpm: lowest and highest tempo; drawn evenly. The bars are composed for the middle.
        swing: least and most swing in steps; drawn evenly. None leaves what was played, to the nearest `SWING_STEP`.
        density: hits per beat of the whole kit to aim at (GMD: 2-8), or None.
        velocities: whether hits keep the performer's loudness.
        microtiming: whether hits keep the performer's offsets.
        bars: how many bars to draw from, 16…16,384.
        seed: of the bank; another seed is another bank.
        composer, performer: models of your own; the chosen or shipped ones if None.
        banks: shared by generators of the same models, so that equal banks are made once: settings that only choose
            or play bars (density, swing, how far tempos reach) have the same.

    Raises:
        InvalidParameter: a number is out of range, or the style is not known.
    """

    locked_rows: tuple[int, ...] = ()
    locked_hits: tuple[int, ...] = ()

    def __init__(
        self,
        pool: SoundPool | Sequence[Sound],
        *,
        steps: int = DEFAULT_STEPS,
        rows: int = DEFAULT_ROWS,
        style: str | None = None,
        tempo_bpm: Range = (DEFAULT_TEMPO_BPM, DEFAULT_TEMPO_BPM),
        swing: Range | None = None,
        density: float | None = None,
        velocities: bool = True,
        microtiming: bool = False,
        bars: int = 256,
        seed: int = 0,
        composer: Composer | None = None,
        performer: Performer | None = None,
        banks: MutableMapping[Any, Batches] | None = None,
    ) -> None:
        check_shape(steps, rows)
        if not LEAST_BARS <= bars <= MOST_BARS:
            raise InvalidParameter(f"bars must lie in {LEAST_BARS}…{MOST_BARS}; got {bars}")
        if density is not None and not 0.0 < density <= 36.0:
            raise InvalidParameter(f"density must lie in 0…36 hits per beat; got {density:g}")
        if seed < 0:
            raise InvalidParameter(f"seed must be at least 0; got {seed}")
        self.pool = SoundPool.of(pool)
        self._steps, self._rows, self._seed = steps, rows, seed
        self._tempo_bpm = check_tempo(tempo_bpm)
        self._swing = None if swing is None else check_swing(swing)
        self._density, self._velocities, self._microtiming = density, velocities, microtiming
        self._composer, self._performer = composer, performer
        self._wish = Wish(style=style, kind="beat")
        if style is not None:
            (performer or load_performer()).style_id(style)
        self._grid = _grid_of(steps, sum(self._tempo_bpm) / 2)
        self._per_groove = max(1, len(self._grid) // steps)
        self._batches: Batches = [None] * -(-bars // (_AT_ONCE * self._per_groove))
        if banks is not None:
            kind = (steps, rows, style, sum(self._tempo_bpm), velocities, microtiming, bars, seed)
            self._batches = banks.setdefault(kind, self._batches)
        self._last_batch = -(-bars // self._per_groove) - _AT_ONCE * (len(self._batches) - 1)

    def prepare(self) -> None:
        """Make the whole bank now; otherwise its batches are made as they are drawn from."""
        for number in range(len(self._batches)):
            self._batch(number)

    def draw(self, rng: np.random.Generator) -> Loop:
        """Return a bar of the bank, with sounds by role."""
        bar = self.draw_bar(rng)
        return bar.loop(
            lambda voice: self.pool.draw_for(voice, rng),
            tempo_bpm=draw_tempo(self._tempo_bpm, rng),
            swing=nearest_swing(bar.swing) if self._swing is None else draw_swing(self._swing, rng),
            seed=draw_seed(rng),
        )

    def draw_bar(self, rng: np.random.Generator) -> Arrangement:
        """Return a bar of the bank, near the wished density if there is one."""
        if self._density is None:
            return self._any_bar(rng)
        density = self._density
        return min((self._any_bar(rng) for _ in range(_LISTED)), key=lambda bar: abs(bar.hits_per_beat - density))

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return a sound of the same role."""
        return self.pool.draw_for(self.pool.role(sound), rng)

    def _any_bar(self, rng: np.random.Generator) -> Arrangement:
        bars = self._batch(int(rng.integers(len(self._batches))))
        return bars[int(rng.integers(len(bars)))]

    def _batch(self, number: int) -> tuple[Arrangement, ...]:
        """Return the bars of a batch; each groove depends on the bank's seed and its own place alone."""
        made = self._batches[number]
        if made is None:
            count = self._last_batch if number == len(self._batches) - 1 else _AT_ONCE
            seeds = np.random.SeedSequence((self._seed, number)).generate_state(count).tolist()
            grooves = complete_all(
                [nothing(self._grid)] * count,
                [self._wish] * count,
                seeds,
                composer=self._composer,
                performer=self._performer,
            )
            bars = [
                arrange(bar, self._rows, velocities=self._velocities, microtiming=self._microtiming)
                for groove in grooves
                for bar in bars_of_groove(groove, self._steps).bars
            ]
            made = tuple(bar for bar in bars if bar.hits_per_beat >= _FEWEST_PER_BEAT) or tuple(bars)
            if not made:
                raise InvalidParameter("the composer must write at least one hit in a batch of grooves; got silence")
            self._batches[number] = made
        return made


def _grid_of(steps: int, tempo_bpm: float) -> Grid:
    """Return two bars of up to 16 steps, two bars of 4/4 for 32, or one long bar."""
    if steps == _WINDOW_STEPS:
        return Grid.uniform(2, tempo_bpm=tempo_bpm)
    bars = 2 if 2 * steps <= _WINDOW_STEPS else 1
    return Grid.uniform(bars, tempo_bpm=tempo_bpm, bar_beats=steps / STEPS_PER_BEAT)
