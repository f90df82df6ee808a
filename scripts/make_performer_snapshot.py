"""Write tests/models/performer_snapshot.json after the shipped performer was trained anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests" / "models"

if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))
    from test_performer import SNAPSHOT, beat

    from ghostnote.models import load_performer

    medians = load_performer().read(beat(2), 0).expected()
    values = {"velocities": medians.velocities.tolist(), "offsets": [round(x, 5) for x in medians.offsets.tolist()]}
    SNAPSHOT.write_text(json.dumps(values) + "\n", encoding="utf-8")
