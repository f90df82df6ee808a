from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.groove import VOICES, DrumMap, DrumTrack, MetreChange, Note, TempoChange, Voice
from ghostnote.groove.grid import lay_grid
from ghostnote.plot import plot_feel
from ghostnote.plot.feel import feel_between, feel_figure

TICKS = 480
PITCHES = dict(zip(VOICES, (36, 38, 42, 46, 43, 47, 50, 49, 51), strict=True))
MAP = DrumMap("test", {pitch: voice for voice, pitch in PITCHES.items()}, PITCHES)
KICK, SNARE, HAT = 36, 38, 42


def track(
    *hits: tuple[float, int, int], tempos: tuple[TempoChange, ...] = (), metres: tuple[MetreChange, ...] = ()
) -> DrumTrack:
    notes = sorted((round(beat * TICKS), pitch, velocity) for beat, pitch, velocity in hits)
    return DrumTrack(tuple(Note(*note) for note in notes), TICKS, MAP, tempos=tempos, metres=metres)


def beat(bars: int) -> DrumTrack:
    hits = [(bar * 4 + i / 2, HAT, 80) for bar in range(bars) for i in range(8)]
    hits += [(bar * 4 + i, SNARE if i % 2 else KICK, 110) for bar in range(bars) for i in range(4)]
    return track(*hits)


def played(score: DrumTrack) -> DrumTrack:
    """Return `score` with hats 12 ticks early and snares 24 ticks late (12.5 and 25 ms at 120 bpm)."""
    moved = {HAT: -12, SNARE: 24, KICK: 0}
    return score.with_notes([replace(note, tick=max(0, note.tick + moved[note.pitch])) for note in score.notes])


def png_size(data: bytes) -> tuple[int, int]:
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


# --- what is drawn


def test_late_is_positive_and_in_milliseconds() -> None:
    score = track((1, SNARE, 90), (2, KICK, 100), (3, SNARE, 80))
    after = track((1 + 24 / TICKS, SNARE, 90), (2, KICK, 100), (3 - 12 / TICKS, SNARE, 80))
    feel = feel_between(after, lay_grid(score), 0.0, 4.0)
    np.testing.assert_allclose(feel.late_ms, [25.0, 0.0, -12.5], atol=1e-9)
    np.testing.assert_allclose(feel.grid_beats, [1, 2, 3])
    np.testing.assert_array_equal(feel.velocities, [90, 100, 80])


def test_milliseconds_follow_tempo_changes() -> None:
    tempos = (TempoChange(0, 500_000), TempoChange(2 * TICKS, 1_000_000))
    score = track((1, KICK, 90), (3, KICK, 90), tempos=tempos)
    after = track((1 + 24 / TICKS, KICK, 90), (3 + 24 / TICKS, KICK, 90), tempos=tempos)
    np.testing.assert_allclose(feel_between(after, lay_grid(score), 0.0, 4.0).late_ms, [25.0, 50.0])


def test_a_downbeat_played_early_belongs_to_its_bar() -> None:
    score = track((0, KICK, 90), (4, KICK, 90), (8, KICK, 90))
    after = track((0, KICK, 90), (4 - 20 / TICKS, KICK, 90), (8 - 20 / TICKS, KICK, 90))
    feel = feel_between(after, lay_grid(score), 4.0, 8.0)
    np.testing.assert_allclose(feel.beats, [4 - 20 / TICKS])


def test_every_voice_and_unmapped_pitches_have_their_row() -> None:
    hits = track(*((i / 2, PITCHES[voice], 100) for i, voice in enumerate(VOICES)), (5, 20, 100))
    feel = feel_between(hits, lay_grid(hits), 0.0, 8.0)
    assert sorted(feel.rows) == [-1, *range(9)]
    names = [label.get_text() for label in feel_figure(hits, bars=(1, 2)).axes[0].get_yticklabels()]
    assert names[0] == "other"
    assert names[1 + int(feel.rows[0])] == "kick"
    assert names[1 + int(feel.rows[list(VOICES).index(Voice.RIDE)])] == "ride"


def test_both_tracks_share_one_time_axis() -> None:
    score = beat(2)
    figure = feel_figure(score, played(score))
    before, after, timing, velocity = figure.axes[:4]
    assert before.get_xlim() == after.get_xlim() == timing.get_xlim() == velocity.get_xlim()
    assert [axis.texts[0].get_text() for axis in (before, after)] == ["before", "after"]
    words = " ".join(text.get_text() for text in figure.texts)
    assert "before: 24 hits on the grid" in words
    assert "after: 24 hits, 4 ms early ± 14 ms" in words
    assert "ms late" in words


def test_hits_stand_at_their_true_time_with_their_velocity_as_size() -> None:
    score = track((0, KICK, 127), (1 + 30 / TICKS, SNARE, 30))
    dots = feel_figure(score).axes[0].collections[-1]
    np.testing.assert_allclose(np.asarray(dots.get_offsets())[:, 0], [0.0, 1 + 30 / TICKS])  # type: ignore[attr-defined]
    kick, snare = dots.get_sizes()  # type: ignore[attr-defined]
    assert kick > 5 * snare


def test_colours_tell_late_from_early() -> None:
    score = track((0, KICK, 100), (1 + 24 / TICKS, SNARE, 100), (2 - 24 / TICKS, HAT, 100))
    on_time, late, early = feel_figure(score).axes[0].collections[-1].get_facecolor()  # type: ignore[attr-defined]
    assert late[0] > late[2] + 0.3  # orange
    assert early[2] > early[0] + 0.3  # blue
    assert abs(on_time[0] - on_time[2]) < 0.15


def test_four_bars_with_hits_are_drawn_unless_told_otherwise() -> None:
    late_start = track(*((8 + i, KICK, 100) for i in range(40)))

    def bar_names(**options: object) -> list[str]:
        return [label.get_text() for label in feel_figure(late_start, **options).axes[2].get_xticklabels()]  # type: ignore[arg-type]

    assert bar_names() == ["bar 3", "bar 4", "bar 5", "bar 6"]
    assert bar_names(bars=(1, 2)) == ["bar 1", "bar 2"]
    assert len(bar_names(bars=(1, 12))) <= 16


def test_odd_metres_have_their_bar_lines() -> None:
    seven = track(*((i / 2, HAT, 90) for i in range(14)), metres=(MetreChange(0, 7, 8),))
    axis = feel_figure(seven).axes[2]
    assert [
        (tick, label.get_text()) for tick, label in zip(axis.get_xticks(), axis.get_xticklabels(), strict=True)
    ] == [
        (0.0, "bar 1"),
        (3.5, "bar 2"),
    ]


def test_an_after_that_is_longer_than_before_can_be_drawn() -> None:
    figure = feel_figure(beat(1), beat(6), bars=(4, 6))
    assert "before: no hits" in " ".join(text.get_text() for text in figure.texts)


# --- files


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_png_is_large_enough_for_a_screen_and_the_same_twice(tmp_path: Path, theme: str) -> None:
    score = beat(2)
    paths = [tmp_path / "one.png", tmp_path / "two.png"]
    for path in paths:
        plot_feel(score, played(score), path, theme=theme, title="Rock")
    width, height = png_size(paths[0].read_bytes())
    assert width >= 1_200
    assert height >= 800
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_svg_and_streams_are_written() -> None:
    stream = io.BytesIO()
    plot_feel(beat(1), None, stream)
    assert png_size(stream.getvalue())


def test_titles_are_text_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "feel.svg"
    plot_feel(beat(1), None, path, title="<script>alert($x_1$)</script>\x1b[2J\n" + "long " * 100)
    drawn = path.read_text()
    assert drawn.lstrip().startswith("<?xml")
    assert "<script" not in drawn


def test_titles_in_other_scripts_draw_without_a_warning() -> None:
    plot_feel(beat(1), None, io.BytesIO(), title="ドラム 🥁 ударные")


def test_an_empty_track_makes_an_empty_picture() -> None:
    stream = io.BytesIO()
    plot_feel(track(), None, stream)
    assert png_size(stream.getvalue())
    assert "no hits" in " ".join(text.get_text() for text in feel_figure(track()).texts)


def test_existing_pictures_stay_unless_overwriting_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "feel.png"
    path.write_bytes(b"mine")
    with pytest.raises(StorageError, match="exists; it is replaced only when asked to"):
        plot_feel(beat(1), None, path, overwrite=False)
    assert path.read_bytes() == b"mine"
    with pytest.raises(StorageError, match=r"can not be written to .*: No such file or directory"):
        plot_feel(beat(1), None, tmp_path / "nowhere" / "feel.png")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bars": (0, 1)}, r"bars must lie in 1…2, first before last; got 0-1"),
        ({"bars": (2, 1)}, r"first before last; got 2-1"),
        ({"bars": (1, 3)}, r"bars must lie in 1…2"),
        ({"theme": "pink"}, r"theme must be one of light, dark; got 'pink'"),
    ],
)
def test_wrong_wishes_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        plot_feel(beat(2), None, io.BytesIO(), **options)  # type: ignore[arg-type]


def test_too_many_bars_and_unknown_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="at most 64 bars; got 70"):
        plot_feel(beat(80), None, io.BytesIO(), bars=(1, 70))
    with pytest.raises(InvalidParameter, match=r"must end in \.png, \.svg, \.pdf; got 'feel\.gif'"):
        plot_feel(beat(1), None, tmp_path / "feel.gif")


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    plot_feel(beat(1), None, io.BytesIO())
    assert dict(mpl.rcParams) == before
