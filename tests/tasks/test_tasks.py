"""The tasks on tracks: what is given stays, what is asked for comes, a seed is a take."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from programmed_scores import SHUFFLE, programmed
from rhythms import bass_line, melody, tapped

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.groove import Voice
from ghostnote.groove.transforms import tap
from ghostnote.tasks import (
    apply_groove,
    continue_,
    drumify,
    extract_groove,
    generate,
    humanize,
    infill,
    interpolate,
    transfer,
    vary,
)
from ghostnote.tasks.framing import see

HIHAT = Voice.CLOSED_HIHAT


def notes_of(track, *, voices=None, without=()):
    return [
        (n.tick, n.pitch, n.velocity)
        for n in track.notes
        if (voices is None or track.voice_of(n) in voices) and track.voice_of(n) not in without
    ]


def pitches_per_tick(track):
    return sorted((note.tick / track.ticks_per_beat, note.pitch) for note in track.notes)


def test_infill_writes_one_voice_and_leaves_the_rest():
    track = programmed(ticks_per_beat=480)
    filled = infill(track, voices=[HIHAT])
    assert notes_of(filled, without=[HIHAT]) == notes_of(track, without=[HIHAT])
    assert notes_of(filled, voices=[HIHAT]) != notes_of(track, voices=[HIHAT])
    assert len(notes_of(filled, voices=[HIHAT])) > 8


def test_infill_of_bars_changes_only_these():
    track = programmed(bars=4)
    filled = infill(track, bars=(4, 4), seed=3)
    bar = 4 * track.ticks_per_beat
    early = 3 * bar - track.ticks_per_beat // 8  # a hit of bar 4 may be played ahead of it

    def before(t):
        return [note for note in notes_of(t) if note[0] < early]

    assert before(filled) == before(track)
    assert notes_of(filled) != notes_of(track)
    locked = infill(track, bars=(4, 4), lock=[Voice.KICK], seed=3)
    assert notes_of(locked, voices=[Voice.KICK]) == notes_of(track, voices=[Voice.KICK])


def test_infill_needs_something_to_write():
    with pytest.raises(InvalidParameter, match="voices or bars"):
        infill(programmed())
    with pytest.raises(InvalidParameter, match="left to change"):
        infill(programmed(), voices=[HIHAT], lock=[HIHAT])
    with pytest.raises(InvalidParameter, match="4 bars"):
        infill(programmed(bars=4), bars=(7, 8))
    with pytest.raises(InvalidInput, match="drum notes"):
        infill(replace(programmed(), notes=()), voices=[HIHAT])
    with pytest.raises(InvalidParameter, match="style"):
        infill(programmed(), voices=[HIHAT], style="polka")


@pytest.mark.parametrize("rhythm", [tapped, bass_line, melody])
def test_drumify_follows_the_rhythm(rhythm):
    track = rhythm()
    drums = drumify(track, fill=False)
    assert len(drums.notes) >= len({note.tick for note in drums.notes}) > 4
    assert drums.tempos[0].microseconds_per_beat == track.tempos[0].microseconds_per_beat
    from ghostnote.midi.rhythm import merge_strums

    given = merge_strums(track)
    onsets = np.array([note.tick for note in given.notes]) / given.ticks_per_beat
    drummed = np.array([note.tick for note in drums.notes]) / drums.ticks_per_beat
    nearest = np.abs(onsets[:, None] - drummed[None]).min(axis=1)
    assert nearest.max() < 2 / 480, "every onset sounds at its own time"


def test_the_tap_of_a_drumified_tap_is_the_tap():
    track = tapped()
    given = tap(see(replace(track), "16ths").groove)
    drums = see(drumify(track, fill=False, subdivision="16ths"), "16ths").groove
    heard = tap(drums)
    count = len(given.hits)
    assert (heard.hits[:count] == given.hits).all()
    assert np.abs(heard.offsets[:count] - given.offsets).max() < 0.01
    assert np.abs(heard.velocities[:count] - given.velocities).max() < 0.01


def test_drumify_fills_sparse_taps_and_takes_differ():
    track = bass_line()
    strict, full = drumify(track, fill=False), drumify(track, fill=True)
    assert len({n.tick for n in full.notes}) > len({n.tick for n in strict.notes})
    assert pitches_per_tick(drumify(track, seed=1)) == pitches_per_tick(drumify(track, seed=1))
    assert pitches_per_tick(drumify(track, seed=1)) != pitches_per_tick(drumify(track, seed=2))
    with pytest.raises(InvalidInput, match="at least one note"):
        drumify(replace(track, notes=()))


def test_drumify_follows_the_wish_for_density():
    track = tapped()
    counts = [
        np.mean([len(drumify(track, fill=True, density=d, seed=s).notes) for s in range(4)]) for d in (1.5, 4.0, 8.0)
    ]
    assert counts[0] < counts[1] < counts[2]


def test_transfer_keeps_the_score_and_takes_the_feel():
    score = programmed(bars=4)
    donor = humanize(programmed(bars=4), seed=5, push_ms=-25)  # far behind the beat
    played = transfer(score, donor, temperature=0)
    assert sorted(n.pitch for n in played.notes) == sorted(n.pitch for n in score.notes)

    def lateness(track):
        groove = see(track, "16ths").groove
        return groove.offsets[groove.hits > 0].mean()

    plain = humanize(score, temperature=0)
    assert lateness(plain) < lateness(played) - 0.05
    assert abs(lateness(played) - lateness(donor)) < abs(lateness(plain) - lateness(donor)) / 2


def test_a_feel_of_triplets_can_be_given_to_straight_notes():
    swung = humanize(programmed({"ride": "x.xx.xx.xx.x", "snare": "...x.....x.."}, bars=4), seed=1)
    straight = programmed({"ride": "x.x.x.x.x.x.x.x.", "snare": "....x.......x..."}, bars=4)
    feel = extract_groove(swung)
    assert len(feel.latent) == 32
    early = [row for row in feel.rows if row.position_beats % 1 == 0.75]
    assert early, "on 16ths, the last note of a triplet is a fourth 16th that comes early"
    assert all(row.offset < -0.15 for row in early)
    played = apply_groove(feel, straight, temperature=0)
    assert sorted(n.pitch for n in played.notes) == sorted(n.pitch for n in straight.notes)
    assert notes_of(played) != notes_of(humanize(straight, temperature=0, keep_accents=False))


def off_beat_16ths(track):
    groove = see(track, "16ths").groove
    return float(groove.offsets[1::2][groove.hits[1::2] > 0].mean())


def test_swing_of_16ths_carries_over_and_is_not_doubled():
    bar = {"closed_hihat": "x" * 16, "snare": "....x.......x...", "kick": "x.......x......."}
    swung, straight = programmed(bar, bars=4, swing_ticks=30), programmed(bar, bars=4)  # a quarter of a 16th late
    feel = extract_groove(swung)
    assert off_beat_16ths(apply_groove(feel, straight, temperature=0)) > 0.1
    assert off_beat_16ths(apply_groove(feel, swung, temperature=0)) < 0.35, "its own swing once, not twice"


def test_an_edited_row_changes_what_is_played():
    score, donor = programmed(bars=2), humanize(programmed(bars=4), seed=5)
    feel = extract_groove(donor)
    later = replace(feel, rows=tuple(replace(r, offset=min(r.offset + 0.3, 2.0)) for r in feel.rows))

    def mean_offset(f):
        groove = see(apply_groove(f, score, temperature=0), "16ths").groove
        return groove.offsets[groove.hits > 0].mean()

    assert mean_offset(later) > mean_offset(feel) + 0.05


@pytest.mark.parametrize("metre", [(4, 4), (3, 4), (6, 8), (7, 8)])
def test_generate_makes_bars_of_the_metre(metre):
    track = generate(bars=4, metre=metre, tempo_bpm=96, style="rock", seed=2)
    assert (track.metres[0].numerator, track.metres[0].denominator) == metre
    assert track.tempos[0].tempo_bpm == pytest.approx(96, abs=0.01)
    end = 4 * 4 * metre[0] / metre[1]
    assert len(track.notes) > 0
    assert max(n.tick for n in track.notes) / track.ticks_per_beat < end
    assert notes_of(track) == notes_of(generate(bars=4, metre=metre, tempo_bpm=96, style="rock", seed=2))
    assert notes_of(track) != notes_of(generate(bars=4, metre=metre, tempo_bpm=96, style="rock", seed=3))


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"bars": 0}, "bars"),
        ({"tempo_bpm": 5000.0}, "tempo_bpm"),
        ({"metre": (4, 3)}, "metre"),
        ({"style": "polka"}, "style"),
        ({"density": 0.0}, "density"),
        ({"temperature": 3.0}, "temperature"),
        ({"seed": -1}, "seed"),
    ],
)
def test_generate_says_what_is_wrong(bad, says):
    with pytest.raises(InvalidParameter, match=says):
        generate(**bad)


def test_vary_goes_further_with_a_larger_amount():
    track = humanize(programmed(bars=4), seed=0)

    def changed(amount):
        found = []
        for seed in range(3):
            before, after = (see(t, "16ths").groove.hits for t in (track, vary(track, amount=amount, seed=seed)))
            count = min(len(before), len(after))
            found.append(np.abs(before[:count] - after[:count]).sum())
        return np.mean(found)

    assert vary(track, amount=0.0) == track
    assert changed(0.1) < changed(0.4) < changed(1.0)
    locked = vary(track, amount=0.8, lock=[Voice.SNARE])
    assert notes_of(locked, voices=[Voice.SNARE]) == notes_of(track, voices=[Voice.SNARE])
    with pytest.raises(InvalidParameter, match="percentage"):
        vary(track, amount=30)
    with pytest.raises(InvalidParameter, match="left to change"):
        vary(track, lock=list(Voice))


def test_interpolate_goes_from_end_to_end_in_even_steps():
    first, second = humanize(programmed(bars=2), seed=0), generate(bars=2, style="rock", seed=1)
    path = interpolate(first, second, steps=7)
    assert path[0] is first
    assert path[-1] is second
    hits = [see(track, "16ths").groove.hits for track in path]
    count = min(map(len, hits))
    steps = [np.abs(a[:count] - b[:count]).sum() for a, b in pairwise(hits)]
    assert max(steps) <= 2.5 * np.mean(steps)
    assert min(steps) > 0


def test_interpolate_repeats_the_shorter_and_refuses_other_metres():
    short, long = programmed(bars=1), humanize(programmed(bars=4), seed=0)
    path = interpolate(short, long, steps=3)
    assert len(path[0].notes) == 4 * len(short.notes)
    assert path[-1] is long
    with pytest.raises(InvalidInput, match="metre"):
        interpolate(short, programmed({"kick": "x..x.."}, metre=(3, 4)))
    with pytest.raises(InvalidParameter, match="steps"):
        interpolate(short, long, steps=1)


def test_continue_goes_on_and_keeps_what_is_there():
    track = programmed(bars=2)
    longer = continue_(track, bars=2)
    assert notes_of(longer)[: len(track.notes)] == notes_of(track)
    late = [n for n in longer.notes if n.tick >= 8 * track.ticks_per_beat - 60]
    assert len(late) > 8
    assert max(longer.track_ends) >= 16 * longer.ticks_per_beat


def test_density_is_followed_where_what_is_given_says_otherwise():
    track = programmed(bars=4)
    bar = 4 * 480
    counts = []
    for density in (1.0, 3.0, 8.0):
        longer = continue_(track, bars=4, density=density)
        counts.append(sum(n.tick >= 4 * bar - 60 for n in longer.notes) / 16)
    assert counts[0] < 1.6
    assert 2.3 < counts[1] < 3.7
    assert counts[2] > 5


def test_continue_goes_on_with_the_beat():
    track = programmed(bars=8)
    bar = programmed(bars=1)
    beat = {(n.tick % 1920 // 120, n.pitch) for n in bar.notes}
    found = []
    for seed in range(4):
        groove = see(continue_(track, bars=4, seed=seed), "16ths").groove
        steps, voices = np.nonzero(groove.hits[128:192])
        mine = {(int(s), track.drum_map.pitches[list(Voice)[v]]) for s, v in zip(steps, voices, strict=True)}
        wanted = {(b * 16 + s, p) for b in range(4) for s, p in beat}
        found.append(2 * len(mine & wanted) / (len(mine) + len(wanted)))
    assert np.mean(found) > 0.6


def test_vary_keeps_flams_with_their_hits():
    track = programmed(bars=4)
    flams = [replace(n, tick=n.tick - 20, velocity=40) for n in track.notes if n.pitch == 38 and n.tick]
    track = track.with_notes([*track.notes, *flams])
    left = [
        sum(n.pitch == 38 for n in varied.notes) - sum(see(varied, "16ths").groove.hits[:, 1])
        for varied in (vary(track, amount=0.2, seed=seed) for seed in range(3))
    ]
    assert min(left) > 0.7 * len(flams)


def test_generate_leaves_no_bar_empty():
    for seed in range(6):
        track = generate(bars=24, style="jazz", seed=seed)
        assert {n.tick // 1920 for n in track.notes} >= set(range(1, 23))


def test_drumify_keeps_quiet_before_the_first_tap():
    late = tapped()
    late = late.with_notes([replace(n, tick=n.tick + 4 * 1920) for n in late.notes])
    assert min(n.tick for n in drumify(late, fill=True).notes) > 4 * 1920 - 240


def test_interpolate_refuses_grids_that_differ_and_repeats_every_note():
    with pytest.raises(InvalidInput, match="steps"):
        interpolate(programmed(SHUFFLE, bars=2), programmed(bars=2), subdivision="auto")
    short = programmed(bars=1)
    flam = replace(short.notes[0], tick=short.notes[0].tick + 15, velocity=40)
    path = interpolate(short.with_notes([*short.notes, flam]), programmed(bars=4), steps=3)
    assert len(path[0].notes) == 4 * (len(short.notes) + 1)


def test_transfer_with_everything_locked_says_so():
    with pytest.raises(InvalidParameter, match="locked"):
        transfer(programmed(), humanize(programmed()), lock=list(Voice))


def test_infill_of_a_shuffle_shuffles():
    shuffle = programmed({"kick": "x..|......".replace("|", ""), "snare": "......x.x"}, bars=4, metre=(3, 4))
    grid = see(shuffle).groove.grid
    assert set(np.round(grid.lengths_beats, 3)) == {0.333}, "beats that say nothing go on in triplets"
    filled = infill(shuffle, voices=[HIHAT], density=6.0)
    hats = np.array([n.tick % 480 for n in filled.notes if filled.voice_of(n) is HIHAT])
    from_triplet = np.abs((hats + 80) % 160 - 80)
    from_16th_alone = np.minimum(np.abs(hats - 120), np.abs(hats - 360))
    assert len(hats) > 12
    assert np.median(from_triplet) < 25
    assert (from_16th_alone > from_triplet).mean() > 0.8


def test_tasks_work_on_triplets():
    shuffle = programmed(SHUFFLE, bars=4)
    filled = infill(shuffle, voices=[HIHAT])
    assert notes_of(filled, without=[HIHAT]) == notes_of(shuffle, without=[HIHAT])
    assert len(continue_(shuffle, bars=2).notes) > len(shuffle.notes)
