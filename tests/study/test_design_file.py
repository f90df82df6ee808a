import pytest

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.study.design_file import decode_design, departures, read_design
from ghostnote.study.templates import TEMPLATES, write_template

DEEP = TEMPLATES["deepdrummer-2020"]
PREFERENCE = TEMPLATES["preference"]
PAIRS = TEMPLATES["pairwise"]
MUSHRA = TEMPLATES["mushra"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_a_study(template, tmp_path):
    write_template(tmp_path / "study.toml", template)
    design = read_design(tmp_path / "study.toml")
    assert design.home == tmp_path
    assert design.survey
    assert "You may stop at any time" in design.texts.consent


def test_a_template_replaces_nothing_unasked(tmp_path):
    write_template(tmp_path / "study.toml", "preference")
    with pytest.raises(StorageError, match="exists"):
        write_template(tmp_path / "study.toml", "pairwise")
    with pytest.raises(InvalidParameter, match="template must be one of"):
        write_template(tmp_path / "other.toml", "survey")


def test_the_protocol_of_2020_is_that_of_the_reference(tmp_path):
    design = decode_design(DEEP, tmp_path)
    assert (design.phase_one.ratings, design.phase_one.warm_up) == (80, 0)
    assert design.phase_two.arms == {"untrained": 30, "trained": 30}
    assert (design.phase_two.repeats, design.phase_two.trials) == (0, 60)
    assert design.playing.pause_seconds == 60
    assert (design.before, design.after, design.learners) == ("untrained", "trained", ("product",))
    asked = [question.id for question in design.survey]
    assert asked == ["perceived_learning", "musical_ability", "usefulness", "criteria", "comments"]
    assert [(q.low, q.high) for q in design.survey[:3]] == [(1, 5)] * 3


def test_the_improved_protocol_has_arms_and_hidden_repeats(tmp_path):
    design = decode_design(PREFERENCE.replace("original = 0", "original = 60"), tmp_path)
    assert design.phase_two.arms == {"untrained": 60, "original": 60, "product": 60, "random": 60}
    assert design.phase_two.trials == 260
    assert design.learners == ("product", "original")
    assert (design.before, design.after) == ("untrained", "product")
    assert design.most_participants == 60


ORIGINAL_CRITIC = DEEP.replace('kind = "product"', 'kind = "original"', 1)


def test_a_study_as_in_2020_departs_in_nothing(tmp_path):
    assert departures(decode_design(ORIGINAL_CRITIC, tmp_path)) == []
    assert departures(decode_design(PREFERENCE, tmp_path)) == []


@pytest.mark.parametrize(
    ("good", "other", "told"),
    [
        ("ratings = 80", "ratings = 8", ["phase I has 8 ratings, not 80"]),
        ("steps = 16", "steps = 8", ["loops have 8 steps, not 16"]),
        ("rows = 4", "rows = 6", ["loops have 6 rows, not 4"]),
        ("[120, 120]", "[90, 130]", ["tempos are 90–130 bpm, not 120"]),
        ("musical = 0.0", "musical = 0.5", ["the musical mix is 0.5, not 0"]),
        ("swing = [0.0, 0.0]", "swing = [0.0, 0.3]", ["swing is 0–0.3, not 0"]),
        ("four_on_the_floor = false", "four_on_the_floor = true", ["loops are four on the floor"]),
        ("How musical are you?", "Do you drum?", ["the survey is another"]),
        (
            'kind = "original"',
            'kind = "product"',
            ["the critic is product, which searches by evolve", "1000 candidates are considered, not 100"],
        ),
    ],
)
def test_departures_are_told(good, other, told, tmp_path):
    assert good in ORIGINAL_CRITIC
    assert departures(decode_design(ORIGINAL_CRITIC.replace(good, other, 1), tmp_path)) == told


PRODUCT = 'source = "product"'
PLAYED = 'source = "reproduction"\nweights = "a"'

BAD = [
    (DEEP, 'protocol = "deepdrummer-2020"', 'protocol = "deepdrumer-2020"', r"must be one of .*deepdrummer-2020"),
    (DEEP, 'protocol = "deepdrummer-2020"', "", r"protocol must be given"),
    (DEEP, "ratings = 80", "ratings = 0", r"phase_one.ratings must lie in 2…1000; got 0"),
    (DEEP, "ratings = 80", 'ratings = "80"', r"phase_one.ratings must be a whole number; got '80'"),
    (DEEP, "ratings = 80", "rating = 80", r"phase_one.rating is not a field .*Is 'ratings' meant"),
    (DEEP, "untrained = 30", "untrained = 0", r"at least two arms"),
    (DEEP, "untrained = 30", "original = 30", r"phase_two.arms.original is not a field"),
    (DEEP, "untrained = 30", "untrained = true", r"phase_two.arms.untrained must be a whole number; got True"),
    (DEEP, "[phase_one]", "[phase_one]\nwarm_up = 3", r"must be 0 in protocol deepdrummer-2020"),
    (DEEP, "sounds = []", 'sounds = ["mine"]', r"generator.sounds, item 1, must be a folder.*'mine'.*there is none"),
    (DEEP, 'start = "untrained"', 'start = "pretrained"', r"critic.files must be one saved critic"),
    (DEEP, "files = []", 'files = ["a.json"]', r"critic.files must be empty where critic.start is 'untrained'"),
    (DEEP, "tempo_bpm = [120, 120]", "tempo_bpm = [140, 90]", r"generator.tempo_bpm must be two numbers, the lower"),
    (DEEP, "density = 0.5", "density = 50", r"generator.density must lie in 0…1; got 50. Is this a percentage"),
    (DEEP, "seed = 2020", "seed = 1.5", r"seed must be a whole number; got 1.5"),
    (DEEP, "pause_seconds = 60", "pause_seconds = 60000", r"playing.pause_seconds .*milliseconds"),
    (DEEP, 'kind = "words"', 'kind = "word"', r"survey, question 4,.kind must be one of .*Is 'words' meant"),
    (DEEP, 'id = "comments"', 'id = "criteria"', r"survey.id must be unique; 'criteria' is there twice"),
    (DEEP, 'id = "comments"', 'id = "My Comments"', r"survey.id must be of a-z"),
    (DEEP, "participants = 25", "participants = 25\npeople = 3", r"people is not a field"),
    (DEEP, "[generator]", "[generators]", r"generators is not a field .*Is 'generator' meant"),
    (DEEP, 'title = "Drum loops"', 'title = ""', r"title must have 1…200 characters; got 0"),
    (DEEP, 'title = "Drum loops"', "title = 3", r"title must be a text in quotes"),
    (DEEP, "seed = 2020", "seed = ", r"must be TOML"),
    (DEEP, 'protocol = "deepdrummer-2020"', 'protocol = "abx"', r"got 'abx'. pairwise compares clips"),
    (DEEP, 'protocol = "deepdrummer-2020"', "", r"protocol must be given: .*Is this a study's file\?"),
    (DEEP, "ratings = 80", "ratings = 0", r"phase_one.ratings must lie in 2…1000; got 0. How many loops"),
    (DEEP, "participants = 25", "participants = 0", r"participants must lie in 1…10000; got 0. How many are to"),
    (DEEP, "untrained = 30, trained = 30", "untrained = 0, trained = 0", r"got untrained = 0, trained = 0. Nothing"),
    (PREFERENCE, "product = 60", "product = 0", r"must have an arm that learned"),
    (PREFERENCE, "repeats = 20", "repeats = 180", r"repeats and repeat_gap must together be at most the 180 loops"),
    (PREFERENCE, "least = 12", "least = 99", r"stopping.least must be at most stopping.most"),
    (PREFERENCE, 'rule = "precision"', 'rule = "p-value"', r"stopping.rule must be one of fixed, precision"),
    (PAIRS, "per_participant = 40", "per_participant = 0", r"trials.per_participant must lie in 1…1000; got 0"),
    (PAIRS, 'source = "real"', 'folder = "clips/real"', r"folder of system 'real' must be a folder.*there is none"),
    (PAIRS, 'archive = ""', 'archive = "gmd.zip"', r"material.archive must be a file.*got 'gmd.zip'.*Was it moved"),
    (PAIRS, 'source = "real"', "", r"systems 'real' must have a folder or a source.*neither"),
    (PAIRS, 'source = "real"', 'source = "reel"', r"systems, item 1,.source must be one of .*Is 'real' meant"),
    (PAIRS, 'name = "jitter"', 'name = "real"', r"systems.name must be unique"),
    (PAIRS, 'name = "jitter"', 'name = "lowpass"', r"is the anchor's"),
    (PAIRS, "dry_acoustic", "dry", r"material.kit must be one of dry_acoustic"),
    (PAIRS, "least_catch_correct = 0.75", "least_catch_correct = 75", r"exclusion.least_catch_correct.*percentage"),
    (PAIRS, PRODUCT, 'source = "reproduction"', r"'product' must have weights, .*missing. `ghostnote train"),
    (PAIRS, PRODUCT, f'{PRODUCT}\nweights = "a"', r"no weights unless .*got 'a' with source 'product'. Is"),
    (PAIRS, PRODUCT, 'folder = "."\nweights = "a"', r"no weights unless .*got 'a' with a folder. Is source"),
    (PAIRS, PRODUCT, PLAYED, r"weights of system 'product' must be a file.*'a', .*none.*train seq2seq"),
    (PAIRS.replace("bars = 2", "bars = 3"), PRODUCT, PLAYED, r"material.bars must be a multiple of 2 .*got 3"),
    (MUSHRA, PRODUCT, 'source = "reproduction"', r"'product' must have weights"),
    (MUSHRA, 'reference = "real"', 'reference = "human"', r"reference must name a system"),
    (MUSHRA, 'anchor = "lowpass"', 'anchor = "real"', r"anchor must be 'lowpass' or a system other than"),
    (MUSHRA, "catch = 0", "catch = 4", r"trials.catch must be 0 in form mushra; got 4. .*is form 'ab' meant"),
    (MUSHRA, "matched = true", "matched = false", r"trials.matched must be true in form mushra"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "good", "bad", "told"), BAD)
def test_a_bad_file_is_told_of(template, good, bad, told, tmp_path):
    assert template.count(good) >= 1
    with pytest.raises(InvalidInput, match=told):
        decode_design(template.replace(good, bad, 1), tmp_path)


def test_files_that_are_no_text_are_told_of(tmp_path):
    with pytest.raises(StorageError, match="can not be read"):
        read_design(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"protocol = \xff")
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_design(tmp_path / "bytes.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(InvalidInput, match="1 MiB"):
        read_design(tmp_path / "large.toml")
