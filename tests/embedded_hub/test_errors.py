"""What no recorded exchange shows; the rest of the wording is judged in test_conformance.py."""

from __future__ import annotations

from watcher.embedded_hub.errors import (
    ApiError,
    Cause,
    Expired,
    conflict,
    forbidden,
    invalid,
    not_found,
    too_large,
    too_old,
)
from watcher.embedded_hub.resources import APPLICATION, SECRET


def test_a_status_body_has_the_code_and_the_reason_of_its_class() -> None:
    body = not_found(APPLICATION, "a").status()
    assert (body["code"], body["reason"], body["status"]) == (404, "NotFound", "Failure")
    assert body["details"] == {"name": "a", "group": "argoproj.io", "kind": "applications"}


def test_the_core_group_is_not_named() -> None:
    assert conflict(SECRET, "a").details == {"name": "a", "kind": "secrets"}
    assert forbidden(SECRET, "", "why").message == "secrets is forbidden: why"


def test_details_that_are_not_there_are_not_said() -> None:
    assert "details" not in too_old(1, 2).status()
    assert ApiError("x", details={}).status()["details"] == {}


def test_several_causes_are_listed_and_repeated_ones_said_once() -> None:
    one, other = Cause("a", "bad"), Cause("b", "worse")
    error = invalid(APPLICATION, "x", [one, other, one])
    assert error.message == 'Application.argoproj.io "x" is invalid: [a: bad, b: worse]'
    assert error.details is not None
    assert len(error.details["causes"]) == 3


def test_an_expired_list_may_carry_a_token_in_its_metadata() -> None:
    assert Expired("x", metadata={"continue": "t"}).status()["metadata"] == {"continue": "t"}


def test_what_has_not_come_yet_says_when_to_ask_again() -> None:
    error = too_large(9, 4)
    assert (error.code, error.message) == (
        504, "Timeout: Too large resource version: 9, current: 4",
    )  # fmt: skip
    assert error.details is not None
    assert error.details["retryAfterSeconds"] == 1
