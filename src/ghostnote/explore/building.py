"""A session's own engine: sounds, generator and critic out of its settings."""

from __future__ import annotations

from ghostnote.explore.generators import Generator
from ghostnote.explore.heard import Proposer
from ghostnote.explore.pool import SoundPool
from ghostnote.explore.settings import SessionSettings
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import FileSound


def build_engine(settings: SessionSettings, bank: SoundBank, prior: bytes | None) -> Proposer:
    """Return the engine that a session with `settings` proposes and judges with.

    Args:
        settings: of the session.
        bank: holds its sounds.
        prior: the saved critic that it goes on from, as bytes.
    """
    from ghostnote.explore.engine import Engine, SearchSettings

    search = SearchSettings(candidates=settings.candidates, explore=settings.explore, target=settings.target)
    return Engine(build_generator(settings, bank), bank, settings=search, seed=settings.seed, prior=None)


def build_generator(settings: SessionSettings, bank: SoundBank) -> Generator:
    """Return what makes the loops of a session with `settings`."""
    from ghostnote.explore.mixture import mixture_of
    from ghostnote.sounds.families import draw_pool

    own = draw_pool(settings.own_sounds, settings.seed) if settings.own_sounds else ()
    return mixture_of(
        SoundPool((*own, *settings.recordings), bank),
        mix=settings.musical,
        steps=settings.steps,
        rows=settings.rows,
        density=settings.density,
        four_on_the_floor=settings.four_on_the_floor,
        style=settings.style,
        tempo_bpm=settings.tempo_bpm,
        swing=settings.swing,
        seed=settings.seed,
    )


def read_library(sound: FileSound) -> Mono | None:
    """Return the samples of a recording in the user's folders of sounds; None if it is in none of them."""
    from ghostnote.sounds.library import open_library

    return open_library().read(sound)
