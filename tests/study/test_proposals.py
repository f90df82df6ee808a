"""Loops that are proposed for a study, and stay the same when it is stopped at any moment."""

import pytest
from example_studies import open_study, preference_file, walk

from ghostnote.study.proposals import Proposals


def loops(study, participant):
    return [row.loop_key for _, row in sorted(study.store.stimuli(participant).items())]


@pytest.mark.parametrize("ratings", [2, 4])
def test_a_kill_between_the_arms_of_phase_two_drops_no_proposal(ratings, tmp_path, monkeypatch):
    """The trained session has proposed then what the study did not note; the untrained one has numbers of its own."""
    folders = [tmp_path / name for name in ("whole", "again")]
    for folder in folders:
        folder.mkdir()
    whole, study = (
        open_study(preference_file(folder, protocol="deepdrummer-2020", ratings=ratings,
                                   arms="{ untrained = 3, trained = 3 }"))
        for folder in folders
    )  # fmt: skip
    keep = Proposals._keep
    for _ in range(4):
        one, who = whole.enrol(), study.enrol()
        walk(whole, one)
        walk(study, who, until="pause")
        kept = []

        def killed(proposals, participant, proposed, kept=kept):
            if kept:
                raise KeyboardInterrupt
            kept.append(proposed)
            keep(proposals, participant, proposed)

        with monkeypatch.context() as patch:
            patch.setattr(Proposals, "_keep", killed)
            with pytest.raises(KeyboardInterrupt):
                study.prepare(who)
        study.close()
        study = open_study(study.design.home / "taste.toml", study._clock)
        walk(study, who)
        assert loops(study, who) == loops(whole, one)
