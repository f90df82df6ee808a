"""A reproduction of GrooVAE among the systems of a listening test, in its own process; its weights are random here."""

from importlib.util import find_spec

import numpy as np
import pytest
from example_studies import open_study, walk

from ghostnote.data import Performance
from ghostnote.errors import InvalidInput, InvalidParameter, MissingExtra
from ghostnote.study import reproduction, sources
from ghostnote.study.clips import make_clips
from ghostnote.study.design import Material
from ghostnote.study.design_file import read_design
from ghostnote.study.results import people_of
from ghostnote.study.running import Study
from ghostnote.study.sources import quantised, real_tracks

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(find_spec("safetensors") is None, reason="weights are read with safetensors")

KICK, SNARE, HIGH_TOM, CLOSED_HIHAT, RIDE_BELL = 36, 38, 48, 42, 53
STUDY = """
protocol = "pairwise"
seed = 3
participants = 2
{more}
[texts]
consent = "Do you agree?"
instructions = "Listen."
[playing]
least_seconds = 0.5
sample_rate_hz = 16000
[[systems]]
name = "drummer"
source = "real"
[[systems]]
name = "paper"
source = "reproduction"
weights = "runs/seq2seq/best.safetensors"
[material]
items = 3
bars = 4
[trials]
per_participant = 3
catch = {catch}
"""
FORMS = {"ab": ("", 1), "mushra": ('form = "mushra"\nreference = "drummer"', 0)}


def recording(index: int) -> Performance:
    """Return eight bars with kicks, snares, hi-hats of varied strength and timing, and a flam of two toms in a cell."""
    rng = np.random.default_rng(index)
    steps = np.arange(0, 8 * 16, 2)
    ticks, pitches = steps * 120, np.where(steps % 8 == 4, SNARE, CLOSED_HIHAT)
    ticks = np.concatenate([ticks, steps[::4] * 120, [4830, 4835]])
    pitches = np.concatenate([pitches, np.full(len(steps[::4]), KICK), [HIGH_TOM, HIGH_TOM]])
    ticks = np.maximum(0, ticks + rng.integers(-15, 16, len(ticks)))
    order = np.argsort(ticks, kind="stable")
    return Performance(
        index, f"drummer1/session1/{index}", "drummer1", "drummer1/session1", ("rock",), 100.0 + index, "beat", "4-4",
        "test", f"{index}.mid", 480, ticks[order], pitches[order], rng.integers(20, 120, len(ticks)),
    )  # fmt: skip


@pytest.fixture
def dataset(monkeypatch):
    monkeypatch.setattr(sources, "load_performances", lambda *_, **__: [recording(index) for index in range(3)])


@pytest.fixture(scope="module")
def network():
    from ghostnote.training.recurrent import RecurrentNetwork

    torch.manual_seed(4)
    network = RecurrentNetwork().eval()
    with torch.no_grad():
        network.to_output.weight *= 40  # else everything is played nearly alike
    return network


@pytest.fixture(scope="module")
def weights(network, tmp_path_factory):
    from ghostnote.training.runs import write_weights

    path = tmp_path_factory.mktemp("runs") / "best.safetensors"
    write_weights(network, path)
    return path


@pytest.fixture
def study_file(dataset, weights, tmp_path):
    """Write a study whose reproduction is `weights`, and return its path."""
    target = tmp_path / "runs" / "seq2seq" / "best.safetensors"
    target.parent.mkdir(parents=True)
    target.symlink_to(weights)

    def write(form="ab"):
        more, catch = FORMS[form]
        (tmp_path / "pairs.toml").write_text(STUDY.format(more=more, catch=catch))
        return tmp_path / "pairs.toml"

    return write


def test_it_plays_the_score_as_its_network_does_two_bars_at_a_time(dataset, network, weights):
    scores = {item: quantised(track) for item, track in real_tracks(Material(items=3, bars=4), 3).items()}
    made = reproduction.reproduced(scores, 4, weights, "paper")
    assert list(made) == list(scores)
    for item, score in scores.items():
        notes = sorted(score.notes, key=lambda note: (note.pitch, note.tick))
        cells = [(note.tick // 120 // 32, note.tick // 120 % 32, score.voice_of(note).column) for note in notes]
        hits = np.zeros((2, 32, 9), dtype=np.float32)
        hits[tuple(zip(*cells, strict=True))] = 1.0
        window = torch.from_numpy(hits)
        played = network.perform(window, sample=False, clamp=window)
        loud, late = played.velocities.numpy(), played.offsets.numpy() / 2
        heard = sorted(made[item].notes, key=lambda note: (note.pitch, note.tick))  # none is so late as to overtake
        assert [note.pitch for note in heard] == [note.pitch for note in notes]
        assert [note.velocity for note in heard] == [max(1, round(127 * float(loud[cell]))) for cell in cells]
        wanted = [max(0, note.tick + round(120 * float(late[cell]))) for note, cell in zip(notes, cells, strict=True)]
        assert np.abs(np.array([note.tick for note in heard]) - wanted).max() <= 1
        assert len({note.velocity for note in heard}) > 5
        assert len({note.tick % 120 for note in heard}) > 5


@pytest.mark.parametrize("form", FORMS)
def test_a_listening_test_with_it_from_first_to_last(form, study_file):
    study = open_study(study_file(form))
    clips = {(row.system, row.item) for row in study.store.clips()}
    assert {(system, f"item-00{n}") for system in ("drummer", "paper") for n in (1, 2, 3)} <= clips
    who = study.enrol()
    walk(study, who)
    assert study.next(who).kind == "thanks"
    heard = [answer for answer in people_of(study)[0].pairs if answer.kind != "catch"]
    assert len(heard) == 3
    assert all({"drummer", "paper"} <= set(answer.systems) for answer in heard)


def test_its_clips_differ_from_the_drummers(study_file):
    clips = {(clip.system, clip.item): clip.audio for clip in make_clips(read_design(study_file()))}
    for item in ("item-001", "item-002", "item-003"):
        assert not np.allclose(clips["drummer", item], clips["paper", item], atol=1e-2)


def no_weights(path):
    path.write_bytes(b"PK\x03\x04 a zip")


def of_another_recipe(path):
    from ghostnote.training.recurrent import RecurrentConfig, RecurrentNetwork
    from ghostnote.training.runs import write_weights

    write_weights(RecurrentNetwork(RecurrentConfig("variational", input_columns=2)), path)


def not_finite(path):
    from ghostnote.training.recurrent import RecurrentNetwork
    from ghostnote.training.runs import write_weights

    network = RecurrentNetwork()
    with torch.no_grad():
        network.to_mean.bias[0] = torch.nan
    write_weights(network, path)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (no_weights, r"and the reproduction says: weights .* must be those of this network; they are not"),
        (of_another_recipe, r"must be those of this network; they are not .*size mismatch"),
        (not_finite, r"must be finite; some are NaN or infinite. Did the training fail"),
    ],
)
def test_bad_weights_are_told_of_before_anybody_is_let_in(spoil, told, study_file):
    path = study_file()
    target = path.parent / "runs" / "seq2seq" / "best.safetensors"
    target.unlink()
    spoil(target)
    with pytest.raises(InvalidInput, match=r"weights of system 'paper' must be .*" + told) as error:
        Study.open(path)
    assert str(error.value).endswith("`ghostnote train seq2seq` or `vib` writes them as best.safetensors")
    assert len(str(error.value)) < 700
    assert not (path.parent / "pairs.data").exists()


def test_weights_that_play_no_numbers_are_refused(dataset, tmp_path):
    from ghostnote.training.recurrent import RecurrentNetwork
    from ghostnote.training.runs import write_weights

    network = RecurrentNetwork()
    with torch.no_grad():
        for values in network.parameters():  # finite, but their sums are not
            values.copy_(3e38 * torch.sign(torch.randn(values.shape, generator=torch.Generator().manual_seed(1))))
    write_weights(network, tmp_path / "best.safetensors")
    scores = {item: quantised(track) for item, track in real_tracks(Material(items=1, bars=2), 3).items()}
    with pytest.raises(InvalidInput, match=r"weights of system 'paper' .*velocities must be finite"):
        reproduction.reproduced(scores, 2, tmp_path / "best.safetensors", "paper")


@pytest.mark.parametrize("name", ["velocities", "offsets"])
def test_what_is_played_must_be_finite(name, dataset):
    class Service:
        def ask(self, request):
            played = np.zeros(np.shape(request["hits"]))
            return {"velocities": played, "offsets": played} | {name: played + np.inf}

    score = next(iter(real_tracks(Material(items=1, bars=2), 3).values()))
    with pytest.raises(InvalidInput, match="what they play must be finite; it is NaN or infinite"):
        reproduction._played(Service(), quantised(score), 2)


def test_what_can_not_be_moved_is_told(dataset, weights, monkeypatch):
    def refuse(*_):
        raise InvalidParameter("shifts_beats must be finite; got NaN or infinity")

    monkeypatch.setattr(reproduction, "move_hits", refuse)
    scores = {item: quantised(track) for item, track in real_tracks(Material(items=1, bars=2), 3).items()}
    with pytest.raises(InvalidInput, match=r"weights of system 'paper' .*shifts_beats must be finite"):
        reproduction.reproduced(scores, 2, weights, "paper")


def test_a_process_that_ends_is_told_of_before_anybody_is_let_in(study_file, monkeypatch):
    monkeypatch.setattr(reproduction, "MODULE", "ghostnote.training.nothing")
    path = study_file()
    with pytest.raises(
        InvalidInput, match=r"system 'paper', a reproduction, can not be played: .* process ended. Its last words are"
    ):
        Study.open(path)
    assert not (path.parent / "pairs.data").exists()


def test_without_pytorch_it_is_said_before_anybody_is_let_in(study_file, monkeypatch):
    monkeypatch.setattr("ghostnote.study.service.find_spec", lambda name: None)
    path = study_file()
    with pytest.raises(
        MissingExtra, match=r"system 'paper', a reproduction, needs torch and safetensors.*or leave it out"
    ):
        Study.open(path)
    assert not (path.parent / "pairs.data").exists()
