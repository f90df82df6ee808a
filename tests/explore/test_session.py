import itertools
import multiprocessing
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_engine import CLICK, FakeEngine, FakeLibrary, random_loop

from ghostnote.critic import Experience, SavedCritic
from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.explore.search import SearchSettings
from ghostnote.explore.session import Session
from ghostnote.explore.settings import SessionSettings, decode_settings, encode_settings
from ghostnote.loops import play_loop, with_cell
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import FileSound

TIMES = itertools.count()


def clock():
    return f"2025-01-01T00:00:00.{next(TIMES):06}+00:00"


def open_session(path, settings=None, **options):
    options = {"make_engine": FakeEngine, "library": FakeLibrary(), "clock": clock} | options
    return Session.open(path, settings, **options)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "taste.ghostnote"


@pytest.fixture
def session(path):
    return open_session(path, SessionSettings(seed=5))


def test_a_session_from_first_to_last(session):
    first = session.propose()
    assert (first.id, first.origin) == (1, "fake")
    assert 0 <= first.score <= 1
    assert session.rate(first.id, liked=True).liked is True
    second = session.propose()
    session.rate(second.id, liked=False)
    third = session.propose()
    session.skip(third.id)
    fourth = session.propose()
    assert [(i.proposal.id, i.liked, i.skipped) for i in session.history()] == [
        (1, True, False),
        (2, False, False),
        (3, None, True),
        (4, None, False),
    ]
    counts = session.counts
    assert (counts.proposals, counts.liked, counts.disliked, counts.skipped, counts.unrated) == (4, 1, 1, 1, 1)
    assert [p.id for p in session.best(10)] == [1]
    assert session.last().id == fourth.id
    assert [row.kind for row in session.log()] == ["rate", "rate", "skip"]


def test_what_was_learned_can_be_taken_elsewhere(session, tmp_path):
    for liked in (True, False):
        session.rate(session.propose().id, liked=liked)
    critic = session.critic()
    assert critic.people[0].liked.tolist() == [True, False]
    assert open_session(tmp_path / "other", prior=critic).settings.prior


def test_an_empty_session(session):
    assert session.last() is None
    assert session.history() == session.best() == session.log() == ()
    with pytest.raises(InvalidParameter, match="nothing to undo"):
        session.undo()
    with pytest.raises(InvalidParameter, match="id must be"):
        session.rate(1, liked=True)
    with pytest.raises(InvalidParameter, match="nothing is rated yet"):
        session.critic()
    with pytest.raises(InvalidParameter, match="count must be"):
        session.best(0)


def test_everything_is_learned_before_the_next_proposal(session):
    for liked in (True, False, None):
        proposal = session.propose()
        if liked is not None:
            session.rate(proposal.id, liked=liked)
    session.propose()
    heard = session.engine.asked[-1]
    assert [h.liked for h in heard] == [True, False, None]
    assert [h.loop.key for h in heard] == [session.proposal(i).loop.key for i in (1, 2, 3)]
    assert all(np.array_equal(h.embedding, session.proposal(i + 1).embedding) for i, h in enumerate(heard))


def test_undone_ratings_and_skips_are_not_learned(session):
    for _ in range(2):
        session.propose()
    session.rate(1, liked=False)
    session.rate(1, liked=True)
    session.skip(2)
    assert session.undo().kind == "skip"
    assert session.undo().liked is True
    assert [h.liked for h in session._heard()] == [False, None], "what was said before holds again"
    session.undo()
    assert [h.liked for h in session._heard()] == [None, None]
    assert len(session.log()) == 6


def test_the_last_word_holds(session):
    session.propose()
    session.rate(1, liked=False)
    session.rate(1, liked=True)
    assert session.counts.liked == 1
    assert session.counts.disliked == 0


def test_a_session_that_is_opened_again_goes_on_as_if_it_had_not_been_closed(path, tmp_path):
    whole = open_session(path, SessionSettings(seed=5))
    parted = tmp_path / "parted.ghostnote"
    open_session(parted, SessionSettings(seed=5))
    for turn in range(6):
        again = open_session(parted)
        one, other = whole.propose(), again.propose()
        assert one.loop == other.loop
        assert one.score == pytest.approx(other.score, abs=1e-6)
        whole.rate(one.id, liked=turn % 2 == 0)
        again.rate(other.id, liked=turn % 2 == 0)
    loops = [random_loop(np.random.default_rng(9))]
    before, after = whole.judge(loops), open_session(path).judge(loops)
    assert before[0].score == pytest.approx(after[0].score, abs=1e-6)
    assert [p.score for p in whole.best()] == pytest.approx([p.score for p in open_session(path).best()], abs=1e-6)


def test_another_seed_is_another_session(path, tmp_path):
    other = open_session(tmp_path / "other", SessionSettings(seed=6))
    assert open_session(path, SessionSettings(seed=5)).propose().loop != other.propose().loop


def test_embeddings_of_another_encoder_are_computed_again(path, session):
    session.rate(session.propose().id, liked=True)

    class Newer(FakeEngine):
        encoder_sha256 = "f" * 64

    (heard,) = open_session(path, make_engine=Newer)._heard()
    assert heard.embedding is None
    assert heard.liked is True


def test_keys_make_ratings_safe_to_send_again(session):
    proposal = session.propose()
    rated = session.rate(proposal.id, liked=True, key="a")
    assert session.rate(proposal.id, liked=True, key="a") == rated
    with pytest.raises(InvalidParameter, match="key must be a new one"):
        session.rate(proposal.id, liked=False, key="a")
    undone = session.undo(key="b")
    assert undone == rated
    assert session.undo(key="b") == rated
    assert len(session.log()) == 2


def test_the_clock_is_passed_in(path):
    session = open_session(path, clock=lambda: "2025-02-03T04:05:06.789+00:00")
    proposal = session.propose()
    assert session.rate(proposal.id, liked=True).made_at == proposal.made_at == "2025-02-03T04:05:06.789+00:00"


def test_audio_is_what_the_loop_plays(session):
    proposal = session.propose()
    audio = proposal.audio(22_050, repeats=2)
    assert audio.shape == (2 * 2 * 22_050,)
    assert np.array_equal(audio, play_loop(proposal.loop, SoundBank(), 22_050, repeats=2))


def test_best_is_what_the_critic_likes_now(session):
    for _ in range(8):
        session.rate(session.propose().id, liked=True)
    session.rate(session.propose().id, liked=False)
    best = session.best(5)
    scores = [p.score for p in best]
    assert len(best) == 5
    assert scores == sorted(scores, reverse=True)
    judged = session.judge([best[0].loop])[0]
    assert (best[0].score, best[0].uncertainty) == (judged.score, judged.uncertainty)
    assert best[0].score != session.proposal(best[0].id).score


# Loops that were added


def test_an_edited_loop_becomes_a_proposal(session):
    loop = session.propose().loop
    edited = with_cell(loop, 3, 1, on=not loop.pattern.hits[3, 1])
    added = session.add(edited)
    assert (added.id, added.origin, added.loop) == (2, "edited", edited)
    assert session.add(edited).id == 2
    assert session.add(replace(edited, seed=99)).id == 2, "it sounds the same"
    session.rate(added.id, liked=True)
    assert session.counts.liked == 1
    assert session.propose().id == 3


# Opening


def test_settings_are_kept_and_may_not_differ(path):
    settings = SessionSettings(
        seed=7,
        musical=0.25,
        steps=12,
        rows=5,
        tempo_bpm=(90, 100),
        swing=(0, 0.2),
        four_on_the_floor=True,
        search=SearchSettings(explore=0.9, target="unsure", locked_rows=(1,)),
    )
    assert open_session(path, settings).settings == settings
    assert open_session(path).settings == settings
    assert open_session(path, settings).settings == settings
    for other, told in (
        (replace(settings, seed=8), "seed of this session is 7; got 8"),
        (replace(settings, search=SearchSettings()), "search of this session is"),
        (replace(settings, tempo_bpm=(90, 101)), "tempo_bpm of this session is"),
    ):
        with pytest.raises(InvalidParameter, match=told):
            open_session(path, other)


def test_settings_go_through_json():
    settings = SessionSettings(recordings=(CLICK,), folders=("/a",), swing=(0.1, 0.2), prior="a" * 64)
    assert decode_settings(encode_settings(settings)) == settings
    assert decode_settings({}) == SessionSettings(), "what a later version adds has its default"


@pytest.mark.parametrize(
    "value",
    [{"seed": "x"}, {"steps": 99}, {"colour": 1}, {"tempo_bpm": [1]}, {"recordings": [1]}, {"search": {"x": 1}}],
)
def test_damaged_settings_are_told(value):
    with pytest.raises(InvalidInput, match="settings"):
        decode_settings(value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", -1),
        ("musical", 50),
        ("density", 1.1),
        ("steps", 7),
        ("rows", 0),
        ("tempo_bpm", (1, 2)),
        ("swing", (0, 9)),
        ("tempo_bpm", 120),
        ("tempo_bpm", (90, 100, 110)),
        ("swing", "much"),
        ("seed", "a"),
        ("steps", 16.5),
        ("own_sounds", 2.5),
        ("own_sounds", -1),
    ],
)
def test_settings_out_of_range_are_told(field, value):
    with pytest.raises(InvalidParameter, match=field):
        SessionSettings(**{field: value})


@pytest.mark.parametrize("locked", [(4,), (-1,), (0, 1, 2, 3)])
def test_rows_that_a_loop_has_not_can_not_be_locked(locked):
    with pytest.raises(InvalidParameter, match="locked_rows"):
        SessionSettings(search=SearchSettings(locked_rows=locked))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"style": "nosuch"}, "style must be one of"),
        ({"own_sounds": 0}, "own_sounds must be at least 1 where there are no recordings"),
        ({"own_sounds": 1, "four_on_the_floor": True}, "four on the floor needs a pool with a kick"),
    ],
)
def test_a_session_that_could_not_propose_is_not_begun(path, settings, message):
    with pytest.raises(InvalidParameter, match=message):
        Session.open(path, SessionSettings(**settings))
    assert not path.exists()


def test_a_session_may_have_recordings_alone(path, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    soundfile.write(folder / "a.wav", np.sin(np.arange(8_000) / 20), 44_100)
    session = Session.open(path, SessionSettings(own_sounds=0), sounds=[folder], make_engine=FakeEngine)
    assert len(session.settings.recordings) == 1
    assert Session.open(path).settings == session.settings


def test_a_critic_of_another_encoder_is_refused_at_once(path):
    critic = SavedCritic("0" * 64, (Experience(np.zeros((1, 4), np.float32), np.array([True])),))
    with pytest.raises(InvalidInput, match="another encoder"):
        Session.open(path, prior=critic)
    assert not path.exists()


@pytest.mark.parametrize("liked", [None, "no", 1])
def test_an_answer_is_yes_or_no(session, liked):
    number = session.propose().id
    with pytest.raises(InvalidParameter, match="liked must be True or False"):
        session.rate(number, liked=liked)
    assert session.counts.liked == 0
    assert session.rate(number, liked=np.bool_(True)).liked is True


def test_create_says_whether_it_may_be_there(path):
    with pytest.raises(StorageError, match="there is no session"):
        open_session(path, create=False)
    assert not path.exists()
    open_session(path, create=True)
    with pytest.raises(StorageError, match="is there already"):
        open_session(path, create=True)
    open_session(path, create=False)


def test_a_folder_is_no_session(tmp_path):
    with pytest.raises(StorageError, match="is a folder"):
        open_session(tmp_path)


def test_a_damaged_proposal_is_told(path, session):
    session.propose()
    with session._store.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER proposal_kept_on_update")
        connection.exec_driver_sql("UPDATE proposal SET loop = '{}'")
    with pytest.raises(InvalidInput, match=r"proposal 1 in .* is damaged"):
        open_session(path).history()


def test_a_critic_to_go_on_from_is_kept_in_the_file(path):
    prior = SavedCritic("e" * 64, (Experience(np.ones((2, 4), np.float32), np.array([True, False])),))
    open_session(path, prior=prior)
    assert b"ghostnote_critic" in open_session(path, prior=prior).engine.prior
    other = replace(prior, encoder_sha256="d" * 64)
    with pytest.raises(InvalidParameter, match="prior of this session is"):
        open_session(path, prior=other)
    with pytest.raises(InvalidParameter, match="not as its SHA-256 alone"):
        open_session(path.with_name("new"), SessionSettings(prior="a" * 64))


# Recordings


def test_recordings_are_kept_in_the_file(path, tmp_path):
    session = open_session(path, SessionSettings(recordings=(CLICK,)))
    proposals = [session.propose() for _ in range(2)]
    assert CLICK in proposals[0].loop.sounds
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = path.rename(elsewhere / "moved.ghostnote")
    again = open_session(moved, library=FakeLibrary(known=False))
    assert np.array_equal(again.proposal(1).audio(), proposals[0].audio())
    assert again.missing_sounds() == ()
    assert CLICK in again.propose().loop.sounds
    with again._store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM recording").scalar() == 1


def test_recordings_that_are_gone_are_not_proposed(path):
    open_session(path, SessionSettings(recordings=(CLICK,)))
    again = open_session(path, library=FakeLibrary(known=False))
    assert again.missing_sounds() == (CLICK,)
    proposal = again.propose()
    assert not any(isinstance(sound, FileSound) for sound in proposal.loop.sounds)
    with pytest.raises(InvalidParameter, match="'click' must be in a folder"):
        again.add(replace(proposal.loop, sounds=(CLICK, *proposal.loop.sounds[1:])))
    assert again.counts.proposals == 1


def test_folders_of_sounds_are_read_where_they_lay(path, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    soundfile.write(folder / "knock.wav", np.exp(-np.arange(4_410) / 500) * np.sin(np.arange(4_410) / 9), 44_100)
    session = open_session(path, sounds=[folder], library=None)
    (knock,) = session.settings.recordings
    assert knock.name == "knock"
    assert session.missing_sounds() == ()
    assert open_session(path, sounds=[folder], library=None).settings == session.settings
    assert open_session(path, SessionSettings(), library=None).propose().loop.sounds[0] == knock
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidParameter, match="with a usable recording"):
        open_session(tmp_path / "b", sounds=[tmp_path / "empty"])
    assert not (tmp_path / "b").exists()


# Several at once


def _explore(path, name, turns, results):
    session = open_session(path)
    made = []
    for turn in range(turns):
        proposal = session.propose()
        session.rate(proposal.id, liked=turn % 2 == 0, key=f"{name}-{turn}")
        made.append(proposal.id)
    results.put(made)


def test_processes_share_a_session(path, session):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_explore, args=(path, name, 7, results)) for name in range(2)]
    for worker in workers:
        worker.start()
    made = [number for _ in workers for number in results.get(timeout=60)]
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert sorted(made) == list(range(1, 15)), "each proposal is one process's"
    keys = [item.proposal.loop.key for item in session.history()]
    assert len(set(keys)) == 14, "none proposed what the other had"
    assert sorted(row.proposal_id for row in session.log()) == sorted(made)
    assert len({row.key for row in session.log()}) == 14


def test_threads_share_a_session(session):
    failures = []

    def work():
        try:
            for _ in range(5):
                session.rate(session.propose().id, liked=True)
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert session.counts.liked == 15


def test_two_may_begin_a_session_at_once(path, monkeypatch):
    """The other is quicker between our look and our write: we go on with theirs."""
    from ghostnote.explore import session as module

    create = module.create_store

    def slow(*arguments):
        monkeypatch.setattr(module, "create_store", create)
        open_session(path, SessionSettings(seed=5)).propose()
        create(*arguments)

    monkeypatch.setattr(module, "create_store", slow)
    assert open_session(path, SessionSettings(seed=5)).counts.proposals == 1


def propose_many(session):
    for _ in range(200):
        session.propose()


def test_a_failed_write_leaves_the_session_usable(session, monkeypatch):
    from ghostnote.explore import database

    proposal = session.propose()
    connect = database.connect

    def full(path, synchronous="FULL"):
        connection = connect(path, synchronous)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(database, "connect", full)
        with pytest.raises(StorageError, match="disk is full"):
            propose_many(session)
    made = session.counts.proposals
    session.rate(proposal.id, liked=True)
    assert session.propose().id == made + 1
    assert Path(session.path).exists()
