import sys

import pytest
from example_studies import SmallEngine, pairs_file, preference_file, random_loop

from ghostnote.errors import InvalidInput
from ghostnote.explore.settings import SessionSettings
from ghostnote.study.explorers import Rated
from ghostnote.study.original import OriginalExplorer
from ghostnote.study.rehearsal import SimulatedClock, rehearse
from ghostnote.study.report import analyse
from ghostnote.study.results import people_of
from ghostnote.study.running import Study


def test_simulated_people_go_all_the_way(tmp_path):
    clock = SimulatedClock()
    path = preference_file(tmp_path, arms="{ untrained = 4, product = 4, random = 4 }", participants=2)
    path.write_text(path.read_text().replace("pause_seconds = 0", "pause_seconds = 60"))
    study = Study.open(path, make_engine=SmallEngine, clock=clock)
    seen = []
    ids = rehearse(study, 5, seed=3, clock=clock, progress=lambda done, steps: seen.append((done, steps)))
    assert len(ids) == 2  # as many as it lets in
    assert seen[-1][0] <= seen[-1][1] == 42
    people = people_of(study)
    assert all(person.finished and person.seconds > 120 for person in people)
    assert all(2 < rating.seconds < 60 for person in people for rating in person.ratings)
    assert {rating.liked for person in people for rating in person.ratings} == {True, False}
    assert len(analyse(study, people).people) == 2


@pytest.mark.parametrize("form", ["ab", "mushra"])
def test_simulated_listeners_prefer_what_is_first(tmp_path, form):
    clock = SimulatedClock()
    study = Study.open(pairs_file(tmp_path, form=form, trials=12 if form == "ab" else 4), clock=clock)
    rehearse(study, 6, seed=1, clock=clock)
    found = analyse(study)
    assert not any(one.excluded for one in found.listeners)
    scale = dict(zip(found.scale.names, (value.value for value in found.scale.values), strict=True))
    assert scale["human"] > scale["grid"]
    if form == "mushra":
        assert found.ratings["human"].value > 85 > 40 > found.ratings["lowpass"].value


SERVICE = """
import json, sys
told = []
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "rate":
        told.append(request["loop"])
    if request["do"] in ("begin", "catch_up"):
        print(json.dumps({"loops": []}), flush=True)
    elif request["do"] == "rate":
        print(json.dumps({"loops": []}), flush=True)
    elif request["do"] == "propose" and len(told) == 3:
        sys.exit(1)
    elif request.get("count") == 9:
        print(json.dumps({"error": "nine"}), flush=True)
    else:
        print(json.dumps({"loops": [told[-1]] * request.get("count", 1)}), flush=True)
"""


def test_the_original_critic_is_asked_in_its_process():
    import numpy as np

    explorer = OriginalExplorer(SessionSettings(), [sys.executable, "-c", SERVICE])
    loops = [random_loop(np.random.default_rng(k)) for k in range(3)]
    rated = [Rated(n, loop, n != 2) for n, loop in enumerate(loops, 1)]
    assert explorer.propose(rated[:1], []).loop.key == loops[0].key
    final = explorer.final([*rated[:2], Rated(7, loops[2], None)], [], 2)  # what is not to be learned is not told
    assert [one.loop.key for one in final] == [loops[1].key] * 2
    with pytest.raises(InvalidInput, match="the original critic says: nine"):
        explorer.final(rated[:2], [], 9)
    with pytest.raises(InvalidInput, match="process ended"):
        explorer.propose(rated, [])
    assert explorer.propose(rated[:2], []).loop.key == loops[1].key  # another process, told everything anew
    assert explorer.critic(rated) is None
    explorer.close()
    explorer.close()
