import io
import json

from ghostnote.errors import InvalidInput
from ghostnote.training.service import serve


def answers_to(*requests):
    def begin(request):
        if request["name"] == "nobody":
            raise InvalidInput("name must be somebody's")
        return lambda later: {"said": f"{request['name']}: {later['text']}"}

    told = io.StringIO()
    serve(begin, io.StringIO("".join(f"{line}\n" for line in requests)), told)
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_the_first_request_begins():
    begun = '{"do": "begin", "name": "A"}'
    assert answers_to(begun, '{"do": "say", "text": "hello"}') == [{}, {"said": "A: hello"}]
    assert answers_to('{"do": "say", "text": "hello"}', begun) == [
        {"error": "the first request must be to begin"},
        {},
    ]
    assert answers_to(begun, begun.replace("A", "B"), '{"do": "say", "text": "x"}')[-1] == {"said": "B: x"}


def test_what_is_wrong_is_an_answer_and_the_next_request_is_answered():
    begun = '{"do": "begin", "name": "A"}'
    wrong = answers_to(
        '{"do": "begin", "name": "nobody"}', begun, "{", "[]", '{"do": "say"}', '{"do": "say", "text": ""}'
    )
    assert [set(answer) for answer in wrong] == [{"error"}, set(), {"error"}, {"error"}, {"error"}, {"said"}]
    assert wrong[0]["error"] == "name must be somebody's"
    assert wrong[4]["error"] == "KeyError: 'text'"
