import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ghostnote


@pytest.mark.parametrize("name", ghostnote.__all__)
def test_every_promised_name_is_there(name):
    assert getattr(ghostnote, name) is not None


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'drumify_all'"):
        ghostnote.drumify_all  # noqa: B018


def test_import_is_silent_and_light():
    code = (
        "import sys, ghostnote\n"
        "heavy = {'torch', 'onnxruntime', 'scipy', 'matplotlib', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert done.stdout == done.stderr == b""


def test_nothing_is_noted_for_the_makers_of_the_runtime(tmp_path):
    code = (
        "import numpy as np\n"
        "from ghostnote.critic.encoder import load_encoder\n"
        "from ghostnote.critic.spectrum import BANDS\n"
        "load_encoder().embed(np.zeros((1, 64, BANDS), np.float32))"
    )
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "USERPROFILE"), str(tmp_path))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    subprocess.run([sys.executable, "-c", code], check=True, env=kept | homes)
    assert not list(tmp_path.rglob("*onnxruntime*"))


def test_one_place_imports_the_runtime():
    source = Path(ghostnote.__file__).parent
    importing = [
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        if not _only_for_types(statement) and any(map(_imports_runtime, ast.walk(statement)))
    ]
    assert importing == ["models/checkpoint.py"]


def _only_for_types(node):
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _imports_runtime(node):
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] == "onnxruntime" for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "onnxruntime"


def test_product_runs_without_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import ghostnote as gn\n"
        "from ghostnote.demos import demo_path\n"
        "gn.humanize(gn.read_midi(demo_path('rock')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_plot_without_matplotlib_says_what_to_install(tmp_path):
    code = (
        "import importlib.util as u, sys; found = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'matplotlib' else found(name, *a)\n"
        "from ghostnote.demos import demo_path\n"
        "from ghostnote.cli.shell import Shell\nfrom ghostnote.cli import ghostnote\n"
        "Shell(ghostnote).run(['plot', str(demo_path('rock')), '-o', sys.argv[1]])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "p.png")], capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'ghostnote[plot]'" in done.stderr
