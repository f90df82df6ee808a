import io
import json
import sys

import pytest

from ghostnote.cli.shell import Shell
from ghostnote.cli.study import TEMPLATES, command

SMALL = [
    ("participants = 25", "participants = 2"),
    ("ratings = 80", "ratings = 4"),
    ("untrained = 30, trained = 30", "untrained = 2, trained = 2"),
    ("own_sounds = 400", "own_sounds = 12"),
    ("candidates = 1000", "candidates = 16"),
]


@pytest.fixture
def study(capfd, monkeypatch, tmp_path):
    """`ghostnote study` in an empty folder: arguments in, exit code and both streams out."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        with pytest.raises(SystemExit) as ended:
            Shell(command).run([str(argument) for argument in arguments])
        return (ended.value.code, *capfd.readouterr())

    return run


def test_templates_are_those_of_the_package():
    from ghostnote.study.templates import TEMPLATES as THERE

    assert tuple(THERE) == TEMPLATES


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('protocol = "deepdrummer-2020"', 'protocol = "deepdrumer"', "Is 'deepdrummer-2020' meant?"),
        ("ratings = 80", "ratings = 0", "phase_one.ratings must lie in 2…1000; got 0. How many loops"),
        ("sounds = []", 'sounds = ["mine"]', "generator.sounds, item 1, must be a folder"),
    ],
)
def test_nobody_is_let_into_a_bad_study(study, tmp_path, old, new, told):
    study("new", "taste.toml")
    text = (tmp_path / "taste.toml").read_text()
    (tmp_path / "taste.toml").write_text(text.replace(old, new, 1))
    for arguments in (("check",), ("serve", "--no-browser", "--port", 0), ("simulate",)):
        code, out, err = study(arguments[0], "taste.toml", *arguments[1:])
        assert (code, out) == (3, "")
        assert "taste.toml: " in err
        assert told in err
    assert not (tmp_path / "taste.data").exists()


def test_a_study_on_the_command_line(study, tmp_path):
    assert study("new", "taste.toml")[0] == 0
    assert study("new", "taste.toml")[0] == 4
    text = (tmp_path / "taste.toml").read_text()
    for old, new in SMALL:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "taste.toml").write_text(text)
    code, out, _ = study("check", "taste.toml", "--json")
    assert (code, json.loads(out)["participants"]) == (0, 2)
    assert study("report", "taste.toml")[0] == 3  # nobody has finished
    code, _, err = study("simulate", "taste.toml")
    assert (code, "2 simulated participants took part" in err) == (0, True)
    code, out, err = study("status", "taste.toml")
    assert (code, out.count("finished")) == (0, 2)
    assert "2 finished, 2 enrolled, 2 planned" in err
    status = json.loads(study("status", "taste.toml", "--json")[1])
    assert [seen["finished"] for seen in status["participants"]] == [True, True]
    assert "untrained" not in json.dumps(status)
    assert study("report", "taste.toml", "--loops", 1)[0] == 0
    page = (tmp_path / "taste-report" / "report.html").read_text()
    assert "Departs from the protocol: phase I has 4 ratings, not 80" in page
    assert "Loops that everybody together likes most" in page
    assert (tmp_path / "taste-report" / "figures" / "delta.png").stat().st_size > 1_000
    assert study("export", "taste.toml", "data")[0] == 0
    assert study("export", "taste.toml", "data")[0] == 4
    code, out, _ = study("best", "data", 3, "-o", "best", "--critic", "all.json")
    assert (code, out.count("P(like)")) == (0, 3)
    assert {path.name for path in (tmp_path / "best").iterdir()} >= {"01.wav", "03.mid", "best.json"}
    assert len(json.loads((tmp_path / "all.json").read_text())["people"]) == 2
    again = json.loads(study("best", "taste.toml", 3, "--json")[1])
    assert [one["number"] for one in again] == [
        int(line.split("trial ")[1].split(":")[0]) for line in out.splitlines() if "P(like)" in line
    ]


def test_power(study):
    code, out, _ = study("power", "--people", 12, "--studies", 40)
    assert code == 0
    assert out.startswith("12 people, 30 loops of each arm: found in")
    told = json.loads(study("power", "--rate", 0.7, "--people", 8, "--trials", 10, "--studies", 20, "--json")[1])
    assert told["found_by_ranks"] is None
    assert 0 <= told["found"]["value"] <= 1
    code, _, err = study("power", "--before", 37)
    assert (code, "percentage" in err) == (2, True)


def test_a_bad_file_ends_with_its_message(study, tmp_path):
    assert study("status", "none.toml")[0] == 4
    (tmp_path / "bad.toml").write_text('protocol = "deepdrummer-2021"')
    code, _, err = study("check", "bad.toml")
    assert code == 3
    assert "protocol must be one of deepdrummer-2020, preference, pairwise" in err
    assert not (tmp_path / "bad.data").exists()
