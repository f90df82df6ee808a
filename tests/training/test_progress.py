import io

import pytest

from ghostnote.training.progress import Progress, duration


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock():
    return Clock()


def test_lines_are_few_and_say_what_is_left(clock):
    stream = io.StringIO()
    progress = Progress("performer", stream, clock=clock)
    for step in range(101):
        clock.seconds = 6.0 * step
        progress.tell(step / 100, f"epoch {1 + step // 50} of 2")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 21
    assert lines[0] == "performer   0 %, epoch 1 of 2"
    assert lines[10] == "performer  50 %, epoch 2 of 2, about 5 min left"
    assert lines[-1] == "performer 100 %, epoch 3 of 2"


def test_what_was_done_before_an_interruption_does_not_count(clock):
    stream = io.StringIO()
    progress = Progress("performer", stream, clock=clock)
    progress.tell(0.50, "resumed")
    clock.seconds = 60.0
    progress.tell(0.60, "on")
    assert stream.getvalue().splitlines()[-1].endswith("about 4 min left")


def test_a_terminal_gets_one_line_that_is_rewritten(clock):
    stream = Terminal()
    progress = Progress("composer", stream, clock=clock)
    progress.tell(0.1, "a")
    progress.tell(0.1, "too soon to rewrite")
    clock.seconds = 1.0
    progress.tell(0.2, "b")
    assert stream.getvalue() == "\r\x1b[Kcomposer  10 %, a\r\x1b[Kcomposer  20 %, b, about 8 s left"
    progress.clear()
    progress.clear()
    assert stream.getvalue().endswith("left\r\x1b[K")
    assert stream.getvalue().count("\x1b[K") == 3


def test_nothing_is_cleared_where_lines_stay(clock):
    stream = io.StringIO()
    progress = Progress("composer", stream, clock=clock)
    progress.tell(0.1, "a")
    progress.clear()
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (89, "89 s"), (91, "2 min"), (45 * 60, "45 min"), (3 * 3600, "3.0 h")]
)
def test_durations_in_words(seconds, text):
    assert duration(seconds) == text
