import numpy as np
import pytest

from ghostnote.critic.taste import Judgement
from ghostnote.errors import InvalidParameter
from ghostnote.explore.generators import RandomGrid
from ghostnote.explore.heard import Heard
from ghostnote.explore.novelty import Novelty
from ghostnote.explore.search import SearchSettings, evolve, walk
from ghostnote.loops import Pattern
from ghostnote.sounds.sound import SynthSound

POOL = tuple(SynthSound("kick", (index / 20,)) for index in range(20))
GENERATOR = RandomGrid(POOL)


def dense_is_good(loops):
    """A critic that likes hits, as a stand-in: the more, the better."""
    density = np.array([loop.pattern.hits.mean() for loop in loops])
    embeddings = np.stack([density, np.ones(len(loops))], axis=1).astype(np.float32)
    means = 20.0 * (density - 0.5)
    return embeddings, Judgement(1 / (1 + np.exp(-means)), np.full(len(loops), 0.1), means, np.full(len(loops), 0.2))


def near_sound(sound, rng):
    return sound


def evolved(seed=0, parents=(), **settings):
    chosen = SearchSettings(**{"candidates": 200, "explore": 0.0, **settings})
    rng = np.random.default_rng(seed)
    return evolve(dense_is_good, GENERATOR, near_sound, parents, chosen, rng)


def test_evolution_considers_as_many_candidates_as_asked_for():
    scored, merits = evolved()
    assert len(scored.loops) == len(merits) == len(scored.origins) == len(scored.embeddings) == 200
    assert scored.origins.count("random") == 70


def test_evolution_goes_beyond_chance():
    best = [float(evolved(seed)[1].max()) for seed in range(5)]
    chance = [float(evolved(seed, algorithm="random")[1].max()) for seed in range(5)]
    assert all(found > usual for found, usual in zip(best, chance, strict=True))


def test_same_chance_same_candidates():
    first, again = evolved(3)[0], evolved(3)[0]
    assert first.loops == again.loops
    assert first.loops != evolved(4)[0].loops


@pytest.mark.parametrize("target", ["good", "bad", "unsure"])
def test_each_target_finds_what_it_looks_for(target):
    found = []
    for seed in range(4):
        scored, merits = evolved(seed, target=target, candidates=400)
        found.append(scored.loops[int(merits.argmax())].pattern.hits.mean())
    density = float(np.mean(found))  # of random loops: 0.5, with a deviation of 0.06
    assert {"good": density > 0.7, "bad": density < 0.3, "unsure": abs(density - 0.5) < 0.03}[target]


def test_what_repeats_the_heard_has_less_merit():
    settings = SearchSettings(candidates=100, explore=0.0)
    plain, merits = evolve(dense_is_good, GENERATOR, near_sound, (), settings, np.random.default_rng(1))
    fresh = plain.origins.count("random")
    heard = [Heard(plain.loops[0], plain.embeddings[0], True)] * 30
    novelty = Novelty(heard, 1.0)
    _, less = evolve(dense_is_good, GENERATOR, near_sound, (), settings, np.random.default_rng(1), novelty)
    lost = merits[:fresh] - less[:fresh]
    assert lost.argmax() == 0
    assert lost[0] > 1.0


def test_locked_rows_pass_through_generations():
    parent = GENERATOR.draw(np.random.default_rng(9))
    scored, _ = evolved(parents=[(parent, 1.0)], locked_rows=(1,))
    children = [loop for loop, origin in zip(scored.loops, scored.origins, strict=True) if origin == "evolved"]
    first_generation = children[:60]
    assert all((child.pattern.hits[:, 1] == parent.pattern.hits[:, 1]).all() for child in first_generation)
    assert all(child.sounds[1] == parent.sounds[1] for child in first_generation)


def test_candidates_share_few_tempos_and_lie_on_their_steps():
    wide = RandomGrid(POOL, tempo_bpm=(80, 160), swing=(0.0, 0.4))
    settings = SearchSettings(candidates=100)
    parent = wide.draw(np.random.default_rng(5))
    offsets = parent.pattern.hits * np.float32(0.2)
    late = type(parent)(
        Pattern(parent.pattern.hits, None, offsets), parent.sounds, parent.tempo_bpm, parent.swing, parent.seed
    )
    scored, _ = evolve(dense_is_good, wide, near_sound, [(late, 1.0)], settings, np.random.default_rng(0))
    assert len({(loop.tempo_bpm, loop.swing) for loop in scored.loops}) <= 3
    assert all(loop.pattern.is_straight for loop in scored.loops)


def test_a_greedy_walk_never_falls():
    told = []

    def score(loops):
        embeddings, judged = dense_is_good(loops)
        told.append(float(judged.scores[0]))
        return embeddings, judged

    found = walk(score, GENERATOR, SearchSettings(mutations=60), np.random.default_rng(0), greedy=True)
    assert len(told) == 61
    assert found.judgement.scores[0] == max(told)


def test_a_metropolis_walk_takes_worse_steps_by_their_ratio():
    """P(like) is 0.8 with a hit in one cell and 0.2 without: a chain must spend about four fifths of its time there."""

    def score(loops):
        on = np.array([loop.pattern.hits[0, 0] for loop in loops])
        scores = np.where(on > 0, 0.8, 0.2)
        return np.zeros((len(loops), 2), np.float32), Judgement(scores, scores, scores, scores)

    settings = SearchSettings(mutations=60)
    ends = [
        walk(score, GENERATOR, settings, np.random.default_rng(seed), greedy=False).judgement.scores[0]
        for seed in range(150)
    ]
    assert 0.70 < np.mean(np.array(ends) > 0.5) < 0.90


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("algorithm", "magic"),
        ("target", "best"),
        ("explore", 30),
        ("novelty", -0.1),
        ("candidates", 1),
        ("mutations", 0),
    ],
)
def test_settings_out_of_range_are_told_by_name(name, value):
    with pytest.raises(InvalidParameter, match=name):
        SearchSettings(**{name: value})
