from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programmed_scores import FUNK, SHUFFLE, programmed

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.groove import Clock, Event, MetreChange, Note, TempoChange, Voice
from ghostnote.groove.encode import encode
from ghostnote.groove.grid import lay_grid
from ghostnote.groove.programming import velocities_are_flat
from ghostnote.tasks import Amounts, compare, humanize


def offsets_of(track, voice=None):
    groove = encode(track, lay_grid(track)).groove
    chosen = groove.hits > 0
    if voice is not None:
        chosen &= np.arange(9) == Voice(voice).column
    return groove.offsets[chosen]


def by_pitch(track):
    """Notes in the order in which they pair between two tracks."""
    return sorted(track.notes, key=lambda note: (note.pitch, note.tick))


def shifts_ms(before, after):
    pairs = zip(by_pitch(before), by_pitch(after), strict=True)
    old, new = Clock.of(before), Clock.of(after)
    return np.array([1e3 * float(new.tick_to_seconds(b.tick) - old.tick_to_seconds(a.tick)) for a, b in pairs])


def test_score_is_kept_and_performance_is_new():
    track = programmed()
    human = humanize(track)
    account = compare(track, human)
    assert account.notes_in == account.notes_out == len(track.notes)
    assert account.notes_moved > 0.8 * account.notes_in
    assert account.velocities_changed > 0.8 * account.notes_in
    assert 2 < account.mean_absolute_shift_ms < 40
    assert sorted(n.pitch for n in human.notes) == sorted(n.pitch for n in track.notes)


def test_zero_amounts_change_nothing():
    track = programmed()
    assert humanize(track, timing=0, velocity=0) == track


def test_timing_and_velocity_are_apart():
    track = programmed()
    assert compare(track, humanize(track, velocity=0)).velocities_changed == 0
    assert compare(track, humanize(track, timing=0)).notes_moved == 0


def test_amounts_scale_the_same_performance():
    track = programmed()
    half, whole = (shifts_ms(track, humanize(track, timing=a, velocity=0)) for a in (0.5, 1.0))
    inside = np.abs(half) > 0.1  # hits at the very start are held there
    np.testing.assert_allclose(half[inside], whole[inside] / 2, atol=1.0)


def test_seeds_make_takes():
    track = programmed()
    assert humanize(track, seed=1) == humanize(track, seed=1)
    assert humanize(track, seed=1) != humanize(track, seed=2)


def test_calm_performance_needs_no_seed():
    track = programmed()
    assert humanize(track, temperature=0, seed=1) == humanize(track, temperature=0, seed=2)


def test_locked_voices_stay():
    track = programmed()
    human = humanize(track, lock=[Voice.KICK])
    kicks = [[(n.tick, n.velocity) for n in t.notes if n.pitch == 36] for t in (track, human)]
    assert kicks[0] == kicks[1]
    assert compare(track, human).notes_moved > 0


def test_voice_amounts_override():
    track = programmed()
    human = humanize(track, voices={Voice.SNARE: Amounts(timing=0.0, velocity=0.0)})
    snares = [[(n.tick, n.velocity) for n in t.notes if n.pitch == 38] for t in (track, human)]
    assert snares[0] == snares[1]


def test_only_the_chosen_bars_change():
    track = programmed(bars=4)
    human = humanize(track, bars=(2, 3))
    bar = 4 * 480
    for before, after in zip(by_pitch(track), by_pitch(human), strict=True):
        if not bar <= before.tick < 3 * bar:
            assert (before.tick, before.velocity) == (after.tick, after.velocity)
    assert compare(track, human).notes_moved > 0


def test_flat_bars_around_are_no_example_to_follow():
    """Bars that are not to change are still a machine's: the chosen ones must come as alive as a whole take."""
    track = programmed(bars=8)
    spreads = []
    for bars in (None, (5, 8)):
        takes = [humanize(track, bars=bars, seed=seed, style="funk") for seed in range(4)]
        late = [[n.velocity for n in take.notes if n.tick > 4 * 1920 - 100] for take in takes]
        spreads.append(np.mean([np.std(velocities) for velocities in late]))
    assert spreads[1] > 0.8 * spreads[0]


def test_played_locks_are_followed():
    """Kicks that a person played late pull the rest along."""
    track = programmed(bars=8)
    rng = np.random.default_rng(0)

    def with_kicks(shift):
        return track.with_notes(
            [
                replace(n, tick=max(0, n.tick + shift + int(rng.integers(-5, 6))), velocity=int(rng.integers(60, 120)))
                if n.pitch == 36
                else replace(n, tick=max(0, n.tick + int(rng.integers(-5, 6))), velocity=int(rng.integers(60, 120)))
                for n in track.notes
            ]
        )

    def lateness(shift):
        takes = [humanize(with_kicks(shift), lock=[Voice.KICK], seed=seed, keep_accents=False) for seed in range(3)]
        return np.mean([offsets_of(take, "closed_hihat").mean() for take in takes])

    assert lateness(40) > lateness(-40) + 0.02


def test_push_plays_ahead_and_negative_lays_back():
    track = programmed()
    ahead, behind = (shifts_ms(track, humanize(track, timing=0, velocity=0, push_ms=p))[5:] for p in (10, -10))
    np.testing.assert_allclose(np.median(ahead), -10, atol=1)
    np.testing.assert_allclose(behind, 10, atol=1)


def test_flat_input_gets_new_dynamics_accented_input_keeps_its_own():
    track = programmed(bars=8)
    accents = track.with_notes([replace(n, velocity=120 if n.tick % 1920 == 0 else 40) for n in track.notes])
    assert velocities_are_flat(track)
    assert not velocities_are_flat(accents)
    for seed in range(6):
        kept = humanize(accents, seed=seed)
        pairs = list(zip(by_pitch(kept), by_pitch(accents), strict=True))
        assert min(n.velocity for n, b in pairs if b.velocity == 120) > max(
            n.velocity for n, b in pairs if b.velocity == 40
        )
        assert len({n.velocity for n, _ in pairs}) > 8
    fresh = humanize(accents, keep_accents=False)
    assert fresh != humanize(accents)


def test_balance_between_voices_is_kept():
    """One level in each voice is a mix that somebody chose."""
    levels = {36: 115, 38: 105, 42: 60}
    track = programmed(bars=8)
    mixed = track.with_notes([replace(n, velocity=levels[n.pitch]) for n in track.notes])
    human = humanize(mixed)
    for pitch, level in levels.items():
        velocities = [n.velocity for n in human.notes if n.pitch == pitch]
        assert abs(np.mean(velocities) - level) < 12
        assert len(set(velocities)) > 4


@pytest.mark.parametrize(
    "ticks", [[0, 60, 120, 180, 240, 300, 360, 420], [0, 96, 192, 288, 384], [0, 80, 160, 240, 320, 400]]
)
def test_bursts_finer_than_the_grid_keep_their_shape(ticks):
    """32nds, quintuplets, sextuplets: each hit stays near its own place, none is pulled to a 16th."""
    track = programmed(bars=4, tempo_bpm=120)
    burst = [Note(3 * 1920 + 1440 + tick, 46, 100) for tick in ticks]
    track = track.with_notes([*track.notes, *burst])
    human = humanize(track, temperature=0)
    moved = [n.tick for n in human.notes if n.pitch == 46]
    assert np.abs(np.array(moved) - [n.tick for n in burst]).max() < 60 / 1.04 / 2
    assert np.diff(moved).min() > 0


def test_backbeat_is_louder_than_ghost_notes():
    """What a drummer does with this funk bar: the snare on 2 and 4 leads, the others are ghosts."""
    human = humanize(programmed(bars=16), style="funk")
    snare = [(note.tick, note.velocity) for note in human.notes if note.pitch == 38]
    step = np.round(np.array([tick for tick, _ in snare]) / 120).astype(int) % 16
    velocity = np.array([v for _, v in snare])
    backbeat = velocity[np.isin(step, [4, 12])].mean()
    ghosts = velocity[~np.isin(step, [4, 12])].mean()
    assert backbeat > ghosts + 20


def test_triplets_stay_triplets():
    track = programmed(SHUFFLE, bars=4)
    human = humanize(track, style="jazz")
    assert np.median(np.abs(shifts_ms(track, human))) < 25
    assert compare(track, human).notes_out == len(track.notes)


def test_programmed_swing_is_kept():
    swung = programmed({"closed_hihat": "x" * 16, "kick": "x...x...x...x..."}, bars=4, swing_ticks=30)
    human = humanize(swung, temperature=0)
    hats = [n for n in human.notes if n.pitch == 42]
    place = np.array([(n.tick + 60) // 120 % 2 for n in hats])
    late = np.array([n.tick - 120 * ((n.tick + 60) // 120) for n in hats])
    assert 15 < late[place == 1].mean() - late[place == 0].mean() < 45


@pytest.mark.parametrize("settings", [{}, {"bars": (3, 4)}, {"lock": [Voice.SNARE]}])
def test_swing_is_neither_lost_nor_doubled(settings):
    swung = programmed(
        {"closed_hihat": "x" * 16, "snare": "....x..x.x..x..x", "kick": "x...x...x...x..."}, bars=4, swing_ticks=30
    )
    takes = [humanize(swung, seed=seed, **settings) for seed in range(6)]
    added = [
        new.tick - old.tick
        for take in takes
        for old, new in zip(by_pitch(swung), by_pitch(take), strict=True)
        if old.pitch == 42 and old.tick % 240 == 150 and old.tick >= 2 * 1920
    ]
    assert abs(np.mean(added)) < 18


@pytest.mark.parametrize("metre", [(7, 8), (5, 4), (6, 8), (3, 4), (12, 8)])
def test_odd_metres(metre):
    steps = 16 * metre[0] // metre[1]
    track = programmed(
        {"closed_hihat": "x." * (steps // 2) + "x" * (steps % 2), "kick": "x".ljust(steps, ".")}, metre=metre
    )
    account = compare(track, humanize(track))
    assert account.notes_out == len(track.notes)
    assert account.notes_moved > 0


def test_flams_move_with_their_main_hit():
    track = programmed()
    main = next(n for n in track.notes if n.pitch == 38 and n.tick > 480)
    track = track.with_notes([*track.notes, replace(main, tick=main.tick - 20, velocity=50)])
    human = humanize(track)
    snares = [n.tick for n in human.notes if n.pitch == 38]
    gaps = np.diff(snares)
    assert 20 in gaps


def test_unmapped_notes_and_everything_else_stay():
    track = programmed()
    track = replace(
        track.with_notes([*track.notes, Note(1000, 3, 77)]),
        others=(Event(0, b"\xff\x03song"), Event(960, b"\xb9\x04\x20"), Event(960, b"\x90\x40\x40")),
    )
    human = humanize(track)
    assert human.others == track.others
    assert [n for n in human.notes if n.pitch == 3] == [Note(1000, 3, 77)]
    assert any("pitches 3 are not in the map 'general_midi'" in warning for warning in human.warnings)


def test_coarse_files_get_a_finer_clock_and_lose_nothing():
    track = programmed(ticks_per_beat=24)
    human = humanize(track)
    assert human.ticks_per_beat == 480
    assert human.track_ends == (track.track_ends[0] * 20,)
    assert len(set(np.round(shifts_ms(track, human), 1))) > 10


def test_far_event_keeps_the_clock_that_a_file_can_hold():
    from ghostnote.midi import midi_bytes

    track = replace(programmed(ticks_per_beat=1, bars=2), others=(Event(2**26, b"\xff\x01far"),), track_ends=(2**26,))
    human = humanize(track)
    assert human.ticks_per_beat == 3
    assert midi_bytes(human)


def test_tempo_and_metre_changes_are_followed():
    track = replace(
        programmed(bars=6),
        tempos=(TempoChange(0, 500_000), TempoChange(3840, 400_000)),
        metres=(MetreChange(0, 4, 4), MetreChange(3840, 3, 4)),
    )
    human = humanize(track)
    assert (human.tempos, human.metres) == (track.tempos, track.metres)
    assert np.abs(shifts_ms(track, human)).mean() < 40


def test_nothing_jumps_in_a_long_song():
    """Mean timing of the bars wanders like a drummer's: neighbours are nearer than the same bars in random order."""
    track = programmed(bars=64)
    groove = encode(humanize(track), lay_grid(track)).groove
    bars = groove.offsets[: 64 * 16].reshape(64, 16, 9)
    on = groove.hits[: 64 * 16].reshape(64, 16, 9)
    means = bars.sum((1, 2)) / np.maximum(on.sum((1, 2)), 1)
    jumps = np.abs(np.diff(means))
    rng = np.random.default_rng(0)
    shuffled = np.mean([np.abs(np.diff(rng.permutation(means))).mean() for _ in range(50)])
    assert jumps.mean() < 0.85 * shuffled
    assert jumps.max() < 0.35


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timing": 1.6}, r"timing must lie in 0…1.5; got 1.6. Is this a percentage\?"),
        ({"velocity": -0.1}, "velocity must lie in 0…1.5"),
        ({"timing": float("nan")}, "timing must lie in"),
        ({"voices": {Voice.SNARE: Amounts(timing=50)}}, "timing of snare must lie in"),
        ({"push_ms": 200}, "push_ms must lie in -100…100"),
        ({"temperature": 3}, "temperature must lie in 0…2"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"style": "polka"}, "style must be one of"),
        ({"bars": (3, 2)}, "bars must be FIRST-LAST"),
        ({"bars": (90, 99)}, "bars must begin within the track's 4 bars"),
        ({"subdivision": "7ths"}, "subdivision must be one of"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(InvalidParameter, match=message):
        humanize(programmed(), **settings)


def test_track_without_drums_is_refused():
    with pytest.raises(InvalidInput, match="must have drum notes"):
        humanize(programmed().with_notes([]))
    with pytest.raises(InvalidInput, match="none of them mapped"):
        humanize(programmed().with_notes([Note(0, 3, 100)]))


def test_locking_everything_changes_nothing():
    track = programmed()
    human = humanize(track, lock=list(Voice))
    assert [(n.tick, n.velocity) for n in human.notes] == [(n.tick, n.velocity) for n in track.notes]


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 127), st.integers(1, 127)), min_size=1, max_size=40),
    st.floats(0, 1.5),
    st.floats(0, 1.5),
    st.integers(1, 2000),
)
def test_any_notes_are_conserved(notes, timing, velocity, ticks_per_beat):
    track = replace(programmed(FUNK, bars=1), ticks_per_beat=ticks_per_beat)
    track = track.with_notes([*track.notes[:1], *(Note(*note) for note in notes)])
    human = humanize(track, timing=timing, velocity=velocity, push_ms=5)
    assert compare(track, human).notes_out == len(track.notes)
