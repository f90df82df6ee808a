"""What the report of a listening test tells: preferences, scale, what answers hang on, and who took part."""

from __future__ import annotations

from collections.abc import Mapping

from ghostnote.study.analysis import PairsAnalysis
from ghostnote.study.page import number, p_value, table, told

_MOST_DEVIATING = 6


def told_pairs(analysis: PairsAnalysis, pictures: Mapping[str, str]) -> list[str]:
    """Return what a listening test showed, as parts of the report.

    Args:
        analysis: of its answers.
        pictures: figures of it by name, as HTML.
    """
    excluded = [one for one in analysis.listeners if one.excluded]
    body = [
        f"<p>{len(analysis.listeners) - len(excluded)} of {len(analysis.listeners)} participants count; "
        f"{len(excluded)} are left out by the rule that was stated beforehand.</p>"
    ]
    if analysis.ratings:
        body += [
            "<h2>Ratings</h2>",
            pictures["ratings"],
            table(
                "Mean over participants", ["system", "rating"], [[n, told(v, 1)] for n, v in analysis.ratings.items()]
            ),
        ]
    if analysis.scale is not None:
        body += [
            "<h2>Preferences</h2>",
            pictures["preferences"],
            table(
                "Preference of the first system; intervals over people and items, p adjusted over all pairs (Holm)",
                ["first", "second", "answers", "rate", "p", "adjusted p"],
                [
                    [rate.first, rate.second, rate.answers, told(rate.rate), p_value(rate.p), p_value(adjusted)]
                    for rate, adjusted in zip(analysis.rates, analysis.adjusted, strict=True)
                ],
            ),
            "<h2>Scale</h2>",
            pictures["scale"],
            table(
                "Bradley–Terry, logits around 0",
                ["system", "place"],
                [
                    [name, told(value, 2, sign=True)]
                    for name, value in zip(analysis.scale.names, analysis.scale.values, strict=True)
                ],
            ),
            *_effects(analysis),
            f"<p>The first side was chosen in {told(analysis.side, 2, percent=True)} of answers.</p>",
        ]
    body += [
        "<h2>Participants</h2>",
        table(
            "Catch trials, pace, and who is left out",
            ["participant", "answers", "catch trials right", "hidden reference", "s per answer", "left out"],
            [
                [
                    one.number,
                    one.answers,
                    f"{one.catch.liked} of {one.catch.trials}" if one.catch else "–",
                    "–" if one.reference is None else number(one.reference, 0),
                    number(one.pace.median, 1),
                    one.excluded,
                ]
                for one in analysis.listeners
            ],
        ),
    ]
    return body


def _effects(analysis: PairsAnalysis) -> list[str]:
    people, items = analysis.people_effects, analysis.item_effects
    tables = [
        table(
            f"{title} that deviate most from what a pair of systems gives; drawn to it, the more the fewer the answers",
            [head, "first", "second", "answers", "of all", "as seen", "believed"],
            [
                [one.name, one.first, one.second, one.answers, number(one.usual, 2), number(one.rate, 2),
                 told(one.believed, 2)]
                for one in found.deviations[:_MOST_DEVIATING]
            ],
        )
        for title, head, found in (("Participants", "participant", people), ("Items", "item", items))
        if found.spread
    ]  # fmt: skip
    return [
        "<h2>Who and what it hangs on</h2>",
        f"<p>Standard deviation of true preference, around that of each pair: among participants "
        f"{number(people.spread, 2)}, among items {number(items.spread, 2)}.</p>",
        *tables,
    ]
