"""Renew requirements/*.txt from pyproject.toml: exact versions with hashes, for `pip install --require-hashes`.

PyTorch is left out: its CPU build carries another hash on every index. The Makefile installs the exact version.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPILE = [sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras"]
COMPILE += ["--no-emit-index-url", "--no-emit-find-links", "--allow-unsafe"]


def compile_lock(name: str, *arguments: str) -> None:
    """Write `requirements/NAME.txt`."""
    target = ROOT / "requirements" / f"{name}.txt"
    command = [*COMPILE, *arguments, "--output-file", str(target.relative_to(ROOT)), "pyproject.toml"]
    subprocess.run(command, cwd=ROOT, check=True)
    target.write_text(without_torch(target.read_text(encoding="utf-8")), encoding="utf-8")


def without_torch(lock: str) -> str:
    """Drop the block of PyTorch; what it needs stays locked."""
    return re.sub(r"^torch==.*(\n    .*)*\n", "", lock, flags=re.MULTILINE)


if __name__ == "__main__":
    # Editable installs build without isolation, from locked build tools.
    compile_lock("product", "--extra", "build", "--extra", "plot")
    compile_lock(
        "dev", "--extra", "build", "--extra", "dev", "--extra", "evaluate", "--extra", "plot", "--extra", "train"
    )
