import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "sessions_killed.py"


def test_no_acknowledged_rating_is_lost_or_doubled_by_a_kill(tmp_path):
    """Thirty of the thousand cycles of the benchmark; it fails by itself where a row was lost, doubled or changed."""
    command = [sys.executable, BENCH, "--cycles", "30", "--seed", "1", "--output", tmp_path / "report.md"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "| of these lost | 0 |" in report
    (acknowledged,) = (line for line in report.splitlines() if line.startswith("| acknowledged rows"))
    assert int(acknowledged.split("|")[2].replace(",", "")) >= 30
