"""The page's modules: layers, and what no module may contain. Types are checked by `make check`."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "check_web.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_web", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_web = _load()


def test_the_page_keeps_its_layers_and_rules() -> None:
    files = sorted(check_web.SCRIPTS.rglob("*.js"))
    assert len(files) > 30
    assert [fault for file in files for fault in check_web.faults_of(file)] == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("store.js", 'import { play } from "./audio/player.js";', "data must not import audio"),
        ("views/a.js", 'import {\n  play,\n} from "../audio/player.js";', "views must not import audio"),
        ("views/a.js", 'const { play } = await import("../audio/player.js");', "views must not import audio"),
        ("audio/b.js", 'export * from "../views/a.js";', "audio must not import views"),
        ("views/a.js", 'import "../main.js";', "views must not import main"),
        ("store.js", 'import "./nowhere.js";', "does not exist"),
        ("store.js", 'import "https://example.org/a.js";', "a script from elsewhere"),
        ("views/a.js", "element.innerHTML = name;", "innerHTML"),
        ("views/a.js", "element.insertAdjacentHTML('beforeend', name);", "insertAdjacentHTML"),
        ("store.js", "const made = new Function('a', 'b');", "new Function"),
        ("store.js", "eval(text);", "eval"),
        ("store.js", "setTimeout('go()', 10);", "a timer that runs text"),
        ("store.js", "console.log(state);", "console.log"),
        ("store.js", "// @ts-ignore\nlet a = 1;", "must not switch the check of types off"),
        ("store.js", "\n" * 401, "at most 400 lines"),
    ],
)
def test_faults_are_found(tmp_path: Path, name: str, text: str, told: str) -> None:
    for file in ("store.js", "main.js", "audio/player.js", "audio/b.js", "views/a.js"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("// @ts-check\n")
    assert check_web.faults_of(tmp_path / name, tmp_path) == []
    (tmp_path / name).write_text(f"// @ts-check\n{text}\n")
    (fault,) = check_web.faults_of(tmp_path / name, tmp_path)
    assert told in fault


def test_types_and_comments_may_name_what_code_may_not(tmp_path: Path) -> None:
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "player.js").write_text("// @ts-check\n")
    types = '/** @import {Audio} from "./audio/player.js" */\n/** @type {import("./audio/player.js").A} */'
    text = f"{types}\n// never innerHTML"
    (tmp_path / "store.js").write_text(f"// @ts-check\n{text}\n")
    assert check_web.faults_of(tmp_path / "store.js", tmp_path) == []


def test_a_module_without_check_is_found(tmp_path: Path) -> None:
    (tmp_path / "store.js").write_text("export {};\n")
    (fault,) = check_web.faults_of(tmp_path / "store.js", tmp_path)
    assert "// @ts-check" in fault


def test_without_node_types_are_left_out_loudly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_web.shutil, "which", lambda name: None)
    assert check_web.check_types() == 0
    assert "NOT checked" in capsys.readouterr().err
