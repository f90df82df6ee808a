"""What a page needs of a loop beside the loop: names, roles, loudness, and its wave."""

from __future__ import annotations

import numpy as np

from ghostnote.explore.convert import voices_of
from ghostnote.loops import Loop, playing_gain, render_loop
from ghostnote.loops.rendering import HIT_GAIN
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ
from ghostnote.studio.exploring_models import Json

PEAKS = 256


def describe_loop(loop: Loop, bank: SoundBank) -> Json:
    """Return what the page's `LoopText` holds.

    Raises:
        InvalidParameter: a recording is missing, or a sound is none of ours.
    """
    bar = render_loop(loop, bank, MASTER_RATE_HZ)
    gain = playing_gain(bar, MASTER_RATE_HZ)
    return {
        "key": loop.key,
        "names": [sound.name for sound in loop.sounds],
        "roles": [voice.value for voice in voices_of(loop, bank)],
        "gain": HIT_GAIN * gain,
        "peaks": peaks_of(bar * np.float32(gain)),
    }


def peaks_of(bar: Mono, count: int = PEAKS) -> list[float]:
    """Return the highest level of each of `count` equal parts of `bar`, 0…1."""
    edges = np.linspace(0, len(bar), count + 1).astype(int)[:-1]
    return [round(float(peak), 4) for peak in np.minimum(np.maximum.reduceat(np.abs(bar), edges), 1.0)]
