from __future__ import annotations

import os
import subprocess
import sys


def test_evaluation_imports_neither_scikit_learn_nor_torch() -> None:
    code = (
        "import sys, numpy as np, ghostnote.evaluation as e; from ghostnote.groove import GrooveBatch;"
        "h = np.ones((4, 32, 9), np.float32); i = np.arange(4);"
        "b = GrooveBatch(h, h / 2, h * 0, np.full(4, 120.0), i, i * 0, i * 0);"
        "[fit(b).predict(b) for fit in e.BASELINES.values()];"
        "sys.exit(bool({'sklearn', 'torch', 'matplotlib'} & set(sys.modules)))"
    )
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
