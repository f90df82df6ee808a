import numpy as np
import pytest
import torch

from ghostnote.critic.encoder import read_encoder
from ghostnote.critic.rows import ROW_VALUES, measure_rows
from ghostnote.critic.spectrum import BANDS
from ghostnote.loops import Loop, pattern_of_text
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import FAMILIES, draw_pool
from ghostnote.training.export import export_taste
from ghostnote.training.taste_material import draw_loop
from ghostnote.training.taste_targets import TOTAL, ZONES, Measures, rhythm_of, targets_of
from ghostnote.training.train_taste import TasteRecipe, draw_groups, embedding_of, train_taste, trained_taste

POOL = draw_pool(36, 8)
SMALL = TasteRecipe(groups=3, group_size=24, sounds=36, epochs=2, batch=12, values=8)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("taste")
    with pytest.MonkeyPatch.context() as patch:
        # The pools for validation and for the embedding's axes are as small as the training's.
        patch.setattr("ghostnote.training.train_taste.draw_pool", lambda count, seed: draw_pool(min(count, 36), seed))
        patch.setattr(
            "ghostnote.training.train_taste.draw_groups",
            lambda pool, count, size, seed, progress=None: draw_groups(
                pool, min(count, 3), min(size, 24), seed, progress
            ),
        )
        encoder = train_taste(folder, SMALL)
        yield folder, encoder, embedding_of(encoder, SMALL)


def test_training_writes_what_can_be_read_again(trained):
    folder, encoder, _ = trained
    again = trained_taste(folder)
    for name, value in encoder.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    assert len((folder / "log.jsonl").read_text().splitlines()) == SMALL.epochs


@pytest.mark.parametrize("frames", [32, 64, 128])
def test_the_graph_says_what_the_network_says(trained, tmp_path, frames):
    _, _, embedding = trained
    export_taste(embedding, tmp_path, values=SMALL.values, card={})
    session = read_encoder(tmp_path).session
    rng = np.random.default_rng(0)
    levels = rng.uniform(-6, 2, (3, frames, BANDS)).astype(np.float32)
    rows = rng.normal(size=(3, ROW_VALUES)).astype(np.float32)
    known = np.array([[1], [0], [1]], dtype=np.float32)
    with torch.no_grad():
        wanted = embedding(*(torch.from_numpy(part) for part in (levels, rows, known))).numpy()
    found = session.run(None, {"levels": levels, "rows": rows, "known": known})[0]
    np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_the_network_goes_round_the_bar(trained):
    """Rolled by whole steps, a bar's step features roll with it: there is no seam."""
    _, encoder, _ = trained
    levels = torch.from_numpy(np.random.default_rng(1).uniform(-6, 2, (1, 64, BANDS)).astype(np.float32))
    with torch.no_grad():
        straight, rolled = encoder.step_features(levels), encoder.step_features(levels.roll(20, 1))
    assert torch.allclose(straight.roll(5, 2), rolled, atol=1e-4)


def test_an_embedding_has_unit_spread_in_each_half_on_the_loops_that_set_it(trained):
    _, _, embedding = trained
    groups = draw_groups(draw_pool(36, SMALL.seed + 2), 3, 24, SMALL.seed + 2)
    heard = [torch.from_numpy(group.levels.astype(np.float32)) for group in groups]
    grids = measure_rows(np.random.default_rng(1).random((800, 16, 4)) < 0.5)
    with torch.no_grad():
        found = torch.cat([embedding(x, torch.zeros(len(x), ROW_VALUES), torch.zeros(len(x), 1)) for x in heard])
        some = heard[0][:1].expand(len(grids), -1, -1)
        of_grids = embedding(some, torch.from_numpy(grids), torch.ones(len(grids), 1))
    share = SMALL.row_share
    assert float(found[:, :2].var(dim=0, correction=0).sum()) == pytest.approx(1 - share, rel=0.02)
    assert 0.2 * share < float(of_grids[:, 2:4].var(dim=0, correction=0).sum()) < 1.2 * share, "of density 0.5 alone"
    assert float(found[:, 4:].var(dim=0, correction=0).sum()) == pytest.approx(1.0, rel=0.02)


def test_drawn_loops_are_of_the_shape_asked_for_and_never_silent():
    rng = np.random.default_rng(0)
    for steps in (8, 12, 16, 24, 32):
        for _ in range(20):
            loop = draw_loop(POOL, rng, steps=steps, tempo_bpm=90.0, swing=0.2)
            assert loop.pattern.steps == steps
            assert loop.pattern.hits.any()


def test_targets_tell_families_where_they_are_hit():
    bank = SoundBank()
    kick, hat = (next(s for s in POOL if s.family == family) for family in ("kick", "closed_hat"))
    loop = Loop(pattern_of_text("x---x---x---x---", "--x---x---x---x-"), (kick, hat))
    steps = targets_of(loop, Measures(bank)).steps
    names = list(FAMILIES)
    assert steps.shape == (16, ZONES + 1 + len(names))
    assert steps[:, ZONES + 1 + names.index("kick")].nonzero()[0].tolist() == [0, 4, 8, 12]
    assert steps[:, ZONES + 1 + names.index("closed_hat")].nonzero()[0].tolist() == [2, 6, 10, 14]
    assert steps[0, 0] > steps[2, 0], "the kick has more of the lowest zone"
    assert steps[2, ZONES - 1] > steps[0, ZONES - 1], "the hat has more of the highest"
    assert (steps[:, TOTAL] > 0).sum() == 8


def test_rhythm_tells_repetition():
    even, late = np.zeros((16, ZONES + 1)), np.zeros((16, ZONES + 1))
    even[::4] = 1.0
    late[[0, 3, 7, 13]] = 1.0
    repeats = (ZONES + 1) * (1 + 5 + 3)  # behind densities, places, and the lags 1, 2 and 3: the lag of a beat
    assert rhythm_of(even)[repeats] > 0.9
    assert rhythm_of(late)[repeats] < 0.3
