"""Studies whose critics start from saved ones, with the shipped encoder and the product's own engine."""

import numpy as np
import pytest
from example_studies import busy, preference_file, random_loop, walk

from ghostnote.critic import Experience, Hearing, SavedCritic, load_encoder, write_critic
from ghostnote.explore.session import Session
from ghostnote.sounds.bank import SoundBank
from ghostnote.study.running import Study

RATED = 4


@pytest.fixture(scope="module")
def critics(tmp_path_factory):
    """Write what two people taught who like what is busy, and return the files."""
    folder, encoder = tmp_path_factory.mktemp("critics"), load_encoder()
    rng = np.random.default_rng(5)
    files = []
    for name in ("ann", "bob"):
        loops = [random_loop(rng) for _ in range(24)]
        experience = Experience(
            encoder.embed(Hearing(SoundBank()).hear(loops)), np.array([busy(loop) > 0.45 for loop in loops])
        )
        files.append(folder / f"{name}.critic")
        write_critic(SavedCritic(encoder.sha256, (experience,)), files[-1])
    return files


def proposals_of(folder, start, files):
    """Return the proposals of phase I, and those of the untrained arm, after a participant took part."""
    folder.mkdir()
    path = preference_file(folder, ratings=RATED, arms="{ untrained = 1, product = 1 }", participants=1)
    names = ", ".join(f'"{file}"' for file in files)
    critic = f'candidates = 16\n[critic]\nstart = "{start}"\nfiles = [{names}]\n[phase_one]'
    path.write_text(path.read_text().replace("[phase_one]", critic, 1))
    study = Study.open(path)
    who = study.enrol()
    walk(study, who)
    assert study.next(who).kind == "thanks"
    study.close()
    sessions = path.with_name("taste.data") / "sessions"
    found = []
    for name in (who, f"{who}-untrained"):
        session = Session.open(sessions / f"{name}.ghostnote")
        found.append([item.proposal for item in session.history()])
    return found


def test_proposals_begin_from_what_was_learned_before(critics, tmp_path):
    found = {
        start: proposals_of(tmp_path / start, start, critics[:count])
        for count, start in enumerate(("untrained", "pretrained", "combined"))
    }
    first = {start: trained[0] for start, (trained, _) in found.items()}
    assert {proposal.origin for proposal in found["untrained"][0]} == {"opener"}
    for start in ("pretrained", "combined"):
        assert first[start].score != 0.5
        assert first[start].uncertainty != first["untrained"].uncertainty
        assert "opener" not in {proposal.origin for proposal in found[start][0]}  # it knows something already
        assert len(found[start][0]) == len(found["untrained"][0]) == RATED + 1
        # The untrained arm knows nothing, wherever the other starts.
        assert [p.loop.key for p in found[start][1]] == [p.loop.key for p in found["untrained"][1]]
    assert first["combined"].score != first["pretrained"].score
