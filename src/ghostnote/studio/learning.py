"""What a page draws of a session: how it learned, and where its loops and sounds lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ghostnote.explore.records import HistoryItem
from ghostnote.sounds.sound import Sound, encode_sound
from ghostnote.studio.exploring_models import Learning, LearningPoint, PlacedLoop, PlacedSound, TasteMap

_AT_ONCE = 10
_MOST_SOUNDS = 400


def learning_curve(rated: Sequence[tuple[bool, float]], last: int = _AT_ONCE) -> Learning:
    """Return the share liked of the `last` ratings after each, and the mean of what the critic expected of them.

    Args:
        rated: whether it was liked, and its score when it was proposed, in the order of the ratings.
        last: how many count.
    """
    points = []
    for end in range(1, len(rated) + 1):
        window = rated[max(0, end - last) : end]
        theta = sum(liked for liked, _ in window) / len(window)
        expected = sum(score for _, score in window) / len(window)
        points.append(LearningPoint(ratings=end, theta=theta, expected=expected))
    return Learning(points=points)


def taste_map(history: Sequence[HistoryItem]) -> TasteMap:
    """Return where loops lie, by what the critic hears of them, and sounds, amid the loops that play them."""
    values = {len(item.proposal.embedding) for item in history}
    newest = history[-1].proposal.encoder if history else ""
    items = [item for item in history if len(values) == 1 or item.proposal.encoder == newest]
    if not items:
        return TasteMap(loops=[], sounds=[])
    places = flat([item.proposal.embedding for item in items])
    loops = [
        PlacedLoop(id=item.proposal.id, x=float(x), y=float(y), liked=item.liked)
        for item, (x, y) in zip(items, places, strict=True)
    ]
    played: dict[Sound, list[int]] = {}
    for index, item in enumerate(items):
        for sound in dict.fromkeys(item.proposal.loop.sounds):
            played.setdefault(sound, []).append(index)
    often = sorted(played.items(), key=lambda pair: (-len(pair[1]), pair[0].key))[:_MOST_SOUNDS]
    sounds = []
    for sound, where in often:
        said = [items[index].liked for index in where if items[index].liked is not None]
        x, y = places[where].mean(axis=0)
        share = sum(map(bool, said)) / len(said) if said else None
        sounds.append(PlacedSound(sound=encode_sound(sound), name=sound.name, x=float(x), y=float(y), liked=share))
    return TasteMap(loops=loops, sounds=sounds)


def flat(embeddings: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Return the two principal components of embeddings, `(loops, 2)`, each scaled to 0…1.

    Of each component the entry that is largest is positive, so the same session is always drawn the same way round.
    """
    points = np.array(embeddings, dtype=np.float64)
    centred = points - points.mean(axis=0)
    found = np.full((len(points), 2), 0.5)
    _, strength, axes = np.linalg.svd(centred, full_matrices=False)
    for number, axis in enumerate(axes[:2]):
        if strength[number] <= 1e-9:
            continue
        along = centred @ (axis * np.sign(axis[np.abs(axis).argmax()]))
        found[:, number] = (along - along.min()) / np.ptp(along)
    return found
