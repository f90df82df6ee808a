"""Sessions with the engine that they are shipped with, over few sounds so that it is quick."""

import numpy as np
import pytest
from fake_engine import CLICK, FakeLibrary

from ghostnote.explore.search import SearchSettings
from ghostnote.explore.session import Session
from ghostnote.explore.settings import SessionSettings
from ghostnote.loops import with_cell
from ghostnote.sounds import pool_cache
from ghostnote.sounds.families import synthesize

FEW = SessionSettings(seed=4, musical=0.0, own_sounds=12, search=SearchSettings(candidates=32, openers=3))


def liked(proposal) -> bool:
    return bool(proposal.loop.pattern.hits[::4].mean() > 0.5)


@pytest.fixture(scope="module")
def rated(tmp_path_factory):
    """A session of nine ratings that was never closed, and its path."""
    path = tmp_path_factory.mktemp("session") / "a.ghostnote"
    session = Session.open(path, FEW)
    for turn in range(9):
        proposal = session.propose()
        session.rate(proposal.id, liked=turn % 2 == 0 or liked(proposal))
    session.undo()
    return session


def test_the_critic_is_rebuilt_from_the_log(rated):
    again = Session.open(rated.path)
    loops = [item.proposal.loop for item in rated.history()]
    loops.append(with_cell(loops[0], 1, 0, on=not loops[0].pattern.hits[1, 0]))
    before, after = rated.judge(loops), again.judge(loops)
    assert [c.score for c in after] == pytest.approx([c.score for c in before], abs=1e-6)
    assert [c.uncertainty for c in after] == pytest.approx([c.uncertainty for c in before], abs=1e-6)
    assert [p.id for p in again.best()] == [p.id for p in rated.best()]
    assert len({round(c.score, 3) for c in before}) > 1, "it learned something"


def test_our_sounds_are_made_once_and_read_by_later_processes(tmp_path, monkeypatch):
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path))
    path, made = tmp_path / "a", []
    monkeypatch.setattr(pool_cache, "synthesize", lambda sound: made.append(sound) or synthesize(sound))
    Session.open(path, FEW).propose()
    assert len(made) == FEW.own_sounds
    Session.open(path).propose()
    assert len(made) == FEW.own_sounds


def test_what_is_kept_is_what_the_encoder_hears(rated):
    for item in rated.history():
        heard = rated.engine.embed([item.proposal.loop])[0]
        assert np.allclose(item.proposal.embedding, heard, atol=1e-4)
        assert item.proposal.encoder == rated.engine.encoder_sha256


def test_the_next_proposal_is_the_same_in_a_session_that_is_opened_again(tmp_path):
    whole, path = Session.open(tmp_path / "a", FEW), tmp_path / "b"
    for turn in range(5):
        again = Session.open(path, FEW)
        one, other = whole.propose(), again.propose()
        assert one.loop == other.loop
        assert one.score == pytest.approx(other.score, abs=1e-6)
        whole.rate(one.id, liked=turn % 2 == 0)
        again.rate(other.id, liked=turn % 2 == 0)


def test_a_critic_goes_on_in_another_session(rated, tmp_path):
    other = Session.open(tmp_path / "other", FEW, prior=rated.critic())
    loops = [item.proposal.loop for item in rated.history()]
    scores = [c.score for c in other.judge(loops)]
    assert np.ptp(scores) > 0.01, "it has a taste before the first rating"
    assert Session.open(tmp_path / "other").judge(loops)[0].score == pytest.approx(scores[0], abs=1e-6)


def test_recordings_are_heard_alike_from_their_folder_and_from_the_session(tmp_path):
    settings = SessionSettings(
        seed=4, musical=0.0, own_sounds=3, recordings=(CLICK,), search=SearchSettings(candidates=16, openers=3)
    )
    session = Session.open(tmp_path / "a", settings, library=FakeLibrary())
    while not any(CLICK in item.proposal.loop.sounds for item in session.history()):
        session.rate(session.propose().id, liked=True)
    again = Session.open(tmp_path / "a", library=FakeLibrary(known=False))
    loops = [item.proposal.loop for item in session.history()]
    assert np.array_equal(session.bank.audio(CLICK), again.bank.audio(CLICK))
    assert [c.score for c in session.judge(loops)] == pytest.approx([c.score for c in again.judge(loops)], abs=1e-6)
