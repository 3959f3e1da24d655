"""How answers go out when nothing goes wrong; when something does: test_faults.py."""

from __future__ import annotations

from tests.embedded_hub.standing import APPLICATIONS, application, standing
from watcher.embedded_hub.errors import NotFound, too_large
from watcher.embedded_hub.faults import Answer
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.sending import instead, refused


async def test_short_answers_say_their_length() -> None:
    async with standing() as hub:
        hub.store.create(APPLICATION, application("a"))
        answer = await hub.client.get(APPLICATIONS)
        assert int(answer.headers["Content-Length"]) == len(answer.body)
        assert "Content-Encoding" not in answer.headers


async def test_long_answers_are_compressed_for_who_accepts_it() -> None:
    async with standing() as hub:
        for number in range(300):
            long = {"x": "y" * 1000}
            hub.store.create(APPLICATION, application(f"a{number}", status=long))
        squeezed = await hub.client.get(APPLICATIONS)
        assert squeezed.headers["Content-Encoding"] == "gzip"
        assert "Content-Length" not in squeezed.headers
        hub.client.session.headers["Accept-Encoding"] = "identity"
        plain = await hub.client.get(APPLICATIONS)
        assert "Content-Encoding" not in plain.headers
        assert plain.json == squeezed.json
        assert len(plain.json["items"]) == 300


def test_a_refusal_that_names_a_time_has_it_in_a_header() -> None:
    assert refused(too_large(9, 4)).headers["Retry-After"] == "1"
    assert refused(NotFound("x")).headers == {}


def test_an_answer_that_is_told_has_the_reason_of_its_status() -> None:
    for status, reason in ((410, b"Expired"), (503, b"ServiceUnavailable"), (409, b"Conflict")):
        (body,) = instead(Answer(status)).chunks  # type: ignore[misc]
        assert reason in body
