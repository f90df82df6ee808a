"""What the engines of a process share: samples, spectra, pools of sounds, banks of bars. All of it can be made again.

The first proposal of a session costs seconds where nothing is there yet, and none where another session with equal
sounds was opened before. What is proposed is the same either way.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ghostnote.critic.encoder import load_encoder
from ghostnote.critic.hearing import Hearing
from ghostnote.critic.saved import decode_critic
from ghostnote.explore.building import Progress
from ghostnote.explore.controls import Controls
from ghostnote.explore.engine import Engine
from ghostnote.explore.groove_prior import Batches
from ghostnote.explore.loop_library import LibraryReport, LoopLibrary, OwnBars
from ghostnote.explore.mixture import Mixture, mixture_of
from ghostnote.explore.neighbours import Neighbours
from ghostnote.explore.packed_bars import unpack_bars
from ghostnote.explore.pool import SoundPool
from ghostnote.explore.settings import SessionSettings
from ghostnote.explore.steering import Steered, hits_per_beat
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool
from ghostnote.sounds.pool_cache import fill_bank
from ghostnote.sounds.sound import Sound, SynthSound

MOST_BYTES = 192 * 2**20
"""Of samples, in a bank that sessions share; a pool of 400 sounds has some 60 MiB."""

_MOST_POOLS, _MOST_MIXTURES, _MOST_BANKS = 4, 12, 24

Made = TypeVar("Made")


@dataclass(eq=False)
class _Pool:
    """A pool of sounds, with what was made of it."""

    sounds: SoundPool
    neighbours: Neighbours | None = None
    mixtures: OrderedDict[SessionSettings, Mixture] = field(default_factory=OrderedDict)
    banks: OrderedDict[Any, Batches] = field(default_factory=OrderedDict)


class Workshop:
    """Builds engines, and lets them share what they are made of. Threads may share it.

    >>> workshop = Workshop(SoundBank(most_bytes=MOST_BYTES))
    >>> make_engine, bank = workshop.build_engine, workshop.bank  # of Session.open

    Args:
        bank: of the sounds of all its engines.
    """

    def __init__(self, bank: SoundBank) -> None:
        self.bank = bank
        self._hearing = Hearing(bank)
        self._pools: OrderedDict[tuple[Any, ...], _Pool] = OrderedDict()
        self._lock = threading.RLock()

    def build_engine(
        self,
        settings: SessionSettings,
        bank: SoundBank,
        prior: bytes | None,
        *,
        progress: Progress | None = None,
    ) -> Engine:
        """Return an engine; see `ghostnote.explore.building.build_engine`.

        Args:
            settings: of its session.
            bank: of its session; that of the workshop.
            prior: the saved critic that it goes on from, as bytes.
            progress: is told how many of our sounds are made, of how many, where they were not made before.

        Raises:
            InvalidInput: `prior` was made with another encoder.
        """
        if bank is not self.bank:
            raise ValueError("bank must be that of the workshop: give it to the session too")
        encoder = load_encoder()
        name = "the critic that the session was begun with"
        critic = None if prior is None else decode_critic(prior, encoder_sha256=encoder.sha256, name=name)
        with self._lock:
            pool = self._pool(settings, progress)
            engine = Engine(
                self._mixture(pool, settings),
                bank,
                settings=settings.search,
                seed=settings.seed,
                prior=critic,
                pool=pool.sounds.sounds,
                encoder=encoder,
                hearing=self._hearing,
                near=pool.neighbours and pool.neighbours.shared(),
                steer=lambda controls: self._steered(settings, controls),
            )
            pool.neighbours = pool.neighbours or engine.neighbours.shared()
            return engine

    def _steered(self, settings: SessionSettings, controls: Controls) -> Steered:
        turned = controls.applied_to(settings)
        density = None if controls.density is None else hits_per_beat(controls.density, turned.rows)
        with self._lock:
            mixture = self._mixture(self._pool(settings, None), turned, density)
        return Steered(mixture, turned, controls)

    def _pool(self, settings: SessionSettings, progress: Progress | None) -> _Pool:
        """Return the sounds that loops are made of: some of ours, and the user's."""
        number, seed = settings.own_sounds, settings.seed_of_pool

        def make() -> _Pool:
            ours: tuple[Sound, ...] = draw_pool(number, seed) if number else ()
            return _Pool(SoundPool((*ours, *settings.recordings), self.bank))

        key = (number, seed, tuple(sound.key for sound in settings.recordings))
        pool = _kept(self._pools, key, make, _MOST_POOLS)
        if pool.neighbours is None:  # nobody has used it yet
            ours = [sound for sound in pool.sounds.sounds if isinstance(sound, SynthSound)]
            fill_bank(self.bank, ours, progress=progress)
        return pool

    def _mixture(self, pool: _Pool, settings: SessionSettings, density: float | None = None) -> Mixture:
        """Return what makes the loops: for each setting but the mix it is kept, with the bars that it composed."""
        of_bars = SessionSettings(
            seed=settings.seed_of_pool,
            steps=settings.steps,
            rows=settings.rows,
            tempo_bpm=settings.tempo_bpm,
            swing=settings.swing,
            style=settings.style,
            density=settings.density,
            four_on_the_floor=settings.four_on_the_floor,
            bars=settings.bars,
        )
        key = replace(of_bars, musical=0.0 if density is None else 1.0)  # bars of any density, or of the wished one

        def make() -> Mixture:
            return mixture_of(
                pool.sounds,
                mix=settings.musical,
                steps=settings.steps,
                rows=settings.rows,
                density=settings.density,
                four_on_the_floor=settings.four_on_the_floor,
                style=settings.style,
                tempo_bpm=settings.tempo_bpm,
                swing=settings.swing,
                hits_per_beat=density,
                seed=settings.seed_of_pool,
                banks=pool.banks,
                library=_library(pool.sounds, settings),
            )

        while len(pool.banks) > _MOST_BANKS:
            pool.banks.popitem(last=False)
        return _kept(pool.mixtures, key, make, _MOST_MIXTURES).at(settings.musical)


def _library(pool: SoundPool, settings: SessionSettings) -> LoopLibrary | None:
    """Return the generator of the bars of the user's own MIDI files, if there are any."""
    if not settings.bars:
        return None
    bars = unpack_bars(settings.bars, settings.steps)
    return LoopLibrary(
        OwnBars(bars, LibraryReport(0, len(bars), 0, 0, 0)),
        pool,
        steps=settings.steps,
        rows=settings.rows,
        tempo_bpm=settings.tempo_bpm,
        swing=settings.swing,
    )


def _kept(kept: OrderedDict[Any, Made], key: Any, make: Callable[[], Made], most: int) -> Made:
    """Return what is kept under `key`, made if it is not there; of the others those used last stay."""
    if key not in kept:
        kept[key] = make()
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
    return kept[key]
