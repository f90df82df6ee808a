"""What a data set tells instead of what people named: words that one participant alone typed, files and folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ghostnote.study.design import Design
from ghostnote.study.results import Person

FEWEST_WHO_NAMED = 2
"""So many participants must have typed a word for it to be told: what one alone typed may be a name."""


def told_survey(design: Design, people: Sequence[Person]) -> list[dict[str, Any]]:
    """Return the answers of each participant to the survey, without what was typed freely.

    Of a list of words, those stay that `FEWEST_WHO_NAMED` participants or more named to the same question.
    """
    kinds = {question.id: question.kind for question in design.survey}
    named = Counter(
        (question, word)
        for person in people
        for question, answer in person.survey.items()
        if kinds[question] == "words"
        for word in set(answer)
    )

    def told(question: str, answer: Any) -> Any:
        if kinds[question] != "words":
            return answer
        return [word for word in answer if named[question, word] >= FEWEST_WHO_NAMED]

    return [
        {question: told(question, answer) for question, answer in person.survey.items() if kinds[question] != "text"}
        for person in people
    ]
