"""The report of a study: one page that needs nothing else, with figures, tables and loops to listen to."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ghostnote.errors import GhostnoteError, StorageError
from ghostnote.loops import Loop, play_loop
from ghostnote.plot.canvas import require_matplotlib
from ghostnote.storage import writing
from ghostnote.study.analysis import (
    PairsAnalysis,
    RatingsAnalysis,
    analyse_pairs,
    analyse_ratings,
    criteria_words,
    survey_counts,
)
from ghostnote.study.consistency import Pace
from ghostnote.study.design import ORIGINAL, PRODUCT, UNTRAINED, Design, PairwiseDesign, PreferenceDesign
from ghostnote.study.design_file import departures
from ghostnote.study.figures import CAPTIONS, draw_figure, figures_of, write_figures
from ghostnote.study.opening import wav_bytes
from ghostnote.study.page import keys, number, p_value, page, picture, sound, table, told
from ghostnote.study.power import SUPPOSED_RATE, power_as_planned
from ghostnote.study.report_pairs import told_pairs
from ghostnote.study.results import Person, best_of, finished_people, people_of, worst_of
from ghostnote.study.running import Study

EMBEDDED_RATE_HZ = 24_000
_PHASES = {"warm_up": "warm-up", "one": "phase I", "two": "phase II"}


@dataclass(frozen=True)
class Report:
    """What was written.

    Args:
        page: the report.
        figures: beside it, in `figures`.
    """

    page: Path
    figures: tuple[Path, ...]


def analyse(study: Study, people: Sequence[Person] | None = None) -> RatingsAnalysis | PairsAnalysis:
    """Return what a study shows so far, of those who finished.

    Raises:
        InvalidInput: nobody has finished yet.
    """
    known = people_of(study) if people is None else people
    if isinstance(study.design, PairwiseDesign):
        return analyse_pairs(study.design, known)
    return analyse_ratings(study.design, known)


def write_report(
    study: Study, folder: str | os.PathLike[str], *, force: bool = False, loops_each: int = 2, loops_overall: int = 6
) -> Report:
    """Write the report, `report.html`, and its figures as PNG and SVG into `folder`.

    Args:
        study: of which at least one participant has finished.
        folder: is made if it is not there.
        force: whether files there may be replaced.
        loops_each: how many of the best and of the worst loops of each participant can be heard.
        loops_overall: the same, of everybody's.

    Raises:
        InvalidInput: nobody has finished yet.
        MissingExtra: matplotlib is not installed.
        StorageError: a file is in the way, or writing failed.
    """
    require_matplotlib()
    target = Path(folder).absolute()
    place = target / "report.html"
    if place.exists() and not force:
        raise StorageError(f"{place} is there already; choose another folder or allow replacing")
    people = people_of(study)
    analysis = analyse(study, people)
    text = report_html(study, people, analysis, loops_each=loops_each, loops_overall=loops_overall)
    try:
        (target / "figures").mkdir(parents=True, exist_ok=True)
        with writing(place, overwrite=force) as stream:
            stream.write(text.encode())
        figures = write_figures(analysis, target / "figures", force=force)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"the report can not be written to {target}: {error.strerror}") from error
    return Report(place, tuple(figures))


def report_html(
    study: Study,
    people: Sequence[Person],
    analysis: RatingsAnalysis | PairsAnalysis,
    *,
    loops_each: int = 2,
    loops_overall: int = 6,
) -> str:
    """Return the report as one page of HTML; see `write_report`."""
    design = study.design
    ended = finished_people(people)
    body = [f"<h1>{escape(design.title)}</h1>", _introduction(design, people, ended)]
    if isinstance(analysis, RatingsAnalysis):
        assert isinstance(design, PreferenceDesign)
        body += _of_ratings(design, analysis)
    else:
        body += told_pairs(analysis, _pictures(analysis))
    body += _survey(design, ended)
    if isinstance(analysis, RatingsAnalysis):
        body += _loops(study, ended, loops_each, loops_overall)
    body += _methods(design)
    return page(f"{design.title}: report", body)


def _equals(p: float) -> str:
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def _introduction(design: Design, people: Sequence[Person], ended: Sequence[Person]) -> str:
    spans = sorted(person.seconds for person in ended)
    middle = spans[len(spans) // 2] / 60 if spans else float("nan")
    changed = departures(design)
    note = f" Departs from the protocol: {escape('; '.join(changed))}." if changed else ""
    return (
        f'<p class="faint">Protocol {escape(design.protocol)}, seed {design.seed}. {len(people)} participants, '
        f"{len(ended)} of whom finished and count here; median time {middle:.0f} minutes.{note}</p>"
    )


def _of_ratings(design: PreferenceDesign, analysis: RatingsAnalysis) -> list[str]:
    population = analysis.population
    pictures = _pictures(analysis)
    arms = {arm.name: arm for arm in analysis.arms}
    delta = arms[analysis.after].delta
    assert delta is not None
    p = arms[analysis.after].adjusted
    several = "adjusted " if len(arms) > 2 else ""  # Holm's, over all arms that are tested
    tested = "" if p is None else f"; sign flips: {several}p {_equals(p)}"
    seen = analysis.counts.deltas
    body = [
        keys(
            [
                (f"θ {analysis.before}, mean", told(arms[analysis.before].rate)),
                (f"θ {analysis.after}, mean", told(arms[analysis.after].rate)),
                (f"Δ, mean{tested}", told(delta, sign=True)),
                ("of people truly improve (hierarchical estimate)", told(population.improved, 2, percent=True)),
            ]
        ),
        f"<p>{int((seen > 0).sum())} of {len(seen)} participants liked more loops of the arm "
        f"<b>{escape(analysis.after)}</b>. With so few ratings each, a part of such a count is chance; the estimate "
        "above takes that out. Intervals are of 95 %.</p>",
        pictures["theta"],
        pictures["delta"],
        "<h2>Arms</h2>",
        pictures["arms"],
        table(
            f"Phase II by arm; Δ against {analysis.before}, tests over participants, Holm-adjusted over arms",
            ["arm", "loops", "θ", "Δ", "sign flips p", "adjusted p", "Wilcoxon p"],
            [
                [
                    arm.name,
                    arm.loops,
                    told(arm.rate),
                    "" if arm.delta is None else told(arm.delta, sign=True),
                    "" if arm.flips is None else p_value(arm.flips.p),
                    "" if arm.adjusted is None else p_value(arm.adjusted),
                    "" if arm.ranks is None else p_value(arm.ranks.p),
                ]
                for arm in analysis.arms
            ],
        ),
        *_untrained(design),
        "<h2>Participants</h2>",
        pictures["people"],
        table(
            "θ with Wilson's, Δ with Newcombe's interval; believed Δ after the hierarchical model",
            ["participant", "θ before", "θ after", "Δ", "believed Δ", "P(improved)", "repeats agree", "s per rating"],
            [
                [
                    one.number,
                    told(one.before, 2),
                    told(one.after, 2),
                    told(one.delta, 2, sign=True),
                    told(one.believed, 2, sign=True),
                    number(one.improved, 2),
                    f"{one.consistency.agreement.value:.0%} of {one.consistency.pairs}"
                    if one.consistency.pairs
                    else "–",
                    number(one.pace.median, 1),
                ]
                for one in analysis.people
            ],
        ),
        "<h2>People in general</h2>",
        table(
            "The hierarchical model",
            ["of people", "estimate"],
            [
                ["mean θ before", told(population.before)],
                ["mean θ after", told(population.after)],
                ["mean Δ", told(population.delta, sign=True)],
                ["standard deviation of true Δ", told(population.spread)],
                ["share truly improved", told(population.improved, 2, percent=True)],
                ["share improved by more than 0.2", told(population.improved_much, 2, percent=True)],
            ],
        ),
    ]
    if "learning" in pictures:
        body += ["<h2>Learning</h2>", pictures["learning"]]
    body += ["<h2>Care and pace</h2>"]
    if analysis.consistency.pairs:
        found = analysis.consistency
        body.append(
            f"<p>Of {found.pairs} loops that came twice, {told(found.agreement, 2, percent=True)} got the same answer "
            f"(κ {number(found.kappa, 2)}); as if {found.noise:.0%} of answers were turned round by chance.</p>"
        )
    body.append(_paces({_PHASES[name]: pace for name, pace in analysis.paces.items()}))
    return body


def _untrained(design: PreferenceDesign) -> list[str]:
    """Tell of arms that are compared with another critic than their own."""
    kind = design.critic.kind
    others = [arm for arm in design.phase_two.arms if arm in (PRODUCT, ORIGINAL) and arm != kind]
    if design.before != UNTRAINED or not others:
        return []
    named = " and ".join(f"<b>{escape(arm)}</b>" for arm in others)
    return [
        f"<p>The arm <b>{UNTRAINED}</b> is the critic <b>{escape(kind)}</b> before any rating. Δ of {named} compares "
        "two different critics: it is not of learning alone.</p>"
    ]


def _paces(paces: Mapping[str, Pace]) -> str:
    return table(
        "Seconds from a loop's appearance to its rating",
        ["", "ratings", "median", "quartiles", "last third less first"],
        [
            [name, pace.answers, number(pace.median, 1), f"{number(pace.lower, 1)}–{number(pace.upper, 1)}",
             f"{pace.trend:+.1f}" if pace.answers else "–"]
            for name, pace in paces.items()
        ],
    )  # fmt: skip


def _survey(design: Design, ended: Sequence[Person]) -> list[str]:
    if not design.survey:
        return []
    body = ["<h2>Survey</h2>"]
    words = criteria_words(design, ended)
    if words:
        body.append(table("Words that participants went by", ["word", "participants"], words))
    counted = survey_counts(design, ended)
    for question in design.survey:
        if question.id in counted:
            counts = counted[question.id]
            labels = {str(question.low): question.low_label, str(question.high): question.high_label}
            heads = [f"{answer} {labels.get(answer, '')}".strip() for answer in counts]
            body.append(table(question.text, heads, [list(counts.values())]))
        elif question.kind == "text":
            said = [str(person.survey[question.id]) for person in ended if person.survey.get(question.id)]
            body.append(f"<h3>{escape(question.text)}</h3>")
            body += [f"<blockquote>{escape(text)}</blockquote>" for text in said]
    pauses = [person.pause for person in ended if person.pause]
    if pauses:
        body.append(f"<h3>In the pause: {escape(design.texts.pause)}</h3>")
        body += [f"<blockquote>{escape(text)}</blockquote>" for text in pauses]
    return body


def _loops(study: Study, ended: Sequence[Person], each: int, overall: int) -> list[str]:
    body: list[str] = []
    if overall:
        from ghostnote.study.critics import Embedded, most_liked

        ranked = most_liked(ended, Embedded(ended, study.bank))
        for title, chosen in (
            ("Loops that everybody together likes most", ranked[:overall]),
            ("Loops that everybody together likes least", ranked[::-1][:overall]),
        ):
            items = [
                _loop(study, one.loop, f"of participant {one.participant}, trial {one.number}; P(like) {one.score:.2f}")
                for one in chosen
            ]
            body += [f"<h2>{title}</h2>", f'<ul class="loops">{"".join(items)}</ul>']
    if each:
        body.append("<h2>Best and worst loops of each participant</h2>")
        for person in ended:
            items = [
                _loop(study, rating.loop, f"{word}, {_PHASES[rating.phase]}, trial {rating.number}")
                for word, chosen in (("liked", best_of(person, each)), ("disliked", worst_of(person, each)))
                for rating in chosen
            ]
            body += [f"<h3>Participant {person.number}</h3>", f'<ul class="loops">{"".join(items)}</ul>']
    return body


def _loop(study: Study, loop: Loop, label: str) -> str:
    try:
        audio = play_loop(loop, study.bank, EMBEDDED_RATE_HZ)
    except GhostnoteError as error:  # a recording that is gone
        return f"<li>{escape(label)}: {escape(str(error))}</li>"
    player = sound(wav_bytes(audio, EMBEDDED_RATE_HZ, "FLAC"), label)
    names = ", ".join(one.name for one in loop.sounds)
    return f'<li>{escape(label)}{player}<span class="faint">{loop.tempo_bpm:g} bpm: {escape(names)}</span></li>'


def _pictures(analysis: RatingsAnalysis | PairsAnalysis) -> dict[str, str]:
    pictures = {}
    for name, draw in figures_of(analysis).items():
        stream = io.BytesIO()
        draw_figure(draw, stream)
        pictures[name] = picture(stream.getvalue(), CAPTIONS[name])
    return pictures


def _methods(design: Design) -> list[str]:
    if isinstance(design, PairwiseDesign):
        said = (
            "Clips were brought to one loudness and length. Orders and sides are of chance, balanced, and no pair came "
            "twice. Rates: Student's interval on a two-way clustered variance. Scale: Newton's method, bootstrap over "
            "participants."
        )
    else:
        said = (
            "Loops of phase II were fixed before it began, blind and shuffled. Share truly improved: hierarchical "
            "logit-normal model of binomial counts. Tests: sign flips and Wilcoxon's signed ranks, one pair per "
            "participant."
        )
    return [
        *_power(design),
        "<h2>How this was reckoned</h2>",
        f'<p class="faint">{said} See docs/study.md and bench/study_coverage.md.</p>',
    ]


def _power(design: Design) -> list[str]:
    planned = power_as_planned(design)
    if planned is None:
        return []
    pairs = isinstance(design, PairwiseDesign)
    what = f"a preference of {SUPPOSED_RATE:.0%}" if pairs else f"a mean Δ of {planned.delta:+.2f}, as in 2020,"
    text = (
        f"As planned, {planned.people} participants with {planned.trials} "
        f"{'pairs of any two systems' if pairs else 'loops of each arm'}: {what} would be found in "
        f"{told(planned.found, 2, percent=True)} of {planned.studies} simulated studies; its 95 % interval is ± "
        f"{planned.half_width:.2f}."
    )
    return ["<h2>Power</h2>", f"<p>{text}</p>"]
