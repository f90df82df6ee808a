"""Answering the requests of a process's parent: lines of JSON in, lines of JSON out. `ghostnote.study.service` asks.

The first request is `{"do": "begin", …}`. What is wrong with a request is its answer, `{"error": …}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import IO, Any

from safetensors import SafetensorError

from ghostnote.errors import GhostnoteError, InvalidInput

Request = dict[str, Any]
Answering = Callable[[Request], dict[str, Any]]


def serve(begin: Callable[[Request], Answering], requests: IO[str], answers: IO[str]) -> None:
    """Answer requests until there are no more.

    Args:
        begin: takes the first request, and returns what answers those after it.
        requests, answers: streams of lines.
    """
    answering: Answering | None = None
    for line in requests:
        try:
            request = json.loads(line)
            if request["do"] == "begin":
                answering, answer = begin(request), {}
            elif answering is None:
                raise InvalidInput("the first request must be to begin")
            else:
                answer = answering(request)
        except GhostnoteError as error:
            answer = {"error": str(error)}
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer, separators=(",", ":")) + "\n")
        answers.flush()
