"""Proposals under controls, by the engine that is shipped, over few sounds."""

from dataclasses import replace

import numpy as np
import pytest

from ghostnote.explore.controls import Controls
from ghostnote.explore.engine import Engine
from ghostnote.explore.generators import RandomGrid
from ghostnote.explore.search import SearchSettings
from ghostnote.explore.session import Session
from ghostnote.explore.settings import SessionSettings
from ghostnote.explore.workshop import Workshop
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool

FEW = SessionSettings(
    seed=4, musical=0.0, own_sounds=30, steps=16, rows=4, search=SearchSettings(candidates=64, openers=3, fresh_every=0)
)
WORKSHOP = Workshop(SoundBank())


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session that is past its openers."""
    path = tmp_path_factory.mktemp("session") / "a.ghostnote"
    one = Session.open(path, FEW, make_engine=WORKSHOP.build_engine, bank=WORKSHOP.bank)
    for turn in range(6):
        one.rate(one.propose().id, liked=turn % 2 == 0)
    return one


def imagined(session, **controls):
    return session.imagine(controls=Controls(**controls)).candidate


def test_controls_that_turn_nothing_change_nothing(session):
    assert imagined(session).loop == session.imagine().candidate.loop


def test_locked_rows_stay(session):
    base = replace(session.proposal(1).loop, tempo_bpm=93.0, swing=0.1)
    found = imagined(session, base=base, locked_rows=(0, 2)).loop
    for row in (0, 2):
        assert found.sounds[row] == base.sounds[row]
        assert np.array_equal(found.pattern.hits[:, row], base.pattern.hits[:, row])
        assert np.array_equal(found.pattern.velocities[:, row], base.pattern.velocities[:, row])
    assert found != base
    assert (found.tempo_bpm, found.swing) == (93.0, 0.1)


def test_locked_rows_stay_in_a_new_session(tmp_path, session):
    base = session.proposal(2).loop
    new = Session.open(tmp_path / "new", FEW, make_engine=WORKSHOP.build_engine, bank=WORKSHOP.bank)
    found = imagined(new, base=base, locked_rows=(3,)).loop
    assert found.sounds[3] == base.sounds[3]
    assert np.array_equal(found.pattern.hits[:, 3], base.pattern.hits[:, 3])


def test_a_base_without_locked_rows_is_stayed_near(session):
    base = session.proposal(1).loop
    near = imagined(session, base=base, novelty=0.0, explore=0.0).loop
    rng = np.random.default_rng(0)
    fresh = [session.engine.generator.draw(rng) for _ in range(30)]

    def apart(loop):
        return float(np.abs(loop.pattern.hits - base.pattern.hits).mean())

    assert apart(near) < np.mean([apart(loop) for loop in fresh])


def test_tempo_is_kept_by_fresh_loops_and_by_children_of_old_ones(session):
    for turn in range(3):
        found = imagined(session, tempo_bpm=(70.0, 75.0 + turn)).loop
        assert 70.0 <= found.tempo_bpm <= 75.0 + turn


def test_the_floor_is_laid_under_children_of_old_ones(session):
    found = imagined(session, four_on_the_floor=True).loop
    assert np.flatnonzero(found.pattern.hits[:, 0]).tolist() == [0, 4, 8, 12]
    assert WORKSHOP.bank.audio(found.sounds[0]).any()


def test_density_is_followed(session):
    sparse, dense = (imagined(session, density=density).loop.pattern.hits.mean() for density in (0.1, 0.9))
    assert sparse < 0.3 < 0.6 < dense


def test_an_engine_without_steering_takes_no_controls():
    bank = SoundBank()
    pool = draw_pool(8, 1)
    with pytest.raises(ValueError, match="controls must be None"):
        Engine(RandomGrid(pool), bank, pool=pool).propose([], Controls(explore=1.0))


def test_engines_that_share_propose_the_same_as_one_alone(session, tmp_path):
    alone = Session.open(tmp_path / "alone", FEW)
    for turn in range(6):
        alone.rate(alone.propose().id, liked=turn % 2 == 0)
    assert [item.proposal.loop for item in alone.history()] == [item.proposal.loop for item in session.history()]
    assert alone.imagine().candidate.loop == session.imagine().candidate.loop


def test_sessions_of_one_pool_seed_share_sounds_but_not_proposals(tmp_path):
    one, other = (
        Session.open(
            tmp_path / str(seed),
            replace(FEW, seed=seed, pool_seed=4),
            make_engine=WORKSHOP.build_engine,
            bank=WORKSHOP.bank,
        )
        for seed in (1, 2)
    )
    assert one.propose().loop != other.propose().loop
    assert set(one.last().loop.sounds) | set(other.last().loop.sounds) <= set(draw_pool(30, 4))
    assert Session.open(one.path).settings.seed_of_pool == 4


def test_a_workshop_takes_its_own_bank_only():
    with pytest.raises(ValueError, match="bank must be that of the workshop"):
        WORKSHOP.build_engine(FEW, SoundBank(), None)
