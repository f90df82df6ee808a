"""What the README and the guides show works as shown: commands, Python, links, make targets, extras."""

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import click
import pytest

from ghostnote.cli import COMMANDS, ghostnote
from ghostnote.cli.shell import Shell
from ghostnote.demos import demo_path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *(ROOT / "docs" / name for name in ("tasks.md", "feel-file.md", "architecture.md"))]
GUIDES = PAGES[:2]  # the pages whose blocks are run
# The files that the pages speak of, and what of the package stands for them.
FILES = {"beat": "funk", "other": "rock", "tap": "tap", "bass": "bass", "pocket": "pocket"}
# They take hours, the network, or change what is installed: only whether they are understood is tested.
NOT_RUN = ("train", "data")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
guides = pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)


def text_of(page):
    return page.read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(page), flags=re.DOTALL | re.MULTILINE)


def commands(page):
    """The arguments of every `ghostnote` command of a page, in order."""
    lines = "".join(blocks(page, "sh")).splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line[:1] == ["ghostnote"]]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files that the pages speak of."""
    for name, demo in FILES.items():
        shutil.copy(demo_path(demo), tmp_path / f"{name}.mid")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@guides
def test_commands_work_one_after_the_other(page, folder, capfd):
    shown = commands(page)
    assert len(shown) > 10
    for arguments in shown:
        if arguments[0] in NOT_RUN:
            understood(arguments)
            continue
        with pytest.raises(SystemExit) as ended:
            Shell(ghostnote).run(arguments)
        assert ended.value.code == 0, f"ghostnote {shlex.join(arguments)}: {capfd.readouterr().err}"


def understood(arguments):
    """Raise `click.UsageError` unless the command knows all of `arguments`."""
    command, context = ghostnote, None
    while isinstance(command, click.Group):
        context = click.Context(command, parent=context)
        command = command.get_command(context, arguments[0])
        assert command is not None, arguments[0]
        arguments = arguments[1:]
    command.make_context(command.name, list(arguments), parent=context)


def test_a_wrong_option_would_be_seen():
    with pytest.raises(click.UsageError):
        understood(["train", "composer", "--dta", "folder"])


@guides
def test_python_works(page, folder):
    names = {"__name__": "shown"}
    shown = blocks(page, "python")
    assert shown
    for block in shown:
        exec(compile(block, str(page), "exec"), names)
    assert (folder / "path.mid").exists()


@pages
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if "://" in target:
            continue
        path, _, place = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), f"{page.name} links to {target}, which is not there"
        if place:
            assert place in headings(file), f"{page.name} links to {target}, which has no such heading"


def headings(page):
    """The anchors of a page's headings."""
    found = re.findall(r"^#+ (.*)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_readme_names_every_command():
    named = set(re.findall(r"`(?:ghostnote )?([a-z]+)`", text_of(README))) | {line[0] for line in commands(README)}
    # Of use to every program of this kind, and told by `--help`.
    assert set(COMMANDS) - named <= {"completion"}


def test_guide_has_a_section_for_every_task():
    tasks = ("humanize", "drumify", "infill", "transfer", "groove", "generate", "interpolate", "vary", "continue")
    guide = ROOT / "docs" / "tasks.md"
    assert set(tasks) <= set(COMMANDS)
    assert set(tasks) <= headings(guide)
    assert {line[0] for line in commands(guide)} == set(tasks)


def test_guide_knows_the_styles_and_voices():
    from ghostnote import VOICES, load_performer

    guide = " ".join(text_of(ROOT / "docs" / "tasks.md").split())
    styles = load_performer().styles
    assert f"Styles are {', '.join(styles[:-1])} and {styles[-1]}." in guide
    assert f"Voices are {', '.join(VOICES[:-1])} and {VOICES[-1]}." in guide


def test_feel_file_is_as_described(tmp_path):
    from ghostnote import VOICES, extract_groove, read_feel, read_midi, write_feel

    page = ROOT / "docs" / "feel-file.md"
    shown = tmp_path / "shown.json"
    shown.write_text(blocks(page, "json")[0], encoding="utf-8")
    feel = read_feel(shown)
    assert (feel.tempo_bpm, len(feel.rows), feel.latent) == (80.0, 2, ())
    write_feel(extract_groove(read_midi(demo_path("pocket")), source="pocket.mid"), tmp_path / "real.json")
    lines = (tmp_path / "real.json").read_text(encoding="utf-8").splitlines()
    rows = [line.strip() for line in blocks(page, "json")[0].splitlines() if "position_beats" in line]
    assert all(any(line.strip().startswith(row.rstrip(",")) for line in lines) for row in rows)
    fields = set(re.findall(r'"(\w+)":', "\n".join(lines)))
    assert fields == set(re.findall(r"^\| `(\w+)` \|", text_of(page), flags=re.MULTILINE))
    assert all(voice in text_of(page) for voice in VOICES)


@guides
def test_make_targets_are_there(page):
    makefile = text_of(ROOT / "Makefile")
    for target in re.findall(r"\bmake ([a-z-]+)(?=`| {2,}#)", text_of(page)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_readme_names_every_extra():
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    assert set(re.findall(r"`ghostnote\[(\w+)\]`", text_of(README))) == set(project["optional-dependencies"])
