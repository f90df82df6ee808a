import sys

import pytest

from ghostnote.errors import InvalidInput
from ghostnote.study.service import Service, ServiceEnded

ECHO = """
import sys
for line in sys.stdin:
    print(line.replace("error-please", "error"), end="", flush=True)
"""


def service(script):
    return Service("the parrot", "none", [sys.executable, "-c", script])


def test_requests_are_answered_by_one_process_after_the_other():
    parrot = service(ECHO)
    assert not parrot.running
    for _ in range(2):
        parrot.start()
        assert parrot.ask({"do": "say", "text": "Töne"}) == {"do": "say", "text": "Töne"}
        assert parrot.running
        parrot.close()
        assert not parrot.running


def test_what_goes_wrong_is_told_of():
    parrot = service(ECHO)
    with pytest.raises(InvalidInput, match="the parrot's process is not running"):
        parrot.ask({})
    parrot.start()
    with pytest.raises(InvalidInput, match="the parrot says: no seed"):
        parrot.ask({"error-please": "no seed"})
    assert parrot.running
    parrot.close()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("", r"the parrot's process ended.*is PyTorch installed whole"),
        ("print('Hello')", r"must answer in JSON; got 'Hello"),
    ],
)
def test_a_process_that_fails_is_over(script, told):
    parrot = service(script)
    parrot.start()
    with pytest.raises(InvalidInput, match=told):
        parrot.ask({"do": "say"})
    assert not parrot.running
    with pytest.raises(InvalidInput, match="is not running"):
        parrot.ask({"do": "say"})


def test_a_process_that_another_thread_closes_is_over():
    parrot = service(ECHO)
    parrot.start()
    parrot._process.stdin.close()  # between `ask` having it and writing to it
    with pytest.raises(ServiceEnded, match="the parrot's process ended"):
        parrot.ask({"do": "say"})
    assert not parrot.running
