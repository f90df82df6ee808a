"""What a session is made of, out of its settings: sounds, generator, critic, engine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ghostnote.errors import InvalidParameter
from ghostnote.explore.heard import Proposer
from ghostnote.explore.settings import PRIOR, SessionSettings
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.library import SoundLibrary, open_library
from ghostnote.sounds.sound import FileSound

if TYPE_CHECKING:
    from ghostnote.critic import SavedCritic


Progress = Callable[[int, int], None]
"""Is told how many of our sounds are made, of how many."""


class Library(Protocol):
    """Where recordings lie that the session's file does not hold."""

    def read(self, sound: FileSound) -> Mono | None:
        """Return the samples of `sound`, `(frames,)` at `MASTER_RATE_HZ`; None if they are nowhere."""
        ...

    def path_of(self, sound: FileSound) -> Path | None:
        """Return the file that holds `sound`; None if there is none."""
        ...


@dataclass(frozen=True)
class Libraries:
    """Several libraries of sounds as one; the first that has a sound is asked for it."""

    libraries: tuple[SoundLibrary, ...]

    def read(self, sound: FileSound) -> Mono | None:
        """Return the samples of `sound`; None if none has it."""
        return next((audio for one in self.libraries if (audio := one.read(sound)) is not None), None)

    def path_of(self, sound: FileSound) -> Path | None:
        """Return the file that holds `sound`; None if there is none."""
        return next((path for one in self.libraries if (path := one.path_of(sound)) is not None), None)


def library_of(settings: SessionSettings) -> Libraries:
    """Return the user's sounds, and those in the folders where the session's lay when it was begun."""
    there = [folder for folder in settings.folders if Path(folder).is_dir()]
    return Libraries((open_library(), *([open_library(there)] if there else [])))


def with_sounds(settings: SessionSettings, sounds: Sequence[str | os.PathLike[str]] | None) -> SessionSettings:
    """Return `settings` with the recordings in `sounds` added to the pool.

    Args:
        settings: to add to.
        sounds: folders, or names of libraries on this machine; None for all that the user added.

    Raises:
        StorageError: a folder can not be read.
        InvalidParameter: there is no usable sound in what was asked for.
    """
    if sounds is not None and not sounds:
        return settings
    library = open_library(sounds)
    if sounds and not library.sounds:
        told = "; ".join(library.warnings[:3]) or "they are empty"
        raise InvalidParameter(f"sounds must be folders with a usable recording; got none in {list(sounds)}: {told}")
    added = dict.fromkeys((*settings.recordings, *library.sounds))
    folders = dict.fromkeys((*settings.folders, *(str(folder.folder) for folder in library.folders)))
    return replace(settings, recordings=tuple(added), folders=tuple(folders))


def with_midi(settings: SessionSettings, folder: str | os.PathLike[str] | None) -> SessionSettings:
    """Return `settings` with the bars of the MIDI files in `folder`.

    Raises:
        InvalidInput: there is no bar to draw from.
        StorageError: the folder can not be read.
    """
    if folder is None:
        return settings
    from ghostnote.explore.loop_library import collect_bars
    from ghostnote.explore.packed_bars import pack_bars

    return replace(settings, bars=pack_bars(collect_bars(folder, settings.steps).bars))


def with_prior(settings: SessionSettings, prior: SavedCritic | None) -> tuple[SessionSettings, Mapping[str, bytes]]:
    """Return `settings` of a session that goes on from `prior`, and the files to keep for that.

    Raises:
        InvalidParameter: `settings` name a critic that is not given.
    """
    if prior is None:
        if settings.prior is not None:
            raise InvalidParameter("prior must be given as the saved critic itself, not as its SHA-256 alone")
        return settings, {}
    from ghostnote.critic.saved import encode_critic

    content = encode_critic(prior)
    return replace(settings, prior=hashlib.sha256(content).hexdigest()), {PRIOR: content}


def check_begun(settings: SessionSettings) -> None:
    """Raise unless a session can propose with `settings`: they can not be changed once it is begun.

    Raises:
        InvalidParameter: there is no such style, no sound, or no kick for four on the floor.
    """
    if not settings.own_sounds and not settings.recordings:
        raise InvalidParameter("own_sounds must be at least 1 where there are no recordings; got 0")
    if settings.style is not None:
        from ghostnote.models.performer import load_performer

        load_performer().style_id(settings.style)
    if settings.four_on_the_floor:
        from ghostnote.explore.generators import Floor
        from ghostnote.explore.pool import SoundPool
        from ghostnote.sounds.families import draw_pool

        ours = draw_pool(settings.own_sounds, settings.seed_of_pool) if settings.own_sounds else ()
        Floor(SoundPool((*ours, *settings.recordings), SoundBank(library_of(settings).read)))


def check_prior(prior: SavedCritic) -> None:
    """Raise InvalidInput unless `prior` was made with the encoder that is shipped."""
    from ghostnote.critic.encoder import load_encoder
    from ghostnote.critic.saved import check_encoder

    check_encoder(prior, load_encoder().sha256, "the critic to go on from")


def build_engine(
    settings: SessionSettings,
    bank: SoundBank,
    prior: bytes | None,
    *,
    progress: Progress | None = None,
) -> Proposer:
    """Return the engine that a session with `settings` proposes and judges with.

    Args:
        settings: of the session.
        bank: holds its sounds.
        prior: the saved critic that it goes on from, as bytes.
        progress: is told how many of our sounds are made, of how many, where they were not made before.

    Raises:
        InvalidInput: `prior` was made with another encoder.
    """
    from ghostnote.explore.workshop import Workshop

    return Workshop(bank).build_engine(settings, bank, prior, progress=progress)


def reopened_with(
    kept: SessionSettings,
    settings: SessionSettings | None,
    sounds: Sequence[str | os.PathLike[str]] | None,
    prior: SavedCritic | None,
    midi: str | os.PathLike[str] | None = None,
) -> SessionSettings:
    """Return what somebody who opens a session again wants it to be; what they do not say is as it was `kept`."""
    wanted = settings or kept
    if sounds is None or sounds:
        wanted = with_sounds(wanted if settings else replace(wanted, recordings=()), sounds)
    elif not wanted.recordings:
        wanted = replace(wanted, recordings=kept.recordings)
    wanted = with_midi(wanted, midi)
    if not wanted.bars:
        wanted = replace(wanted, bars=kept.bars)
    if prior is not None:
        return with_prior(replace(wanted, prior=None), prior)[0]
    return wanted if wanted.prior else replace(wanted, prior=kept.prior)
