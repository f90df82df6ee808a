"""What is imagined is what is proposed, and is kept only if things are as they were imagined."""

import json

import numpy as np
import pytest
from fake_engine import CLICK, FakeEngine, FakeLibrary

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.explore.controls import Controls
from ghostnote.explore.imagined import decode_imagined, encode_imagined
from ghostnote.explore.search import SearchSettings
from ghostnote.explore.session import Session
from ghostnote.explore.settings import SessionSettings
from ghostnote.sounds.bank import SoundBank

FEW = SessionSettings(
    seed=4, musical=0.0, own_sounds=12, steps=8, rows=3, search=SearchSettings(candidates=32, openers=3)
)


def same(one, other):
    return (
        one.loop == other.loop
        and one.score == other.score
        and one.uncertainty == other.uncertainty
        and one.origin == other.origin
        and np.array_equal(one.embedding, other.embedding)
    )


@pytest.fixture
def session(tmp_path):
    return Session.open(tmp_path / "a.ghostnote", FEW)


def test_the_imagined_is_what_would_be_proposed(session, tmp_path):
    plain = Session.open(tmp_path / "plain.ghostnote", FEW)
    controls = None
    for turn in range(5):
        proposal, wanted = session.last() or session.propose(), plain.last() or plain.propose()
        controls = Controls(density=0.2, target="surprising") if turn > 3 else None
        answers = (True, False, None)
        ahead = {liked: session.imagine({proposal.id: liked}, controls) for liked in answers}
        said = answers[turn % 3]
        for one in (session, plain):
            one.skip(proposal.id) if said is None else one.rate(proposal.id, liked=said)
        assert [session.keep(ahead[other]) for other in answers if other not in (said, None) and said is not None] in (
            [None],
            [],
        ), "what was imagined of another answer is of no use"
        kept = session.keep(decode_imagined(json_and_back(encode_imagined(ahead[said]))))
        assert same(kept, plain.propose(controls))
        assert wanted.loop == proposal.loop
    assert session.counts == plain.counts


def json_and_back(value):
    embedding = value.pop("embedding")
    return {**json.loads(json.dumps(value)), "embedding": embedding}


def test_nothing_is_written_by_imagining(session):
    proposal = session.propose()
    before = session.path.read_bytes()
    session.imagine({proposal.id: True})
    assert session.path.read_bytes() == before
    assert session.marks == "."


def test_what_is_not_so_any_more_is_not_kept(session):
    first = session.propose()
    liked = session.imagine({first.id: True})
    assert session.keep(liked) is None, "it is not liked yet"
    session.rate(first.id, liked=True)
    session.rate(first.id, liked=False)
    assert session.keep(liked) is None
    session.undo()
    assert session.marks == "+"
    assert same(session.keep(liked), liked.candidate), "it is liked again"
    assert session.keep(liked) is None, "there is another proposal now"
    assert session.counts.proposals == 2


def test_another_window_may_keep_what_was_imagined(session):
    first = session.propose()
    imagined = session.imagine({first.id: False})
    other = Session.open(session.path)
    other.rate(first.id, liked=False)
    assert other.keep(imagined).id == 2
    assert session.last().id == 2


def test_answers_must_be_of_proposals(session):
    with pytest.raises(InvalidParameter, match="id must be"):
        session.imagine({1: True})


def test_recordings_go_with_what_is_imagined(tmp_path):
    settings = SessionSettings(seed=5, recordings=(CLICK,))
    options = {"make_engine": FakeEngine, "library": FakeLibrary()}
    imagined = Session.open(tmp_path / "a", settings, **options).imagine()
    assert [recording[0] for recording in imagined.recordings] == [CLICK.digest]
    lost = Session.open(tmp_path / "a", make_engine=FakeEngine, library=FakeLibrary(known=False), bank=SoundBank())
    proposal = lost.keep(imagined)
    assert np.abs(proposal.audio()).max() > 0
    assert lost.recordings() == (CLICK,)


def test_what_is_no_imagined_proposal_is_refused():
    with pytest.raises(InvalidInput, match="imagined"):
        decode_imagined({"loop": 3})


def test_a_session_has_a_name(session):
    assert session.name == "a"
    session.rename("  Friday night ")
    assert Session.open(session.path).name == "Friday night"
    for wrong in ("", " ", "x" * 201, "a\nb"):
        with pytest.raises(InvalidParameter, match="name must be"):
            session.rename(wrong)


def test_changes_are_told_by_their_number(session):
    assert session.changes() == (0, 0)
    session.rate(session.propose().id, liked=True)
    session.undo()
    assert session.changes() == (1, 2)
