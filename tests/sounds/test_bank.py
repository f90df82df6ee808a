import gc

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool
from ghostnote.sounds.sound import FileSound

CLICK = FileSound("c" * 32, "click")


class Owner:
    def read(self, sound):
        return np.ones(100, np.float32) if sound == CLICK else None


def test_memory_is_bounded_and_what_was_dropped_is_made_again():
    pool = draw_pool(12, 1)
    whole = SoundBank()
    largest = max(whole.audio(sound).nbytes for sound in pool)
    bank = SoundBank(most_bytes=3 * largest)
    for sound in (*pool, *pool):
        assert np.array_equal(bank.audio(sound), whole.audio(sound))
        assert np.array_equal(bank.audio(sound, 22_050), whole.audio(sound, 22_050))
        kept = sum(a.nbytes for a in bank._audio.values()) + sum(
            a.nbytes for rates in bank._at_rate.values() for a in rates.values()
        )
        assert kept == bank._bytes <= 3 * largest


def test_what_is_asked_for_stays():
    first, second, *others = draw_pool(12, 1)
    bank = SoundBank(most_bytes=1_000_000)
    bank.audio(first), bank.audio(second)
    for sound in others:
        bank.audio(sound)
        bank.audio(first)
    assert first.key in bank._audio


def test_a_sound_that_is_larger_than_the_bound_is_given_all_the_same():
    sound = draw_pool(1, 1)[0]
    assert len(SoundBank(most_bytes=10).audio(sound, 48_000)) > 10


def test_recordings_come_from_any_reader_that_lives():
    bank, owner = SoundBank(), Owner()
    bank.read_also(Owner().read)
    gc.collect()
    with pytest.raises(InvalidParameter, match="recording"):
        bank.audio(CLICK)
    bank.read_also(owner.read)
    assert len(bank.audio(CLICK)) == 100


def test_adding_again_replaces():
    bank = SoundBank(most_bytes=10_000)
    bank.add(CLICK, np.ones(10, np.float32))
    bank.audio(CLICK, 22_050)
    bank.add(CLICK, np.ones(20, np.float32))
    assert len(bank.audio(CLICK)) == 20
    assert bank._bytes == 80
