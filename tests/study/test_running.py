import dataclasses
import io
import json
import multiprocessing
import os
import shutil
import sqlite3
import threading
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from example_studies import Clock, SmallEngine, answer_to, open_study, pairs_file, preference_file, walk, write_clip

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.loops import play_loop
from ghostnote.study import schema
from ghostnote.study.design import Material, System
from ghostnote.study.design_file import read_design
from ghostnote.study.opening import sources_of
from ghostnote.study.results import people_of
from ghostnote.study.running import AnswerConflict, Study, UnknownParticipant
from ghostnote.study.store import StudyStore

HEARD = {"seconds": 4.0, "played_seconds": [2.0]}


@pytest.fixture
def study(tmp_path):
    return open_study(preference_file(tmp_path, protocol="deepdrummer-2020"))


def test_a_participant_from_first_to_last(study):
    who = study.enrol()
    steps = walk(study, who)
    assert [step.id for step in steps] == [
        "consent", "instructions", "trial-1", "trial-2", "trial-3", "trial-4", "pause",
        "trial-5", "trial-6", "trial-7", "trial-8", "trial-9", "trial-10", "survey",
    ]  # fmt: skip
    assert [(s.phase, s.number, s.of) for s in steps if s.kind == "loop"] == [
        *((1, n, 4) for n in range(1, 5)),
        *((2, n, 6) for n in range(1, 7)),
    ]
    assert study.next(who).kind == "thanks"
    result = study.result(who)
    assert 0 <= result.before <= 1
    assert 0 <= result.after <= 1
    assert all(study.sound(who, trial)[:4] == b"RIFF" for trial in result.liked)
    progress = study.progress()
    assert (progress.enrolled, progress.finished, progress.enough) == (1, 1, False)


def test_it_learns_and_phase_two_is_fixed(study):
    who = study.enrol()
    walk(study, who, until="trial-6")
    first = study.next(who)
    stimuli = study.store.stimuli(who)
    assert sorted(stimuli) == list(range(1, 11))  # all of phase II at once
    session = study._explorers.learner(who, 1, "product").session
    assert [item.liked for item in session.history()][:4] == [
        study.store.answers(who)[f"trial-{n}"].value["liked"] for n in range(1, 5)
    ]
    assert session.counts.unrated == 3  # the trained arm: proposed, never learned from
    study.answer(who, first.id, {"liked": True}, "k", HEARD)
    assert session.counts.liked + session.counts.disliked == 4
    assert [row.proposal for row in study.store.stimuli(who).values() if row.number > 4 and row.score != 0.5]


def test_nothing_is_lost_when_it_is_opened_again_at_any_moment(tmp_path):
    path = preference_file(tmp_path, more_one="warm_up = 1", more_two="repeats = 1\nrepeat_gap = 2")
    (tmp_path / "whole").mkdir()
    whole = open_study(
        preference_file(tmp_path / "whole", more_one="warm_up = 1", more_two="repeats = 1\nrepeat_gap = 2")
    )
    other = whole.enrol()
    walk(whole, other)
    who = open_study(path).enrol()
    while (step := open_study(path).next(who)).id != "thanks":
        study = open_study(path)
        study.answer(who, step.id, answer_to(study, who, step), f"key-{step.id}", {"played_seconds": [1] * step.sounds})
    keys = [{n: row.loop_key for n, row in s.store.stimuli(w).items()} for s, w in ((whole, other), (study, who))]
    assert keys[0] == keys[1]


def test_an_interruption_between_session_and_study_proposes_nothing_twice(study):
    who = study.enrol()
    walk(study, who, until="trial-1")
    study.answer(who, "trial-1", {"liked": True}, "k", HEARD)
    explorer = study._explorers.learner(who, 1, "product")
    rated = study.rated(who)
    lost = explorer.propose(
        rated, [row.proposal for row in study.store.stimuli(who).values()]
    )  # and then it was killed
    study.next(who)
    assert study.store.stimuli(who)[2].proposal == lost.proposal


def test_answers_are_taken_once_in_order_and_with_their_key(study):
    who = study.enrol()
    with pytest.raises(AnswerConflict, match="'trial-1' can not be answered yet; 'instructions' comes before"):
        study.answer(who, "trial-1", {"liked": True}, "k", HEARD)
    study.answer(who, "consent", {"agreed": True}, "a")
    study.answer(who, "consent", {"agreed": True}, "a")  # sent again
    with pytest.raises(AnswerConflict, match="was answered before"):
        study.answer(who, "consent", {"agreed": True}, "b")
    with pytest.raises(AnswerConflict, match="key must be a new one"):
        study.answer(who, "instructions", {"heard": True}, "a")
    assert list(study.store.answers(who)) == ["consent"]
    with pytest.raises(UnknownParticipant, match="nobody has this one"):
        study.answer("0" * 24, "consent", {"agreed": True}, "a")
    with pytest.raises(UnknownParticipant):
        study.next("' OR 1=1 --")


@pytest.mark.parametrize(
    ("step", "answer", "times", "told"),
    [
        ("consent", {"agreed": False}, None, "agreed must be true; got False. Nobody takes part"),
        ("consent", {"agreed": True, "name": "Ann"}, None, "nothing but agreed; got 'name'"),
        ("instructions", {}, None, "heard must be true"),
        ("trial-1", {"liked": "yes"}, HEARD, "liked must be true or false; got 'yes'"),
        ("trial-1", {"liked": 1}, HEARD, "liked must be true or false; got 1"),
        ("trial-1", {"liked": True}, None, r"0.5 or more for each of 1 sounds; got \[\]. Play before"),
        ("trial-1", {"liked": True}, {"played_seconds": [0.4]}, "Play before you answer"),
        ("trial-1", {"liked": True}, {"played_seconds": [float("nan")]}, "must be seconds"),
        ("trial-1", {"liked": True}, {"seconds": -1, "played_seconds": [2]}, "times.seconds must be seconds"),
        ("trial-1", {"liked": True}, {"ip": "1.2.3.4"}, "nothing but seconds, played_seconds; got 'ip'"),
        ("trial-99", {"liked": True}, HEARD, "id of a step"),
        ("thanks", {}, None, "id of a step that can be answered"),
        ("trial-1", [1], HEARD, "must be an object"),
    ],
)
def test_bad_answers_are_told_of(study, step, answer, times, told):
    with pytest.raises(InvalidParameter, match=told):
        study.answer(study.enrol(), step, answer, "k", times)


def test_the_survey_is_checked(study):
    who = study.enrol()
    walk(study, who, until="survey")
    for answer, told in [
        ({}, "learned must be answered"),
        ({"learned": 6}, r"learned must be a whole number in 1…5; got 6"),
        ({"learned": 3, "email": "a@b"}, "nothing but learned"),
        ({"learned": 3, "comments": "x" * 5_001}, "at most 5,000"),
    ]:
        with pytest.raises(InvalidParameter, match=told):
            study.answer(who, "survey", answer, "k")
    study.answer(who, "survey", {"learned": 3, "criteria": "Bass,  deep   KICK; bass,", "comments": ""}, "k")
    said = study.store.answers(who)["survey"].value["answers"]
    assert said == {"learned": 3, "criteria": ["bass", "deep kick"]}


def test_the_pause_lasts(tmp_path):
    path = preference_file(tmp_path)
    path.write_text(path.read_text().replace("pause_seconds = 0", "pause_seconds = 60"))
    clock = Clock()
    study = open_study(path, clock)
    who = study.enrol()
    walk(study, who, until="pause")
    assert study.next(who).wait_seconds == 60
    study.prepare(who)
    assert len(study.store.stimuli(who)) == 10  # made meanwhile
    with pytest.raises(AnswerConflict, match="the pause must last 60 s"):
        study.answer(who, "pause", {"text": "x"}, "k")
    clock.seconds += 60
    study.answer(who, "pause", {"text": "x"}, "k")


def test_nothing_that_is_shown_tells_the_arm(tmp_path):
    study = open_study(preference_file(tmp_path, arms="{ untrained = 4, product = 4, random = 4 }"))
    who = study.enrol()
    walk(study, who, until="trial-9")
    shown = json.dumps([dataclasses.asdict(study.next(who)), dataclasses.asdict(study.progress())])
    for word in ("untrained", "product", "random", "score", "origin", who):
        assert word not in shown
    with pytest.raises(AnswerConflict, match="not before"):
        study.result(who)


def test_a_participant_hears_what_it_reached_and_nothing_else(study):
    first, second = study.enrol(), study.enrol()
    walk(study, first, until="trial-3")
    walk(study, second, until="trial-1")
    study.next(first), study.next(second)
    audio, rate = soundfile.read(io.BytesIO(study.sound(first, "trial-3")))
    assert rate == 16_000
    assert np.abs(audio).max() > 0.05
    assert study.sound(second, "trial-1") != study.sound(first, "trial-1")
    for trial in ("trial-4", "trial-0", "consent", "trial-999", "trial-9999999999"):
        with pytest.raises(InvalidParameter, match="one that was reached"):
            study.sound(first, trial)
    with pytest.raises(InvalidParameter, match="one that was reached"):
        study.sound(second, "trial-3")


def test_several_at_once(tmp_path):
    study = open_study(preference_file(tmp_path))
    ids = [study.enrol() for _ in range(4)]
    failures = []

    def take_part(who):
        try:
            walk(study, who)
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=take_part, args=(who,)) for who in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert study.progress().finished == 4
    assert len({row.loop_key for who in ids for row in study.store.stimuli(who).values()}) == 40


def enrol_some(path, count):
    study = Study.open(path, make_engine=SmallEngine)
    for _ in range(count):
        study.enrol()


def test_several_processes_let_in_as_many_as_planned(tmp_path):
    path = preference_file(tmp_path, participants=6)
    open_study(path)
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=enrol_some, args=(path, 3)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    study = open_study(path)
    assert [seen.number for seen in study.progress().participants] == list(range(1, 7))
    with pytest.raises(AnswerConflict, match="lets in 6 participants"):
        study.enrol()
    assert all(len(who) == 24 for who in study.participants())


def test_a_study_that_has_begun_does_not_change(tmp_path):
    path = preference_file(tmp_path)
    open_study(path)
    path.write_text(path.read_text().replace("ratings = 4", "ratings = 5"))
    study = open_study(path)  # nobody is there yet
    assert study.design.phase_one.ratings == 5
    study.enrol()
    path.write_text(path.read_text().replace("ratings = 5", "ratings = 6"))
    with pytest.raises(InvalidParameter, match=r"people take part already. Put phase_one back"):
        open_study(path)
    path.write_text("# a comment\n" + path.read_text().replace("ratings = 6", "ratings = 5"))
    assert open_study(path).progress().enrolled == 1


def test_nobody_is_let_into_a_design_that_was_replaced_meanwhile(tmp_path):
    path = preference_file(tmp_path)
    old = open_study(path)
    path.write_text(path.read_text().replace("ratings = 4", "ratings = 5"))
    new = open_study(path)
    with pytest.raises(AnswerConflict, match="file changed since it was opened; whoever runs it must end"):
        old.enrol()
    assert not new.participants()
    assert len(new.store.trials(new.enrol())) == 5 + 6


def test_a_listening_test_that_has_begun_needs_its_files_no_more(tmp_path):
    path = pairs_file(tmp_path)
    study = open_study(path)
    walk(study, study.enrol())
    for system in ("human", "machine", "grid"):
        shutil.rmtree(tmp_path / system)
    again = open_study(path)
    again.check()
    walk(again, again.enrol())
    assert again.progress().finished == 2


@pytest.mark.parametrize(("participants", "complete"), [(2, False), (1, True)])
def test_a_study_of_ratings_is_looked_at_without_its_folders(tmp_path, participants, complete):
    path = file_with_sounds(tmp_path, participants)
    study = open_study(path)
    walk(study, study.enrol())
    shutil.rmtree(tmp_path / "sounds")
    again = open_study(path)
    assert again.progress().finished == 1
    assert all(play_loop(rating.loop, again.bank).any() for rating in people_of(again)[0].ratings)
    if complete:
        again.check()
    else:
        with pytest.raises(InvalidInput, match=r"generator.sounds, item 1, must be a folder"):
            again.check()


def test_what_a_study_names_is_looked_at_until_somebody_takes_part(tmp_path):
    path = file_with_sounds(tmp_path, 2)
    open_study(path)
    (tmp_path / "sounds" / "kick.wav").write_bytes(b"RIFF")
    with pytest.raises(InvalidInput, match="usable recording"):
        open_study(path)


def test_clips_are_made_anew_when_their_files_change_until_somebody_takes_part(tmp_path):
    path = pairs_file(tmp_path)
    served = open_study(path)
    first = served.store.clips()
    assert open_study(path).store.clips() == first
    stat = (tmp_path / "grid" / "song-0.wav").stat()
    write_clip(tmp_path / "grid" / "song-0.wav", gain=0.7, hertz=2_000)
    os.utime(tmp_path / "grid" / "song-0.wav", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    second = open_study(path).store.clips()
    assert not {row.id for row in first} & {row.id for row in second}
    walk(served, served.enrol())  # what is heard is what is there now
    write_clip(tmp_path / "grid" / "song-0.wav", gain=0.2)
    assert open_study(path).store.clips() == second


def test_weights_and_archive_are_among_the_sources_of_clips(tmp_path):
    (tmp_path / "best.safetensors").write_bytes(b"one")
    (tmp_path / "gmd.zip").write_bytes(b"archive")
    systems = (System("drummer", source="real"), System("paper", source="reproduction", weights="best.safetensors"))
    design = replace(read_design(pairs_file(tmp_path)), systems=systems, material=Material(archive="gmd.zip"))
    found = {sources_of(design)}
    (tmp_path / "best.safetensors").write_bytes(b"two")
    found.add(sources_of(design))
    (tmp_path / "gmd.zip").write_bytes(b"another")
    found.add(sources_of(design))
    assert len(found) == 3


def test_a_database_of_the_first_version_is_opened(tmp_path, monkeypatch):
    path = pairs_file(tmp_path)
    (tmp_path / "pairs.data").mkdir()
    with monkeypatch.context() as before:
        before.setattr(schema, "STEPS", schema.STEPS[:1])
        StudyStore(tmp_path / "pairs.data" / "study.sqlite", path.read_text(), "2026-01-01T00:00:00+00:00")
    assert len(open_study(path).store.clips()) == 16


def file_with_sounds(folder, participants):
    (folder / "sounds").mkdir()
    write_clip(folder / "sounds" / "kick.wav", seconds=0.3)
    path = preference_file(folder, participants=participants)
    path.write_text(path.read_text().replace("own_sounds = 12", 'own_sounds = 2\nsounds = ["sounds"]'))
    return path


def test_rows_are_only_added_and_synced(study):
    who = study.enrol()
    walk(study, who, until="trial-2")
    database = sqlite3.connect(study.store.path)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    for table in ("participant", "trial", "stimulus", "answer"):
        with pytest.raises(sqlite3.DatabaseError, match="never deleted"):
            database.execute(f"DELETE FROM {table}")
    with pytest.raises(sqlite3.DatabaseError, match="never changed"):
        database.execute("UPDATE answer SET value = '{}'")
    database.close()


def test_somebody_elses_database_is_left_alone(tmp_path):
    path = preference_file(tmp_path)
    (tmp_path / "taste.data").mkdir()
    other = sqlite3.connect(tmp_path / "taste.data" / "study.sqlite")
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    with pytest.raises(InvalidInput, match="another program"):
        open_study(path)


def test_events(study):
    who = study.enrol()
    study.note(who, "consent", "shown")
    study.note(who, "trial-1", "played", {"seconds": 2.0})
    assert [(e["step"], e["kind"]) for e in study.store.events(who)] == [("consent", "shown"), ("trial-1", "played")]
    for step, kind in (("consent", "hacked"), ("trial-77", "shown")):
        with pytest.raises(InvalidParameter):
            study.note(who, step, kind)


def test_the_stopping_rule_looks_at_the_width_alone(tmp_path):
    stopping = '[stopping]\nrule = "precision"\nhalf_width = {}\nleast = 3\nmost = 5\nevery = 1'
    path = preference_file(tmp_path, more_two=stopping.format(0.5))
    wide = open_study(path)
    for _ in range(3):
        walk(wide, wide.enrol(), always={"liked": True})
    assert wide.progress().enough
    with pytest.raises(AnswerConflict, match="stopping rule, stated beforehand, is met"):
        wide.enrol()
    (tmp_path / "narrow").mkdir()
    narrow = open_study(preference_file(tmp_path / "narrow", more_two=stopping.format(0.006)))
    for _ in range(3):
        walk(narrow, narrow.enrol())
    assert not narrow.progress().enough
    assert narrow.progress().planned == 5


def test_a_listening_test_from_first_to_last(tmp_path):
    study = open_study(pairs_file(tmp_path, more="question = 'Which?'"))
    who = study.enrol()
    steps = walk(study, who)
    assert [step.kind for step in steps] == ["consent", "instructions", *["pair"] * 8, "survey"]
    assert {(step.sounds, step.text) for step in steps if step.kind == "pair"} == {(2, "Which?")}
    with pytest.raises(InvalidParameter, match="which must lie in 0…1"):
        study.sound(who, "trial-1", 2)
    assert study.result(who).before is None
    with pytest.raises(InvalidParameter, match="choice must be first or second; got 'none'"):
        study.answer(who, "trial-1", {"choice": "none"}, "k", {"played_seconds": [1, 1]})


def test_screens_from_first_to_last(tmp_path):
    study = open_study(pairs_file(tmp_path, form="mushra", trials=3))
    who = study.enrol()
    walk(study, who, until="trial-2")
    assert study.next(who).sounds == 5
    for ratings in ([1, 2, 3], [1, 2, 3, 101], [1, 2, 3, True], "1234"):
        with pytest.raises(InvalidParameter, match="ratings must be 4 whole numbers"):
            study.answer(who, "trial-2", {"ratings": ratings}, "k", {"played_seconds": [1] * 5})
    walk(study, who)
    assert study.next(who).id == "thanks"


def test_a_bad_clip_is_told_of_before_anybody_is_let_in(tmp_path):
    path = pairs_file(tmp_path)
    write_clip(tmp_path / "grid" / "song-0.wav", gain=0.0)
    with pytest.raises(InvalidInput, match="is silent"):
        open_study(path)
    assert not (tmp_path / "pairs.data").exists()
