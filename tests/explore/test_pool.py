import numpy as np
import pytest
from example_pools import HEARD, one_shot, pool_of, spoken_role

from ghostnote.errors import InvalidParameter
from ghostnote.explore.pool import RELATIVES, SoundPool
from ghostnote.groove import VOICES, Voice
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import FileSound

RNG = np.random.default_rng


class CountingBank(SoundBank):
    def __init__(self):
        super().__init__()
        self.asked = []

    def audio(self, sound, sample_rate_hz=44_100):
        self.asked.append(sound.key)
        return np.ones(10, dtype=np.float32)


def test_sounds_count_once():
    assert len(SoundPool([one_shot("kick"), one_shot("kick"), one_shot("snare")])) == 2


def test_empty_pool():
    with pytest.raises(InvalidParameter, match="at least one"):
        SoundPool([])


def test_pool_of_a_pool_is_itself():
    pool = pool_of()
    assert SoundPool.of(pool) is pool
    assert SoundPool.of([one_shot("kick")]).sounds == (one_shot("kick"),)


def test_draw_is_even():
    pool = pool_of("kick", "snare", each=2)
    drawn = [pool.draw(rng) for rng in [RNG(0)] for _ in range(2_000)]
    shares = [drawn.count(sound) / 2_000 for sound in pool.sounds]
    assert np.abs(np.array(shares) - 0.25).max() < 0.04


@pytest.mark.parametrize("voice", VOICES)
def test_draw_for_keeps_the_role(voice):
    pool, rng = pool_of(), RNG(0)
    drawn = {pool.draw_for(voice, rng) for _ in range(60)}
    assert drawn == set(pool.of_role(voice))
    assert len(drawn) == 5


@pytest.mark.parametrize("voice", VOICES)
def test_relatives_stand_in(voice):
    for relative in RELATIVES[voice]:
        pool = SoundPool([one_shot(relative, 1), one_shot(_stranger(voice), 2)], role_of=spoken_role)
        assert pool.draw_for(voice, RNG(0)).family == relative
    stranger = SoundPool([one_shot(_stranger(voice))], role_of=spoken_role)
    assert stranger.draw_for(voice, RNG(0)) == one_shot(_stranger(voice))


def _stranger(voice):
    return next(v for v in VOICES if v != voice and v not in RELATIVES[voice])


def test_nothing_is_heard_while_names_say_enough():
    bank = CountingBank()
    sounds = [one_shot("kick"), one_shot("snare"), one_shot(HEARD + "snare"), one_shot(HEARD + "ride")]
    pool = SoundPool(sounds, bank, spoken_role)
    assert pool.of_role(Voice.SNARE) == (one_shot("snare"),)
    assert pool.said_role(one_shot(HEARD + "ride")) is None
    assert not bank.asked
    assert pool.of_role(Voice.RIDE) == (one_shot(HEARD + "ride"),)
    assert sorted(bank.asked) == sorted(sound.key for sound in sounds[2:])


def test_roles_are_heard_once():
    bank = CountingBank()
    pool = SoundPool([one_shot(HEARD + "kick")], bank, spoken_role)
    assert [pool.role(one_shot(HEARD + "kick")) for _ in range(3)] == [Voice.KICK] * 3
    assert len(bank.asked) == 1


def test_toms_are_heard_among_what_is_called_tom():
    bank = CountingBank()
    tom, other = FileSound("0" * 32, "Tom 7.wav"), FileSound("1" * 32, "field.wav")

    def role_of(sound, audio):
        if not audio.any():
            raise InvalidParameter("silent")
        return Voice.MID_TOM

    pool = SoundPool([tom, other], bank, role_of)
    assert pool.of_role(Voice.MID_TOM) == (tom,)
    assert bank.asked == [tom.key]


def test_real_families_have_roles():
    from ghostnote.sounds.families import draw_pool

    bank = CountingBank()
    pool = SoundPool(draw_pool(40, 0), bank)
    for voice in (Voice.KICK, Voice.SNARE, Voice.CLOSED_HIHAT, Voice.OPEN_HIHAT, Voice.CRASH, Voice.RIDE):
        assert pool.of_role(voice)
    assert not bank.asked
