"""Listening and rating in a terminal, with single keys; a dumb terminal, or a pipe, will do."""

from __future__ import annotations

import os
import select
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostnote.cli.explore import shown_proposal
from ghostnote.cli.shell import say
from ghostnote.cli.speaker import NoSound, Speaker

if TYPE_CHECKING:
    from ghostnote.explore.records import Proposal
    from ghostnote.explore.session import Session

KEYS = "l like   d dislike   s skip   u undo   r replay   b best   q quit"
QUIT = "q"
_ENDS = "\x03\x04"  # Control-C and Control-D, where the terminal hands them on
_SAMPLE_RATE_HZ = 44_100
_HEARD_SECONDS = 30.0
_MOST_REPEATS = 64
_LOOK_UP_SECONDS = 0.5


ReadKey = Callable[[], str]


def play_session(
    session: Session, speaker: Speaker | None, *, score: bool, show: Callable[[str], None] = click.echo
) -> None:
    """Propose, play and ask, until the person quits or the input ends.

    What waits for an answer is asked first, in order; what is undone is asked next.

    Args:
        session: to go on with.
        speaker: plays; None tells the file of each loop.
        score: whether to tell what the critic thinks.
        show: prints a loop.
    """
    # Control-C may come at any time: what was answered is kept already.
    with suppress(KeyboardInterrupt):
        player = _Player(speaker)
        try:
            with single_keys() as read:
                say(f"{KEYS}\ngetting the sounds ready …")
                _ask(session, player, read, score=score, show=show)
        finally:
            player.stop()


def _ask(session: Session, player: _Player, read: ReadKey, *, score: bool, show: Callable[[str], None]) -> None:
    proposal = None
    while True:
        proposal = proposal or _waiting(session) or session.propose()
        show(f"\n{shown_proposal(proposal, score=score)}")
        player.play(proposal)
        answer = _answer(session, proposal, read, player)
        if answer == QUIT:
            return
        proposal = session.proposal(_undone(session)) if answer == "u" else None


@contextmanager
def single_keys() -> Iterator[ReadKey]:
    """Yield what reads single keys from the terminal, or letters from a pipe; the end of both is `q`.

    The terminal stays as it is set here for all of the block: a key that is typed while we work is not lost.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        yield _read_pipe
        return
    try:
        import termios
        import tty
    except ImportError:  # Windows, where click knows how
        yield _read_with_click
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    waiting: list[str] = []

    def read_terminal() -> str:
        if not waiting:
            while not select.select([terminal], [], [], _LOOK_UP_SECONDS)[0]:
                pass  # a Control-C that came just before waiting began is noticed here
            typed = os.read(terminal, 64).decode(errors="replace")
            # Arrows and the like come as several letters that begin with Escape.
            waiting.extend([typed] if typed.startswith("\x1b") else typed or QUIT)
        key = waiting.pop(0)
        return QUIT if key in _ENDS else key

    try:
        tty.setcbreak(terminal, termios.TCSANOW)
        yield read_terminal
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _read_pipe() -> str:
    while letter := sys.stdin.read(1) if sys.stdin else "":
        if not letter.isspace():
            return letter
    return QUIT


def _read_with_click() -> str:
    try:
        return click.getchar()
    except EOFError:
        return QUIT


class _Player:
    """Writes each loop beside the others, and plays it where that is possible.

    Files that a person was told to listen to stay; the others go in the end.
    """

    def __init__(self, speaker: Speaker | None) -> None:
        self._speaker, self._folder = speaker, Path(tempfile.mkdtemp(prefix="ghostnote-"))
        self._told = False

    def play(self, proposal: Proposal) -> None:
        from ghostnote.audio import write_audio

        repeats = min(_MOST_REPEATS, max(1, round(_HEARD_SECONDS / proposal.loop.duration_seconds)))
        path = self._folder / f"loop-{proposal.id}.wav"
        if not path.exists():
            audio = proposal.audio(_SAMPLE_RATE_HZ, repeats)
            write_audio(path, audio, _SAMPLE_RATE_HZ, sample_format="pcm16")
        if self._speaker is not None:
            try:
                self._speaker.play(path, proposal.audio(_SAMPLE_RATE_HZ), _SAMPLE_RATE_HZ)
                return
            except NoSound as error:
                say(f"no sound here: {error}")
                self._speaker = None
        say(f"listen to {path}")
        self._told = True

    def stop(self) -> None:
        if self._speaker is not None:
            self._speaker.stop()
        if self._told:
            say(f"the sounds stay in {self._folder}")
        else:
            shutil.rmtree(self._folder, ignore_errors=True)


def _answer(session: Session, proposal: Proposal, read: ReadKey, player: _Player) -> str:
    """Ask until something is said of `proposal`, or the person quits or undoes; return the key."""
    while True:
        key = read().lower()
        if key == "l" or key == "d":
            session.rate(proposal.id, liked=key == "l")
            say("liked" if key == "l" else "disliked")
            return key
        if key == "s":
            session.skip(proposal.id)
            say("skipped")
            return key
        if key == QUIT:
            return key
        if key == "u":
            if any(item.judged_at for item in session.history()):
                return key
            say("nothing to undo")
        elif key == "r":
            player.play(proposal)
        elif key == "b":
            best = session.best()
            say("\n\n".join(shown_proposal(liked, score=True) for liked in best) if best else "nothing is liked yet")
        else:
            say(KEYS)


def _undone(session: Session) -> int:
    """Take the last answer back, and return the proposal that it was about."""
    row = session.undo()
    say(f"taken back: what you said of {row.proposal_id}")
    return row.proposal_id


def _waiting(session: Session) -> Proposal | None:
    """Return the first proposal of which nothing was said yet."""
    return next((item.proposal for item in session.history() if item.judged_at is None), None)
