import numpy as np
import pytest
from example_loops import played_pattern
from hypothesis import given
from hypothesis import strategies as st

from ghostnote.errors import InvalidParameter
from ghostnote.loops import Pattern, pattern_of_text
from ghostnote.loops.pattern import row_text


def hits_of(steps=16, rows=4):
    return np.zeros((steps, rows), dtype=np.float32)


def test_text_and_back():
    rows = ("x---x---", "--x---xx")
    pattern = pattern_of_text(*rows)
    assert (pattern.steps, pattern.rows) == (8, 2)
    assert tuple(row_text(row) for row in pattern.hits.T) == rows
    assert repr(pattern) == "Pattern(x---x--- --x---xx)"


@pytest.mark.parametrize("rows", [(), ("x---", "x--"), ("x---x--O",), ("",)])
def test_text_that_is_no_pattern(rows):
    with pytest.raises(InvalidParameter):
        pattern_of_text(*rows)


def test_error_does_not_repeat_a_huge_text():
    with pytest.raises(InvalidParameter) as caught:
        pattern_of_text("y" * 100_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("steps", "rows"), [(7, 4), (33, 4), (16, 0), (16, 9)])
def test_shape_has_bounds(steps, rows):
    with pytest.raises(InvalidParameter, match=r"shape \(steps, rows\)"):
        Pattern(hits_of(steps, rows))


def test_bounds_themselves_are_allowed():
    assert Pattern(hits_of(8, 1)).steps == 8
    assert Pattern(hits_of(32, 8)).rows == 8


def with_cell(value, at=(0, 0)):
    values = hits_of()
    values[at] = value
    return values


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((with_cell(0.5),), "hits must be 0 or 1"),
        ((with_cell(1), with_cell(0)), "above 0 where there is a hit"),
        ((with_cell(1), with_cell(100)), "MIDI velocities"),
        ((with_cell(1), with_cell(np.nan)), "finite"),
        ((with_cell(1), with_cell(1), with_cell(0.5)), "offsets must lie in"),
        ((with_cell(1), with_cell(1), with_cell(np.inf)), "finite"),
        ((hits_of(), with_cell(1)), "zero where there is no hit"),
        ((hits_of(), hits_of(), with_cell(0.1)), "zero where there is no hit"),
        ((hits_of(), hits_of(16, 3)), "shape of hits"),
    ],
)
def test_values_have_rules(parts, words):
    with pytest.raises(InvalidParameter, match=words):
        Pattern(*parts)


def test_numbers_beyond_float32_are_refused_without_a_warning():
    with pytest.raises(InvalidParameter, match="finite"):
        Pattern(with_cell(1), with_cell(1).astype(np.float64) * 1e300)


def test_arrays_are_copied_and_read_only():
    hits = with_cell(1)
    pattern = Pattern(hits)
    hits[0, 0] = 0
    assert pattern.hits[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        pattern.velocities[0, 0] = 0.5


def test_velocities_are_full_and_offsets_straight_by_default():
    pattern = Pattern(with_cell(1))
    assert (pattern.velocities == pattern.hits).all()
    assert pattern.is_straight
    assert not Pattern(with_cell(1), None, with_cell(-0.25)).is_straight


def test_equal_by_content():
    one, same = Pattern(with_cell(1)), Pattern(with_cell(1).astype(bool))
    assert one == same
    assert hash(one) == hash(same)
    assert one != Pattern(with_cell(1, (1, 0)))
    assert one != Pattern(with_cell(1), with_cell(0.5))
    assert one != Pattern(with_cell(1), None, with_cell(0.1))
    assert Pattern(hits_of(8, 4)) != Pattern(hits_of(16, 2))
    assert one != "a pattern"


def test_minus_zero_is_zero():
    pattern = Pattern(with_cell(1), None, hits_of() * np.float32(-1))
    assert pattern == Pattern(with_cell(1))
    assert hash(pattern) == hash(Pattern(with_cell(1)))


@given(st.integers(0, 2**32 - 1))
def test_unchecked_is_the_same_pattern(seed):
    pattern = played_pattern(np.random.default_rng(seed))
    again = Pattern.unchecked(pattern.hits.copy(), pattern.velocities.copy(), pattern.offsets.copy())
    assert again == pattern
    assert not again.hits.flags.writeable
