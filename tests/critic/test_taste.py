import numpy as np
import pytest
from heard_loops import area_under_curve

from ghostnote.critic.taste import USUAL_SHARE, fit_taste, kernels
from ghostnote.errors import InvalidParameter

VALUES = 16


def ratings(count, seed=0, weights=None, noise=0.0):
    """Embeddings, and likes by a linear taste of which a share was turned round by chance."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.5, (count, VALUES))
    w = np.zeros(VALUES) if weights is None else weights
    liked = x @ w > 0
    return x, liked ^ (rng.random(count) < noise)


LINEAR = np.r_[2.0, -1.0, np.zeros(VALUES // 2 - 2), 1.5, np.zeros(VALUES // 2 - 1)]


def test_before_any_rating_there_is_the_prior_and_doubt():
    taste = fit_taste(np.zeros((0, VALUES)), np.zeros(0, bool))
    judged = taste.judge(ratings(20)[0])
    assert np.allclose(judged.means, np.log(USUAL_SHARE / (1 - USUAL_SHARE)))
    assert (abs(judged.scores - USUAL_SHARE) < 0.1).all()
    assert (judged.uncertainties > 0.15).all()


def test_before_any_rating_a_prior_is_taken_over():
    believed = np.array([-3.0, 0.0, 3.0])
    judged = fit_taste(np.zeros((0, VALUES)), np.zeros(0, bool)).judge(ratings(3)[0], believed)
    assert np.array_equal(judged.means, believed)
    assert judged.scores[1] == pytest.approx(0.5)
    assert judged.scores[0] < 0.3 < 0.7 < judged.scores[2]


@pytest.mark.parametrize("liked", [True, False])
def test_ratings_of_one_kind_alone_move_it_that_way(liked):
    x, _ = ratings(5)
    judged = fit_taste(x, np.full(5, liked)).judge(x)
    assert ((judged.scores > USUAL_SHARE) == liked).all()
    assert np.isfinite(judged.scores).all()


def test_it_learns_a_linear_taste():
    x, liked = ratings(80, 1, LINEAR)
    new, good = ratings(400, 2, LINEAR)
    judged = fit_taste(x, liked).judge(new)
    assert area_under_curve(judged.scores, good) > 0.9
    assert ((judged.scores > 0.5) == good).mean() > 0.8


def test_it_learns_a_taste_for_rhythm_and_timbre_together():
    """Liked where both halves have the same sign: neither half tells anything by itself."""
    rng = np.random.default_rng(3)
    x = rng.normal(0, 0.2, (440, VALUES))
    x[:, [0, VALUES // 2]] = rng.choice([-1.2, 1.2], (440, 2))
    good = x[:, 0] * x[:, VALUES // 2] > 0
    judged = fit_taste(x[:40], good[:40]).judge(x[40:])
    assert area_under_curve(judged.scores, good[40:]) > 0.9


def test_it_is_the_same_however_often_it_is_fitted():
    x, liked = ratings(60, 4, LINEAR, noise=0.1)
    new, _ = ratings(50, 5)
    first = fit_taste(x, liked).judge(new)
    for count in (1, 20, 59):
        fit_taste(x[:count], liked[:count]).judge(new)
    again = fit_taste(x.copy(), liked.copy()).judge(new)
    for name in ("scores", "uncertainties", "means", "deviations"):
        assert np.abs(getattr(first, name) - getattr(again, name)).max() < 1e-9


def test_judging_together_is_judging_alone():
    x, liked = ratings(30, 6, LINEAR)
    new, _ = ratings(9, 7)
    taste = fit_taste(x, liked)
    alone = np.concatenate([taste.judge(one[None]).scores for one in new])
    assert np.allclose(taste.judge(new).scores, alone, atol=1e-9)


def test_what_was_rated_is_less_uncertain_than_what_is_far():
    x, liked = ratings(40, 8, LINEAR)
    taste = fit_taste(x, liked)
    near, far = taste.judge(x), taste.judge(x + 4.0 * np.sign(x))
    before = fit_taste(x[:0], liked[:0]).judge(x)
    assert near.deviations.mean() < 0.3 * far.deviations.mean()
    assert near.uncertainties.mean() < 0.85 * far.uncertainties.mean()
    assert near.uncertainties.mean() < 0.85 * before.uncertainties.mean()


def test_noisy_ratings_make_it_less_sure():
    new, _ = ratings(200, 9)
    sure = []
    for noise in (0.0, 0.3):
        x, liked = ratings(120, 10, LINEAR, noise=noise)
        sure.append(np.abs(fit_taste(x, liked).judge(new).scores - 0.5).mean())
    assert sure[1] < 0.75 * sure[0]


def test_a_fifth_of_wrong_ratings_is_borne():
    x, liked = ratings(120, 11, LINEAR, noise=0.2)
    new, good = ratings(400, 12, LINEAR)
    assert area_under_curve(fit_taste(x, liked).judge(new).scores, good) > 0.85


def test_a_taste_that_turned_round_is_followed():
    x, liked = ratings(120, 13, LINEAR)
    liked[:60] = ~liked[:60]
    new, good = ratings(400, 14, LINEAR)
    taste = fit_taste(x, liked)
    assert area_under_curve(taste.judge(new).scores, good) > 0.75
    assert sum(member.weight for member in taste.members if member.kernel.drift_ratings) > 0.9


def test_a_steady_taste_is_not_taken_for_one_that_drifts():
    x, liked = ratings(120, 15, LINEAR)
    members = fit_taste(x, liked).members
    assert sum(member.weight for member in members if member.kernel.drift_ratings) < 0.5


def test_its_probabilities_are_about_right():
    """Likes drawn with the probability of a true taste: of what it scores high, about as many are liked."""
    rng = np.random.default_rng(16)
    x = rng.normal(0, 0.5, (1100, VALUES))
    liked = rng.random(1100) < 1 / (1 + np.exp(-2.0 * x @ LINEAR))
    scores = fit_taste(x[:100], liked[:100]).judge(x[100:]).scores
    for low, high in ((0.0, 0.35), (0.35, 0.65), (0.65, 1.0)):
        among = (scores >= low) & (scores < high)
        assert among.sum() > 50
        assert abs(scores[among].mean() - liked[100:][among].mean()) < 0.13


def test_a_prior_is_gone_on_from():
    """Few ratings and a good prior do better than either alone."""
    x, liked = ratings(12, 17, LINEAR)
    new, good = ratings(400, 18, LINEAR)
    half = LINEAR * (np.arange(VALUES) >= VALUES // 2)  # the prior knows timbre only
    taste = fit_taste(x, liked, prior=2 * x @ half)
    both = area_under_curve(taste.judge(new, 2 * new @ half).scores, good)
    assert both > area_under_curve(fit_taste(x, liked).judge(new).scores, good)
    assert both > area_under_curve(new @ half, good)


def test_ranges():
    x, liked = ratings(60, 19, 20 * LINEAR)
    judged = fit_taste(x, liked).judge(50.0 * ratings(50, 20)[0])
    assert ((judged.scores >= 0) & (judged.scores <= 1)).all()
    assert ((judged.uncertainties >= 0) & (judged.uncertainties <= 0.5 + 1e-9)).all()


def test_the_same_loop_liked_and_disliked_is_undecided():
    x = np.tile(ratings(1, 21)[0], (10, 1))
    [score] = fit_taste(x, np.arange(10) % 2 == 0).judge(x[:1]).scores
    assert 0.35 < score < 0.65


def test_wrong_arguments():
    with pytest.raises(InvalidParameter, match="shape"):
        fit_taste(np.zeros((3, VALUES)), np.zeros(2, bool))
    with pytest.raises(InvalidParameter, match="finite"):
        fit_taste(np.full((1, VALUES), np.nan), np.ones(1, bool))


def test_kernels_differ():
    assert len(set(kernels())) == len(kernels())
