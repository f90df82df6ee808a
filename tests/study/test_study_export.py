import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from example_studies import open_study, pairs_file, preference_file, walk

from ghostnote.critic import read_critic
from ghostnote.errors import InvalidInput, StorageError
from ghostnote.explore.session import Session
from ghostnote.loops import play_loop
from ghostnote.midi import read_midi
from ghostnote.study import export
from ghostnote.study.analysis import criteria_words
from ghostnote.study.anonymous import without_places
from ghostnote.study.design_file import decode_design
from ghostnote.study.export import export_study
from ghostnote.study.loading import load_study
from ghostnote.study.results import people_of
from ghostnote.study.templates import TEMPLATES

NAMES = ("Ann Example", "ann@example.org", "+49 30 1234567")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("Ann Example home")
    (folder / "sounds of Ann Example").mkdir()
    time = np.arange(8_000) / 16_000
    click = np.sin(2 * np.pi * 500 * time) * np.exp(-20 * time)
    soundfile.write(folder / "sounds of Ann Example" / "ann@example.org kick.wav", click, 16_000)
    path = preference_file(folder, arms="{ untrained = 3, product = 3, random = 3 }", ratings=6)
    text = path.read_text().replace("own_sounds = 12", 'own_sounds = 2\nsounds = ["sounds of Ann Example"]')
    path.write_text(f"# by Ann Example\n{text}")
    study = open_study(path)
    for seed in range(2):
        who = study.enrol()
        walk(study, who, until="survey", seed=seed)
        said = f"I am {', '.join(NAMES)}"
        words = f"bass, kick, {NAMES[seed]}"
        study.answer(who, "survey", {"learned": 4, "criteria": words, "comments": said}, "k")
    walk(study, study.enrol(), until="trial-4")
    return study


@pytest.fixture(scope="module")
def data(study, tmp_path_factory):
    return export_study(study, tmp_path_factory.mktemp("out") / "data")


def test_everything_is_in_it(study, data):
    ratings = [json.loads(line) for line in (data.folder / "ratings.jsonl").read_text().splitlines()]
    assert len(ratings) == 2 * 15 + 3
    assert {r["phase"] for r in ratings} == {"one", "two"}
    assert {r["arm"] for r in ratings if r["phase"] == "two"} == {"untrained", "product", "random"}
    assert ratings[0]["at_seconds"] == 0
    assert ratings[1]["at_seconds"] > 0
    loops = [json.loads(line) for line in (data.folder / "loops.jsonl").read_text().splitlines()]
    assert {r["loop"] for r in ratings} == {one["loop"] for one in loops}
    for one in loops:
        audio, rate = soundfile.read(data.folder / one["wav"])
        assert (rate, len(audio)) == (44_100, 88_200)
        assert read_midi(data.folder / one["midi"]).notes
        assert all("seed" in sound or (data.folder / sound["file"]).is_file() for sound in one["sounds"])
    there, here = load_study(data.folder).design, study.design
    assert there == replace(here, generator=replace(here.generator, sounds=("sounds-1",)))
    stages = {"phase-1-half", "phase-1", "all"}
    names = {path.name for path in (data.folder / "critics").iterdir()}
    assert {f"participant-001-{stage}.json" for stage in stages} <= names
    assert read_critic(data.folder / "critics" / "participant-001-all.json").people[0].liked.shape == (15,)
    card = (data.folder / "README.md").read_text()
    assert "CC-BY-4.0" in card
    assert "3 participants, 2 of whom finished" in card
    assert all(f"`{name}`" in card for name in data.files if "/" not in name and name != "README.md")


def test_nothing_identifying_is_in_it(study, data):
    secrets = [*NAMES, *study.participants(), str(study.path.parent), 'comments", "answer', "kick.wav"]
    for name in data.files:
        content = (data.folder / name).read_bytes()
        for secret in secrets:
            assert secret.lower().encode() not in content.lower(), (name, secret)
        if name.endswith((".jsonl", ".json", ".md")):
            assert not re.search(rb"20\d\d-\d\d-\d\d", content), name  # no dates
    assert not [name for name in data.files if any(secret in name for secret in secrets)]


def test_words_that_several_named_stay(study, data):
    back = load_study(data.folder)
    assert [person.survey.get("criteria") for person in back.people] == [["bass", "kick"], ["bass", "kick"], None]
    assert criteria_words(back.design, back.people) == [("bass", 2), ("kick", 2)]
    assert "each word that one participant alone typed" in (data.folder / "README.md").read_text()


def test_free_answers_are_in_it_when_asked_for(study, tmp_path):
    whole = export_study(study, tmp_path / "data", free_text=True, sound=False, critics=False)
    survey = (whole.folder / "survey.jsonl").read_text()
    assert NAMES[0] in survey
    assert f'["bass", "kick", "{NAMES[1]}"]' in survey
    assert "read them before you pass it on" in (whole.folder / "README.md").read_text()
    assert not (whole.folder / "wav").exists()


def test_it_is_read_back(study, data):
    back = load_study(data.folder)
    here = people_of(study)
    assert [person.number for person in back.people] == [1, 2, 3]
    for there, person in zip(back.people, here, strict=True):
        assert [(r.number, r.arm, r.liked, r.loop.key) for r in there.ratings] == [
            (r.number, r.arm, r.liked, r.loop.key) for r in person.ratings
        ]
        assert there.finished == person.finished
    loop = next(iter(back.loops.values()))
    audio, _ = soundfile.read(data.folder / "wav" / "loop-00001.wav")
    assert np.abs(play_loop(loop, back.bank) - audio).max() < 1e-3
    found, kept = back.analyse(), study
    assert found.people[0].number == 1
    assert np.array_equal(found.counts.liked_after, [p.counted("product").liked for p in people_of(kept)[:2]])


def test_a_critic_is_pretrained_from_it(data, tmp_path):
    back = load_study(data.folder)
    critic = back.critic()
    assert len(critic.people) == 3
    session = Session.open(tmp_path / "mine.ghostnote", prior=critic, create=True)
    assert session.settings.prior
    best = back.best(4)
    assert [one.score for one in best] == sorted((one.score for one in best), reverse=True)
    assert len({one.loop.key for one in best}) == 4
    assert set(back.saved_critics()) >= {"participant-001-phase-1", "participant-002-all"}


def test_most_liked_by_everyone(data):
    back = load_study(data.folder)
    ranked = back.best(100)
    liked = [one.score for one in ranked if one.liked]
    disliked = [one.score for one in ranked if not one.liked]
    assert np.mean(liked) > np.mean(disliked) + 0.1


def test_somebody_may_come_in_meanwhile(tmp_path, monkeypatch):
    study = open_study(preference_file(tmp_path))
    walk(study, study.enrol(), until="trial-2")

    def people_then_one_more(study):
        people = people_of(study)
        study.enrol()
        return people

    monkeypatch.setattr(export, "people_of", people_then_one_more)
    data = export_study(study, tmp_path / "data", sound=False)
    assert [person.number for person in load_study(data.folder).people] == [1]


def test_nothing_is_replaced_unasked(study, data, tmp_path):
    with pytest.raises(StorageError, match="must be new or empty"):
        export_study(study, data.folder)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.txt").write_text("x")
    with pytest.raises(StorageError, match="other files than a data set"):
        export_study(study, tmp_path / "theirs", force=True)
    with pytest.raises(StorageError, match="make it first"):
        export_study(study, tmp_path / "no" / "where")


def test_what_is_there_stays_until_the_new_is_in_place(study, tmp_path, monkeypatch):
    old = export_study(study, tmp_path / "data", sound=False, critics=False)
    (old.folder / "mark").touch()
    rename = Path.rename

    def stopped(path, target):
        if path.suffix == ".tmp":
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(StorageError, match="Input/output error"):
        export_study(study, old.folder, sound=False, critics=False, force=True)
    assert (old.folder / "mark").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    monkeypatch.undo()
    export_study(study, old.folder, sound=False, critics=False, force=True)
    assert not (old.folder / "mark").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("dataset.json", "{}", "of format 1"),
        ("dataset.json", "[", "must be JSON"),
        ("ratings.jsonl", '{"participant": 1}\n', "line 1, is damaged"),
        ("loops.jsonl", "\xff", "line 1, is damaged"),
        ("study.toml", "protocol = 3", "protocol must be"),
    ],
)
def test_damaged_data_are_told_of(data, tmp_path, name, content, told):
    folder = tmp_path / "data"
    shutil.copytree(data.folder, folder, ignore=shutil.ignore_patterns("wav", "midi", "critics"))
    (folder / name).write_text(content)
    with pytest.raises(InvalidInput, match=told):
        load_study(folder)
    (folder / name).unlink()
    with pytest.raises(StorageError, match="can not be read"):
        load_study(folder)


def test_a_listening_test_is_exported_and_read_back(tmp_path):
    study = open_study(pairs_file(tmp_path))
    walk(study, study.enrol())
    data = export_study(study, tmp_path / "data")
    back = load_study(data.folder)
    assert [(a.systems, a.choice) for a in back.people[0].pairs] == [
        (a.systems, a.choice) for a in people_of(study)[0].pairs
    ]
    clips = [json.loads(line) for line in (data.folder / "clips.jsonl").read_text().splitlines()]
    assert len(clips) == 16
    assert all(soundfile.info(data.folder / clip["file"]).frames == 16_000 for clip in clips)


def test_names_of_clips_stay_behind(tmp_path):
    path = pairs_file(tmp_path)
    same = "Ann Example plays a very long beat in four"
    for system in ("human", "machine", "grid"):
        for number, stem in enumerate((f"{same} I", f"{same} II")):
            (tmp_path / system / f"song-{number}.wav").rename(tmp_path / system / f"{stem}.wav")
    (tmp_path / "human").rename(tmp_path / "by Ann Example")
    path.write_text(path.read_text().replace('folder = "human"', 'folder = "by Ann Example"'))
    study = open_study(path)
    walk(study, study.enrol())
    data = export_study(study, tmp_path / "data")
    for name in data.files:
        assert b"ann example" not in (data.folder / name).read_bytes().lower(), name
        assert "ann" not in name.lower()
    clips = [json.loads(line) for line in (data.folder / "clips.jsonl").read_text().splitlines()]
    assert {clip["item"] for clip in clips} == {f"item-00{number}" for number in (1, 2, 3, 4)}
    assert len({clip["file"] for clip in clips}) == 16
    back = load_study(data.folder)
    assert {item for answer in back.people[0].pairs for item in answer.items} <= {clip["item"] for clip in clips}
    assert back.design.systems[0].folder == "folder-1"


def test_a_study_without_places_is_the_same_study(tmp_path):
    quoted = 'title = "Größe \\"Kick\\"\\n\\\\ 🥁"\nparticipants = 7\n'
    for kind, template in TEMPLATES.items():
        text = quoted + re.sub(r"(?m)^(title|participants) .*$", "", template)
        there, here = (decode_design(t, tmp_path, folders=False) for t in (without_places(text), text))
        assert there.title == 'Größe "Kick"\n\\ 🥁'
        assert there == here, kind
        assert without_places(without_places(text)) == without_places(text)
