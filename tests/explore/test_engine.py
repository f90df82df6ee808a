from dataclasses import replace

import numpy as np
import pytest

from ghostnote.critic import load_encoder
from ghostnote.explore.engine import Engine
from ghostnote.explore.generators import RandomGrid
from ghostnote.explore.heard import Heard
from ghostnote.explore.neighbours import Neighbours
from ghostnote.explore.search import SearchSettings
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool

BANK = SoundBank()
POOL = tuple(sound for sound in draw_pool(60, 3) if sound.family not in ("crash", "ride", "open_hat"))
GENERATOR = RandomGrid(POOL)


def engine(**settings):
    chosen = SearchSettings(**{"candidates": 120, **settings})
    return Engine(GENERATOR, BANK, settings=chosen, seed=5, pool=POOL)


def session(one, ratings, likes):
    heard = []
    for _ in range(ratings):
        found = one.propose(heard)
        heard.append(Heard(found.loop, found.embedding, likes(found.loop)))
    return heard


def sparse(loop):
    return bool(loop.pattern.hits.mean() < 0.45)


@pytest.fixture(scope="module")
def heard():
    return session(engine(), 24, sparse)


def test_proposals_depend_on_what_was_heard_alone(heard):
    told, again = engine().propose(heard), engine().propose(heard)
    assert told.loop == again.loop
    assert told.score == again.score
    turned = [*heard[:-1], replace(heard[-1], liked=not heard[-1].liked)]
    assert engine().propose(turned).score != told.score


def test_missing_embeddings_are_made_again(heard):
    bare = [replace(entry, embedding=None) for entry in heard]
    told, again = engine().propose(heard), engine().propose(bare)
    assert told.loop == again.loop
    assert told.score == pytest.approx(again.score, abs=1e-6)


def test_openers_differ_and_are_typical(heard):
    openers = [engine().propose(heard[:count]) for count in range(8)]
    assert {found.origin for found in openers} == {"opener"}
    embeddings = np.stack([found.embedding for found in openers])
    apart = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)[np.triu_indices(8, 1)]
    rng = np.random.default_rng(0)
    usual = engine().embed([GENERATOR.draw(rng) for _ in range(60)])
    usual_apart = np.linalg.norm(usual[:, None] - usual[None], axis=2)[np.triu_indices(60, 1)]
    assert apart.min() > np.quantile(usual_apart, 0.1)
    assert np.linalg.norm(embeddings[0] - usual.mean(axis=0)) < np.median(
        np.linalg.norm(usual - usual.mean(axis=0), axis=1)
    )


def test_it_learns_what_is_liked(heard):
    after = [entry.loop for entry in session_goes_on(engine(explore=0.0, fresh_every=0), heard, 10)]
    rng = np.random.default_rng(1)
    before = [GENERATOR.draw(rng) for _ in range(100)]
    assert np.mean([sparse(loop) for loop in after]) > np.mean([sparse(loop) for loop in before]) + 0.3


def session_goes_on(one, heard, count):
    more = list(heard)
    for _ in range(count):
        found = one.propose(more)
        more.append(Heard(found.loop, found.embedding, None))
    return more[len(heard) :]


def test_novelty_keeps_proposals_apart(heard):
    def overlap(novelty):
        found = session_goes_on(engine(explore=0.0, novelty=novelty, fresh_every=0), heard, 10)
        hits = np.stack([entry.loop.pattern.hits.ravel() for entry in found])
        return np.mean(np.abs(hits[:, None] - hits[None]))

    assert overlap(1.0) > overlap(0.0)


def test_bad_is_the_other_end(heard):
    good = engine(target="good", explore=0.0, fresh_every=0).propose(heard)
    bad = engine(target="bad", explore=0.0, fresh_every=0).propose(heard)
    assert bad.score < good.score


def test_surprising_is_far_from_what_was_heard(heard):
    known = np.stack([entry.embedding for entry in heard])

    def distance(target):
        found = engine(target=target, explore=0.0, fresh_every=0).propose(heard)
        return np.linalg.norm(known - found.embedding, axis=1).min()

    assert distance("surprising") > distance("good")


def test_disliked_loops_are_no_parents():
    one = engine(explore=0.0, fresh_every=0, openers=0)
    rng = np.random.default_rng(2)
    loops = [GENERATOR.draw(rng) for _ in range(6)]
    disliked = [Heard(loop, None, False) for loop in loops]
    known = one._with_embeddings(disliked)
    assert one._parents(known, one._taste(known)) == []


def test_a_saved_critic_goes_on_where_it_was(heard):
    prior = engine().experience(heard)
    settings = SearchSettings(candidates=300, explore=0.0, fresh_every=0)
    begun = Engine(GENERATOR, BANK, settings=settings, seed=6, prior=prior, pool=POOL)
    first = session_goes_on(begun, [], 10)
    assert np.mean([sparse(entry.loop) for entry in first]) > 0.5  # of random loops: a fifth
    assert begun.encoder_sha256 == prior.encoder_sha256 == load_encoder().sha256


def test_neighbours_are_nearer_than_chance():
    one = engine()
    near = Neighbours(POOL, one.embed)
    alone = {sound: index for index, sound in enumerate(POOL)}
    timbre = one.embed([replace(GENERATOR.draw(np.random.default_rng(0)), sounds=(sound,) * 4) for sound in POOL])[
        :, 32:
    ]
    rng = np.random.default_rng(0)
    close, far = [], []
    for sound in POOL * 3:
        other = near.draw(sound, rng)
        close.append(np.linalg.norm(timbre[alone[sound]] - timbre[alone[other]]))
        far.append(np.linalg.norm(timbre[alone[sound]] - timbre[int(rng.integers(len(POOL)))]))
    assert np.mean(close) < 0.8 * np.mean(far)


def test_neighbours_of_an_unknown_sound_are_not_known():
    assert Neighbours((), engine().embed).draw(POOL[0], np.random.default_rng(0)) is None
