"""A critic out of audio that a person likes or dislikes, so that a session need not begin from nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic.bars_of_audio import STEPS, hear_bars, read_bars
from ghostnote.critic.encoder import Encoder, load_encoder
from ghostnote.critic.hearing import Hearing
from ghostnote.critic.saved import Experience, SavedCritic
from ghostnote.errors import GhostnoteError, InvalidInput, InvalidParameter
from ghostnote.loops import Loop, Pattern
from ghostnote.loops.loop import FASTEST_BPM, SLOWEST_BPM
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.listing import list_folder

MOST_BARS_PER_SIDE = 100
"""More would say little more, and make every proposal slower."""

_REPEATED = 0.1
"""Distance of embeddings below which a bar repeats another of its file; bars that differ are 0.15 and more apart."""

_RANDOM_ROWS, _RANDOM_DENSITY, _RANDOM_SOUNDS = 4, 0.5, 64
_SEED = 20_240_229


@dataclass(frozen=True, eq=False)
class HeardFile:
    """The bars of one file, as embeddings.

    Args:
        path: of the file.
        embeddings: `(bars, values)`.
        bar_seconds: `(bars,)`, how long each is.
        way: how they were found, see `BarsOfAudio`.
        tempo_bpm: of the file; None if no beat was found.
        warnings: of the file.
    """

    path: Path
    embeddings: NDArray[np.float32]
    bar_seconds: NDArray[np.float64]
    way: str
    tempo_bpm: float | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class HeardAudio:
    """What was heard of files and folders.

    Args:
        files: that could be used.
        skipped: why each of the others could not, by its path.
        warnings: of folders.
    """

    files: tuple[HeardFile, ...]
    skipped: Mapping[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class WarmStart:
    """A critic made of audio.

    Args:
        critic: to give to `Session.open(…, prior=…)`, or to save.
        bars_liked, bars_disliked: that it learned from; random loops of ours are among neither.
        skipped: why files could not be used, by their paths.
        warnings: what could be mended, or was made up.
    """

    critic: SavedCritic
    bars_liked: int
    bars_disliked: int
    skipped: Mapping[str, str]
    warnings: tuple[str, ...]


def warm_start(
    like: Sequence[str | os.PathLike[str]],
    dislike: Sequence[str | os.PathLike[str]] = (),
    *,
    encoder: Encoder | None = None,
) -> WarmStart:
    """Return a critic that knows what `like` has and `dislike` has not.

    Of each side at most 100 bars are taken, as evenly from its files as may be, and none that repeats another. Where
    only one side is given, as many random loops of ours stand for the other, at the tempos of what is given: what is
    learned then is "unlike these".
    The same audio gives the same critic.

    Args:
        like: audio files, and folders of them, of any length and tempo; see `read_bars`.
        dislike: as `like`.
        encoder: that hears; the shipped one if None.

    Raises:
        InvalidParameter: neither is given.
        InvalidInput: nothing in them is usable, or all of it is both liked and disliked.
        StorageError: a file or folder that is named is not there.
    """
    if not like and not dislike:
        raise InvalidParameter("like or dislike must name a file or a folder of audio; got neither")
    chosen = encoder or load_encoder()
    liked, disliked = hear_audio(like, encoder=chosen), hear_audio(dislike, encoder=chosen)
    skipped = {**liked.skipped, **disliked.skipped}
    rng = np.random.default_rng(_SEED)
    sides, lengths = [], []
    for this, other in ((liked, disliked), (disliked, liked)):
        of_other = {_identity(file) for file in other.files}
        files: dict[bytes, HeardFile] = {}
        for file in this.files:
            if _identity(file) in of_other:
                skipped[str(file.path)] = f"{file.path} is both liked and disliked; it says nothing"
            else:
                files.setdefault(_identity(file), file)  # copies count once
        embeddings, seconds = _share_out(list(files.values()), chosen.values, rng)
        sides.append(embeddings)
        lengths.append(seconds)
    if not any(map(len, sides)):
        told = "; ".join(list(skipped.values())[:3]) or "there is no audio in them"
        raise InvalidInput(f"like and dislike must hold audio that can be used; got none: {told}")
    warnings = [*liked.warnings, *disliked.warnings]
    warnings += [warning for side in (liked, disliked) for file in side.files for warning in file.warnings]
    counts = [len(side) for side in sides]
    for index, name in enumerate(("liked", "disliked")):
        if not counts[index]:
            sides[index] = random_embeddings(lengths[1 - index], chosen, rng)
            warnings.append(
                f"nothing {name} was given: {len(sides[index])} random loops of ours stand for it, and what is learned "
                "is what sets the rest apart from them"
            )
    embeddings = np.concatenate(sides)
    marks = np.repeat([True, False], [len(side) for side in sides])
    # Tastes may drift with the ratings, so neither side must come last.
    order = np.argsort(np.concatenate([(np.arange(len(side)) + 0.5) / len(side) for side in sides]), kind="stable")
    critic = SavedCritic(chosen.sha256, (Experience(embeddings[order], marks[order]),))
    return WarmStart(critic, counts[0], counts[1], skipped, tuple(dict.fromkeys(warnings)))


def hear_audio(paths: Sequence[str | os.PathLike[str]], *, encoder: Encoder | None = None) -> HeardAudio:
    """Return what is heard of files, and of all audio in folders and the folders inside them.

    Files in folders that can not be used are told of, and so are those that are named.

    Args:
        paths: files and folders; each file is heard once.
        encoder: that hears; the shipped one if None.

    Raises:
        StorageError: a folder can not be read, or a file that is named is not there.
    """
    chosen = encoder or load_encoder()
    files: dict[Path, None] = {}
    warnings: list[str] = []
    for path in map(Path, paths):
        if path.exists() and not path.is_dir():
            files[path] = None
            continue
        listing = list_folder(path)
        warnings += listing.warnings
        if not listing.files:
            warnings.append(f"{path} holds no WAV, FLAC, AIFF or OGG")
        files.update(dict.fromkeys(path / file.path for file in listing.files))
    heard, skipped = [], {}
    for file in files:
        try:
            found = read_bars(file)
        except GhostnoteError as error:
            skipped[str(file)] = str(error)
            continue
        seconds = np.array([bar.step_seconds * STEPS for bar in found.bars])
        embeddings = chosen.embed(hear_bars(found.bars))
        heard.append(HeardFile(file, embeddings, seconds, found.way, found.tempo_bpm, found.warnings))
    return HeardAudio(tuple(heard), skipped, tuple(warnings))


def random_embeddings(
    bar_seconds: NDArray[np.float64], encoder: Encoder, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return embeddings of loops of chance, as Alain et al. 2020 draw them, one for each length of a bar.

    Args:
        bar_seconds: `(loops,)`; those beyond the tempos of loops are brought to the nearest.
        encoder: that hears.
        rng: of chance.
    """
    from ghostnote.sounds.families import draw_pool  # loads the synthesiser

    pool = draw_pool(_RANDOM_SOUNDS, int(rng.integers(2**31)))
    loops = []
    for seconds in bar_seconds:
        hits = (rng.random((STEPS, _RANDOM_ROWS)) < _RANDOM_DENSITY).astype(np.float32)
        hits[0, 0] = 1.0  # never silent
        sounds = tuple(pool[index] for index in rng.integers(0, len(pool), _RANDOM_ROWS))
        # Few tempos, so that spectra serve more than once.
        tempo_bpm = float(np.clip(np.round(240.0 / seconds / 10.0) * 10.0, SLOWEST_BPM, FASTEST_BPM))
        loops.append(Loop(Pattern(hits), sounds, tempo_bpm))
    return encoder.embed(Hearing(SoundBank()).hear(loops))


def _share_out(
    files: Sequence[HeardFile], values: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return at most `MOST_BARS_PER_SIDE` bars of files in a random order: one of each, then a second of each, …"""
    turns = []
    for number, file in enumerate(files):
        order = rng.permutation(_distinct(file.embeddings))
        turns += [(turn, float(rng.random()), number, int(bar)) for turn, bar in enumerate(order)]
    chosen = sorted(turns)[:MOST_BARS_PER_SIDE]
    chosen = [chosen[index] for index in rng.permutation(len(chosen))]
    embeddings = np.zeros((len(chosen), values), dtype=np.float32)
    seconds = np.zeros(len(chosen))
    for place, (_, _, number, bar) in enumerate(chosen):
        embeddings[place], seconds[place] = files[number].embeddings[bar], files[number].bar_seconds[bar]
    return embeddings, seconds


def _distinct(embeddings: NDArray[np.float32]) -> list[int]:
    """Return which of the bars of a file do not repeat one before: a loop that was bounced eight times is one bar."""
    kept: list[int] = []
    for bar, embedding in enumerate(embeddings):
        if not kept or np.linalg.norm(embeddings[kept] - embedding, axis=1).min() > _REPEATED:
            kept.append(bar)
    return kept


def _identity(file: HeardFile) -> bytes:
    return file.embeddings.tobytes()
