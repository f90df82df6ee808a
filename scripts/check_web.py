"""Check the studio's page: types by TypeScript, layers between modules, and what no module may contain.

Types need node and npm, which nothing else here does: without them the rest is checked, and the lack is told loudly.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "src" / "ghostnote" / "studio" / "static" / "js"
WEB = ROOT / "scripts" / "web"
COMPILER = WEB / "node_modules" / "typescript" / "bin" / "tsc"

FORBIDDEN = {
    r"\binnerHTML\b": "innerHTML",
    r"\bouterHTML\b": "outerHTML",
    r"\binsertAdjacentHTML\b": "insertAdjacentHTML",
    r"\bsetHTMLUnsafe\b": "setHTMLUnsafe",
    r"\bcreateContextualFragment\b": "createContextualFragment",
    r"\bDOMParser\b": "DOMParser",
    r"\bdocument\.write(ln)?\b": "document.write",
    r"\beval\s*\(": "eval",
    r"\bnew\s+Function\b": "new Function",
    r"\bset(Timeout|Interval)\s*\(\s*[\"'`]": "a timer that runs text",
    r"\bconsole\.(log|debug|info|table)\b": "console.log",
    r"\bdebugger\b": "debugger",
    r"(from|import)\s*\(?\s*[\"'](https?:)?//": "a script from elsewhere",
}
LONGEST_LINES = 400

# What each layer may import at run time. Types alone may come from anywhere.
LAYERS = {
    "data": ("data",),
    "audio": ("audio", "data"),
    "views": ("views", "data"),
    "study": ("study", "views", "data"),
    "main": ("main", "views", "audio", "data"),
}

_IMPORT = re.compile(r"""^\s*(?:import|export)\b(?:[^"';]*?\bfrom)?\s*["'](\.[^"']+)["']""", re.MULTILINE)
_IMPORT_LATER = re.compile(r"""\bimport\(\s*["'](\.[^"']+)["']\s*\)""")
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)


def tell(text: str) -> None:
    """Write a line to whoever runs this."""
    sys.stderr.write(f"{text}\n")


def layer_of(file: Path, root: Path = SCRIPTS) -> str:
    """Return the layer of a module: its folder `audio`, `views` or `study`, `main.js`, or the data below."""
    parts = file.relative_to(root).parts
    if parts[0] in ("audio", "views", "study") and len(parts) > 1:
        return parts[0]
    return "main" if parts == ("main.js",) else "data"


def imports_of(text: str) -> list[str]:
    """Return what a module imports at run time, comments left out."""
    code = _COMMENT.sub("", text)
    return _IMPORT.findall(code) + _IMPORT_LATER.findall(code)


def faults_of(file: Path, root: Path = SCRIPTS) -> list[str]:
    """Return what is wrong with a module, a line each; its types are not looked at."""
    text = file.read_text(encoding="utf-8")
    name = file.relative_to(root).as_posix()
    faults = []
    if "// @ts-check" not in text.split("\n")[:3]:
        faults.append(f"{name}: must begin with // @ts-check; types are not checked without it")
    if (lines := text.count("\n")) > LONGEST_LINES:
        faults.append(f"{name}: must have at most {LONGEST_LINES} lines; got {lines}. Split it")
    code = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), text)
    for pattern, what in FORBIDDEN.items():
        for found in re.finditer(pattern, code):
            line = code.count("\n", 0, found.start()) + 1
            faults.append(f"{name}:{line}: must not use {what}; js/dom.js makes elements, and errors go to the person")
    if re.search(r"@ts-(ignore|nocheck)", text):
        faults.append(f"{name}: must not switch the check of types off")
    own = layer_of(file, root)
    for target in imports_of(text):
        there = (file.parent / target).resolve()
        if not there.is_file():
            faults.append(f"{name}: imports {target}, which does not exist")
        elif not there.is_relative_to(root.resolve()):
            faults.append(f"{name}: imports {target}, which is not part of the page")
        elif layer_of(there, root.resolve()) not in LAYERS[own]:
            faults.append(f"{name}: {own} must not import {layer_of(there, root.resolve())}: {target}")
    return faults


def check_types() -> int:
    """Return how the check of types ended; 0 where it can not be made here, which is told."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        tell("!" * 88)
        tell("!!! node and npm are not installed: the TYPES of the studio's page were NOT checked.")
        tell("!" * 88)
        return 0
    lock, installed = WEB / "package-lock.json", WEB / "node_modules" / ".package-lock.json"
    if not COMPILER.is_file() or not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        made = subprocess.run([npm, "ci", *options, "--prefix", str(WEB)], check=False)
        if made.returncode:
            tell("npm ci failed: TypeScript could not be installed in scripts/web")
            return made.returncode
        installed.touch()
    return subprocess.run([node, str(COMPILER), "-p", str(WEB / "tsconfig.json")], check=False).returncode


def main() -> int:
    """Check everything; return the exit status."""
    files = sorted(SCRIPTS.rglob("*.js"))
    faults = [fault for file in files for fault in faults_of(file)]
    for fault in faults:
        tell(fault)
    status = check_types()
    if not faults and not status:
        tell(f"the page's {len(files)} modules are well")
    return 1 if faults or status else 0


if __name__ == "__main__":
    sys.exit(main())
