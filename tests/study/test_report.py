import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
import soundfile
from example_studies import answer_to, open_study, pairs_file, preference_file, walk

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.study.design import CriticDesign
from ghostnote.study.figures import draw_figure, figures_of
from ghostnote.study.preferences import Deviation, Effects
from ghostnote.study.report import _untrained, analyse, report_html, write_report
from ghostnote.study.results import people_of


class Reader(HTMLParser):
    """Keeps what a browser would: elements, their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements, self.words = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    study = open_study(
        preference_file(
            folder,
            ratings=8,
            arms="{ untrained = 4, product = 4, random = 4 }",
            more_two="repeats = 3\nrepeat_gap = 2",
        )
    )
    for seed in range(3):
        walk(study, study.enrol(), seed=seed)
    walk(study, study.enrol(), until="trial-10")
    return study


def test_a_report_of_one_page(study, tmp_path):
    report = write_report(study, tmp_path / "out", loops_each=1, loops_overall=0)
    html = report.page.read_text(encoding="utf-8")
    read = Reader(html)
    text = "".join(read.words)
    assert "4 participants, 3 of whom finished" in text
    # What was typed stays text.
    assert "the <kick>" in text
    assert "bass <b>" in text
    assert "Loops <b>" in text
    assert re.search(r"6 participants with 4 loops of each arm: a mean Δ of \+0\.\d\d, as in 2020, would", text)
    # The first thing told of a change is how likely it is by chance.
    found = analyse(study)
    tested = next(arm.adjusted for arm in found.arms if arm.name == found.after)
    assert f"Δ, mean; sign flips: adjusted p = {tested:.3f}" in text
    assert "<kick>" not in html
    assert not [tag for tag, _ in read.elements if tag in ("script", "iframe", "link", "form")]
    # Nothing is fetched, and nothing identifies anybody.
    sources = [attributes["src"] for _, attributes in read.elements if "src" in attributes]
    assert all(source.startswith("data:") for source in sources)
    assert "http" not in html.replace("http-equiv", "")
    assert not any(who in html for who in study.participants())
    audio = [source for source in sources if source.startswith("data:audio/flac;base64,")]
    assert len(audio) == 3 * 2
    samples, rate = soundfile.read(BytesIO(base64.b64decode(audio[0].partition(",")[2])))
    assert rate == 24_000
    assert 0.05 < np.abs(samples).max() <= 1
    pictures = [attributes for tag, attributes in read.elements if tag == "img"]
    assert len(pictures) == 5
    assert all(attributes["alt"] for attributes in pictures)
    names = {path.name for path in report.figures}
    assert {"theta.png", "theta.svg", "delta.png", "delta.svg"} <= names
    assert all(path.stat().st_size > 1_000 for path in report.figures)
    with pytest.raises(StorageError, match="is there already"):
        write_report(study, tmp_path / "out")


def test_the_same_answers_give_the_same_report(study):
    people = people_of(study)
    found = [analyse(study, people) for _ in range(2)]
    assert found[0].population == found[1].population
    assert found[0].arms == found[1].arms
    drawn = []
    for analysis in found:
        draw_figure(figures_of(analysis)["delta"], stream := BytesIO())
        drawn.append(stream.getvalue())
    assert drawn[0] == drawn[1]


def test_analysis_counts_what_was_answered(study):
    people = people_of(study)
    found = analyse(study, people)
    assert (found.before, found.after, len(found.people)) == ("untrained", "product", 3)
    for index, person in enumerate(people[:3]):
        liked = [r.liked for r in person.ratings if r.phase == "two" and r.arm == "product" and r.repeats is None]
        assert len(liked) == 4
        assert found.counts.liked_after[index] == sum(liked)
    assert found.consistency.pairs == 9
    assert found.people[0].consistency.pairs == 3
    assert found.paces["one"].answers == 24
    assert found.paces["one"].median == pytest.approx(3.55, abs=0.2)
    assert {arm.name for arm in found.arms} == {"untrained", "product", "random"}
    assert len(found.learning) == 8


def test_nobody_finished(tmp_path):
    study = open_study(preference_file(tmp_path))
    study.enrol()
    with pytest.raises(InvalidInput, match="one participant has finished; none has yet"):
        write_report(study, tmp_path / "out")


def test_a_report_of_a_listening_test(tmp_path):
    study = open_study(pairs_file(tmp_path, trials=12))
    for _ in range(3):
        walk(study, study.enrol())
    deaf = study.enrol()
    while (step := study.next(deaf)).id != "thanks":
        answer = answer_to(study, deaf, step)
        if step.kind == "pair":
            answer = {"choice": "second" if answer["choice"] == "first" else "first"}
        study.answer(deaf, step.id, answer, step.id, {"seconds": 2.0, "played_seconds": [1.0] * step.sounds})
    found = analyse(study)
    assert [bool(one.excluded) for one in found.listeners] == [False, False, False, True]
    assert found.listeners[3].excluded == "0 of 2 catch trials right, fewer than 75%"
    assert len(found.comparisons.wins) == 36
    assert sum(rate.answers for rate in found.rates) == 36
    html = write_report(study, tmp_path / "out").page.read_text()
    assert "3 of 4 participants count; 1 are left out" in html
    assert re.search(r"human</td><td>machine", html)
    assert "Who and what it hangs on" in html
    apart = Effects(0.2, (Deviation("3", "human", "grid", 7, 0.9, 0.5, Estimate(0.8, 0.62, 0.95)),))
    html = report_html(study, people_of(study), replace(found, people_effects=apart, item_effects=Effects(0.0, ())))
    assert "among participants 0.20, among items 0.00" in html
    assert "Participants that deviate most" in html
    assert "Items that deviate most" not in html
    assert "3 human grid 7 0.50 0.90 0.80 [0.62, 0.95]" in " ".join(Reader(html).words)
    assert "20 participants with 4 pairs of any two systems: a preference of 60% would be found in" in html


def test_one_arm_is_not_adjusted(tmp_path):
    study = open_study(preference_file(tmp_path, protocol="deepdrummer-2020", participants=2))
    walk(study, study.enrol())
    html = report_html(study, people_of(study), analyse(study), loops_each=0, loops_overall=0)
    assert "sign flips: p" in html
    assert "compares two different critics" not in html


def test_a_report_says_where_two_critics_are_compared(study):
    arms = {"untrained": 4, "product": 4, "random": 4}
    other = replace(study.design, critic=CriticDesign(kind="original"))
    said = "The arm untrained is the critic original before any rating. Δ of product compares two different critics"
    assert said in "".join(Reader("".join(_untrained(other))).words)
    assert dict(study.design.phase_two.arms) == arms
    assert _untrained(study.design) == []


def test_a_report_of_screens(tmp_path):
    study = open_study(pairs_file(tmp_path, form="mushra", trials=3, more="[exclusion]\nleast_reference = 0"))
    for _ in range(2):
        walk(study, study.enrol())
    found = analyse(study)
    assert list(found.ratings) == ["grid", "human", "machine", "lowpass"]
    assert len(found.comparisons.wins) == 2 * 3 * 3
    html = write_report(study, tmp_path / "out").page.read_text()
    assert "Mean over participants" in html
    assert "As planned" not in html
