"""bench/study_coverage.py fails where what studies are told is out of its bounds; what is committed is within them."""

import importlib.util
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "study_coverage.py"
REPORT = BENCH.with_suffix(".md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def out_of_bounds():
    spec = importlib.util.spec_from_file_location("study_coverage", BENCH)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:  # it asks for one thread
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        spec.loader.exec_module(module)
    return module.out_of_bounds


def test_the_committed_report_is_within_its_bounds(out_of_bounds):
    assert out_of_bounds(REPORT) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("| mean Δ, Student | 92.9 % | 1,000 |", "mean Δ, Student: 92.9 %, not in 93–97 %"),
        ("| mean Δ, Student | 97.1 % | 1,000 |", "mean Δ, Student: 97.1 %, not in 93–97 %"),
        ("| mean Δ, Student | nan % | 1,000 |", "mean Δ, Student: nan %, not in 93–97 %"),
    ],
)
def test_an_interval_out_of_bounds_is_told(line, told, out_of_bounds):
    assert out_of_bounds(REPORT.replace("| mean Δ, Student | 94.5 % | 1,000 |", line)) == [told]


def test_a_test_that_errs_too_often_is_told(out_of_bounds):
    wrong = REPORT.replace("| sign flips, 12 people | 4.43 %", "| sign flips, 12 people | 5.01 %")
    assert out_of_bounds(wrong) == ["sign flips, 12 people: 5.01 %, not in 0–5 %"]


def test_a_report_without_tables_is_out_of_bounds(out_of_bounds):
    assert out_of_bounds("# Coverage") == ["no interval is told of", "no test is told of"]
