"""A study with the original network of 2020, trained and all, from first to last; without PyTorch there is none."""

import sys
from importlib.util import find_spec

import pytest
from example_studies import preference_file, walk

from ghostnote.errors import MissingExtra
from ghostnote.explore.search import SearchSettings
from ghostnote.explore.settings import SessionSettings
from ghostnote.study.explorers import Rated
from ghostnote.study.export import export_study
from ghostnote.study.loading import load_study
from ghostnote.study.original import OriginalExplorer
from ghostnote.study.report import analyse
from ghostnote.study.running import Study

ARMS = "{ random = 1, original = 1 }"
HALF, WHOLE = (f"participant-001-{stage}-original.safetensors" for stage in ("phase-1-half", "phase-1"))
NEEDS_TORCH = pytest.mark.skipif(find_spec("torch") is None, reason="the original network needs PyTorch")
SHORT = """
import dataclasses
from ghostnote.training import deepdrummer_explorer as explorer
from ghostnote.training import deepdrummer_service as service
few = explorer.ChainSettings(mutations=3)
little = explorer.LearningSettings(batches=2, batch=4)
short = dataclasses.replace(explorer.ORIGINAL, chain=few, final=few, learning=little)
explorer.DeepDrummerExplorer.__init__.__defaults__ = (0, short)
service.serve(service.begin, service.sys.stdin, service.sys.stdout)
"""


def weights_of(path):
    """Return the weights of the network that is saved at `path`."""
    from ghostnote.training.deepdrummer_network import DeepDrummerNetwork
    from ghostnote.training.runs import read_weights

    network = DeepDrummerNetwork(seed=99)
    read_weights(network, path)
    return network.state_dict()


@NEEDS_TORCH
def test_a_study_of_the_original_network(tmp_path):
    path = preference_file(tmp_path, ratings=2, arms=ARMS, participants=1)
    path.write_text(path.read_text().replace("own_sounds = 12", "own_sounds = 12\ncandidates = 16"))
    study = Study.open(path)
    assert study.design.learners == ("original",)
    who = study.enrol()
    walk(study, who, until="trial-2", always={"liked": True})
    walk(study, who, always={"liked": False})  # nothing is learned before there are both
    assert study.next(who).kind == "thanks"
    trials, stimuli = study.store.trials(who), study.store.stimuli(who)
    origins = {number: row.origin for number, row in stimuli.items()}
    assert all((origins[trial.number] == "original") == (trial.arm == "original") for trial in trials)
    assert len({row.loop_key for row in stimuli.values()}) == 4
    assert study.foreseen(who, 1) == ()  # it can not be asked what it would propose
    found = analyse(study)
    assert (found.before, found.after) == ("random", "original")
    export_study(study, tmp_path / "data")
    assert [rating.arm for rating in load_study(tmp_path / "data").people[0].ratings] == [t.arm for t in trials]
    study.close()
    critics = tmp_path / "data" / "critics"
    assert {path.name for path in critics.glob("*.safetensors")} == {HALF, WHOLE}
    assert not weights_of(critics / HALF)["norms.0.running_mean"].any()
    assert weights_of(critics / WHOLE)["norms.0.running_mean"].all()
    assert "`critics/*-original.safetensors`" in (tmp_path / "data" / "README.md").read_text()
    less = export_study(study, tmp_path / "less", sound=False, critics=False)
    assert not [name for name in less.files if name.startswith("critics")]


@NEEDS_TORCH
def test_the_original_critic_in_the_protocol_of_2020(tmp_path):
    arms = "{ untrained = 1, trained = 1 }"
    path = preference_file(tmp_path, protocol="deepdrummer-2020", ratings=2, arms=arms, participants=1)
    path.write_text(
        path.read_text().replace("[phase_one]", 'candidates = 16\n[critic]\nkind = "original"\n[phase_one]')
    )
    study = Study.open(path)
    assert study.design.learners == ("original",)
    who = study.enrol()
    walk(study, who, until="trial-2", always={"liked": True})
    walk(study, who, always={"liked": False})
    assert study.next(who).kind == "thanks"
    assert {row.origin for row in study.store.stimuli(who).values()} == {"original"}
    assert len({row.loop_key for row in study.store.stimuli(who).values()}) == 4
    found = analyse(study)
    assert (found.before, found.after) == ("untrained", "trained")
    study.close()


@NEEDS_TORCH
def test_an_interruption_changes_nothing(tmp_path):
    """Learning takes long, searching longer: both are made short, and what is checked is that they go on alike."""
    import torch

    settings = SessionSettings(seed=3, own_sounds=8, search=SearchSettings(candidates=16))
    kept = [{2: tmp_path / f"{name}-half", 3: tmp_path / f"{name}-end"} for name in ("whole", "again")]
    whole, again = (OriginalExplorer(settings, [sys.executable, "-P", "-c", SHORT], files) for files in kept)
    rated: list[Rated] = []
    for trial in (1, 2, 3):
        rated.append(Rated(trial, whole.propose(rated, []).loop, trial != 2))
    assert again.propose(rated[:2], []).loop.key == rated[2].loop.key  # as when the server was stopped before it
    first, second = ([one.loop.key for one in explorer.final(rated, [], 1)] for explorer in (whole, again))
    assert first == second
    (half, end), of_again = ([weights_of(path) for path in files.values()] for files in kept)
    assert all(torch.equal(half[name], values) for name, values in of_again[0].items())
    assert all(torch.equal(end[name], values) for name, values in of_again[1].items())
    assert not torch.equal(half["last.weight"], end["last.weight"])
    whole.close()
    again.close()


def test_without_pytorch_it_is_said_before_anybody_is_let_in(tmp_path, monkeypatch):
    monkeypatch.setattr("ghostnote.study.service.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'ghostnote\[train\]', or set"):
        Study.open(preference_file(tmp_path, arms=ARMS))
    assert not (tmp_path / "taste.data").exists()
