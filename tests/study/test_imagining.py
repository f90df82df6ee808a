"""Loops that were made ahead are those that would have been proposed, to the bit."""

import pytest
from example_studies import answer_to, open_study, preference_file, walk

from ghostnote.explore.session import Session
from ghostnote.study.running import Study

WHOLE = {"more_one": "warm_up = 2", "arms": "{ untrained = 2, product = 2 }"}


def all_loops(study, who, ahead):
    """Return number, loop and score of everything that is proposed, with answers imagined by `ahead` before each."""
    while (step := study.next(who)).id != "thanks":
        number = step.id.partition("-")[2]
        if number:
            for liked in ahead(study.foreseen(who, int(number))):
                study.imagine(who, int(number), liked)
        times = {"played_seconds": [2.0] * step.sounds}
        study.answer(who, step.id, answer_to(study, who, step), f"key-{step.id}", times)
    return [
        (row.number, row.loop_key, row.score, row.proposal, row.origin) for row in study.store.stimuli(who).values()
    ]


@pytest.mark.parametrize("engine", ["ours", "small"])
def test_what_is_proposed_is_the_same_with_and_without(tmp_path, engine):
    ways = {"none": lambda _: (), "both": lambda answers: answers, "one": lambda answers: answers[-1:]}
    found = {}
    for name, ahead in ways.items():
        (tmp_path / name).mkdir()
        path = preference_file(tmp_path / name, **WHOLE)
        path.write_text(path.read_text().replace("own_sounds = 12", "own_sounds = 12\ncandidates = 16"))
        study = Study.open(path) if engine == "ours" else open_study(path)
        found[name] = all_loops(study, study.enrol(), ahead)
    assert found["none"] == found["both"] == found["one"]
    assert len(found["none"]) == 10


def test_nothing_is_sought_again_that_was_imagined(tmp_path, monkeypatch):
    study = open_study(preference_file(tmp_path, **WHOLE))
    who = study.enrol()
    walk(study, who, until="trial-1")
    assert study.foreseen(who, 1) == (True,)  # of the warm-up nothing is learned
    monkeypatch.setattr(Session, "propose", None)
    for number in range(1, 6):
        answers = study.foreseen(who, number)
        assert number < 3 or sorted(answers) == [False, True]
        for liked in answers:
            study.imagine(who, number, liked)
        walk(study, who, until=f"trial-{number + 1}")
    assert study.foreseen(who, 6) == ()  # then comes phase II
    study.imagine(who, 6, True)
    study.imagine(who, 5, True)  # too late
    session = study._explorers.learner(who, 1, "product").session
    assert (session.counts.proposals, session.counts.unrated) == (6, 1)


def test_between_two_learners_nothing_is_imagined(tmp_path):
    study = open_study(preference_file(tmp_path))
    who = study.enrol()
    walk(study, who, until="trial-1")
    row = study.store.trials(who)
    assert study.foreseen(who, 1)
    other = [*row[:1], row[1].__class__(2, "one", "original", None, {}), *row[2:]]
    study.store._trials[who] = tuple(other)
    assert study.foreseen(who, 1) == ()
