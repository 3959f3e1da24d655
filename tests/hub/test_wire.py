"""Is what the hub answers read for what it is, and nothing else believed?"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hub.exchanges import CANARY, exchange
from tests.hub.objects import (
    bookmark_line,
    error_line,
    event_line,
    list_body,
    read_thing,
    status_body,
    thing,
)
from watcher.hub.wire import (
    Bookmark,
    Deleted,
    ErrorEvent,
    Metadata,
    Page,
    Status,
    Upserted,
    number,
    one_line,
    read_event,
    read_metadata,
    read_metadata_page,
    read_page,
    status_of,
    wait_s,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("7", 7),
        ("18446744073709551615", 2**64 - 1),
        ("", 0),
        ("x", 0),
        ("-1", 0),
        ("1.5", 0),
        ("٣", 0),
        ("9" * 30, 0),
    ],
)
def test_a_resource_version_is_an_integer_or_older_than_all(text: str, value: int) -> None:
    assert number(text) == value


def test_a_page_has_its_objects_its_version_and_what_asks_for_the_next() -> None:
    body = list_body([thing("a", 1), thing("b", 2)], 5, token="more")
    page = read_page(body, read_thing, kind="ApplicationList")
    assert page == Page((thing("a", 1), thing("b", 2)), "5", "more")


def test_a_captured_page_is_read() -> None:
    body = exchange("list-applications-page-1").body
    page = read_page(body, read_thing, kind="ApplicationList")
    assert len(page.items) == 2
    assert page.resource_version == "646"
    assert page.continue_token.startswith("eyJ2")


@pytest.mark.parametrize("kind", ["Table", "SecretList", "Status", "", "List"])
def test_a_list_of_another_kind_is_none(kind: str) -> None:
    with pytest.raises(ValueError, match="not a ApplicationList"):
        read_page(list_body([], 5, kind=kind), read_thing, kind="ApplicationList")


@pytest.mark.parametrize("field", ["uid", "resourceVersion"])
def test_an_object_without_identity_spoils_its_page(field: str) -> None:
    document = json.loads(list_body([thing("a", 1)], 5))
    document["items"][0]["metadata"][field] = ""
    with pytest.raises(ValueError, match="without uid or resourceVersion"):
        read_page(json.dumps(document).encode(), read_thing, kind="ApplicationList")


def test_the_items_of_an_empty_list_may_be_null() -> None:
    body = b'{"kind":"ApplicationList","metadata":{"resourceVersion":"5"},"items":null}'
    assert read_page(body, read_thing, kind="ApplicationList") == Page((), "5")


def test_events_are_what_their_type_says() -> None:
    held = thing("a", 4)
    assert read_event(event_line("ADDED", held), read_thing) == Upserted(held)
    assert read_event(event_line("MODIFIED", held), read_thing) == Upserted(held)
    assert read_event(event_line("DELETED", held), read_thing) == Deleted(held)
    assert read_event(bookmark_line(9), read_thing) == Bookmark("9")
    expired = read_event(error_line(410, "Expired", "too old"), read_thing)
    assert expired == ErrorEvent(Status(410, "Expired", "too old"))


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("turned", [False, True])
def test_an_event_is_the_same_however_it_is_laid_out(
    separators: tuple[str, str], turned: bool
) -> None:
    members = list(json.loads(event_line("MODIFIED", thing("a", 4))).items())
    document = dict(reversed(members) if turned else members)
    line = json.dumps(document, separators=separators).encode()
    assert read_event(line, read_thing) == Upserted(thing("a", 4))


@pytest.mark.parametrize("end", ["", "}", "}}", "}} ", "}},", "}}}}", "}}{}", "}}}x"])
def test_an_event_with_another_end_is_none(end: str) -> None:
    whole = json.dumps(json.loads(event_line("ADDED", thing("a"))), separators=(",", ":"))
    assert whole.endswith("}}}")
    with pytest.raises(ValueError, match=r".+"):
        read_event((whole.removesuffix("}}}") + end).encode(), read_thing)


@pytest.mark.parametrize("name", ["watch-too-old", "watch-from-unset"])
def test_captured_error_events_are_read(name: str) -> None:
    event = read_event(exchange(name).body, read_thing)
    assert isinstance(event, ErrorEvent)
    assert event.status.code == (410 if name == "watch-too-old" else 504)
    assert ("ResourceVersionTooLarge" in event.status.causes) == (name == "watch-from-unset")


@pytest.mark.parametrize(
    "object_",
    [
        {},
        {"code": None},
        {"code": "410"},
        {"reason": 7, "message": []},
        {"details": "x"},
        {"details": {"causes": "x"}},
        {"details": {"causes": [7]}},
    ],
)
def test_an_error_event_may_lack_anything(object_: dict[str, Any]) -> None:
    line = json.dumps({"type": "ERROR", "object": object_}).encode()
    assert read_event(line, read_thing) == ErrorEvent(Status(0))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_value_error(noise: bytes) -> None:
    line = event_line("ADDED", thing("a", 4))
    for body in (noise, noise + line, line[: len(noise)] + noise):
        for read in (
            lambda it: read_page(it, read_thing, kind="ApplicationList"),
            lambda it: read_event(it, read_thing),
            read_metadata,
            read_metadata_page,
        ):
            try:
                read(body)
            except ValueError:
                continue
        status_of(body, 500)


def test_metadata_is_read_from_a_captured_patch() -> None:
    assert read_metadata(exchange("patch-ok-metadata-only").body) == Metadata(
        "argocd", "spoke-000", "edff3fdc-2b64-4686-bcf8-97fc4fb50a63", "647"
    )


def test_a_list_of_metadata_is_read_and_a_list_of_objects_is_none() -> None:
    document = json.loads(list_body([thing("a", 1)], 5, token="more"))
    document["kind"] = "PartialObjectMetadataList"
    page = read_metadata_page(json.dumps(document).encode())
    assert page == Page((Metadata("argocd", "a", "uid-a", "1"),), "5", "more")
    with pytest.raises(ValueError, match="SecretList"):
        read_metadata_page(exchange("list-secrets").body)


def test_a_refusal_says_what_the_hub_said() -> None:
    assert status_of(exchange("patch-forbidden-as-watcher").body, 403) == Status(
        code=403,
        reason="Forbidden",
        message='secrets "spoke-000" is forbidden: User "system:serviceaccount:argocd:gate-watcher"'
        ' cannot patch resource "secrets" in API group "" in the namespace "argocd"',
    )


def test_a_refusal_that_quotes_the_secret_is_not_repeated() -> None:
    body = exchange("patch-strict-unknown-field").body
    assert base64.b64encode(b'{"bearerToken": "CANARY')[:20] in body
    assert status_of(body, 422) == Status(
        422, "Invalid", causes=frozenset({"FieldValueInvalid"}), fields=frozenset({"patch"})
    )


@pytest.mark.parametrize("code", [400, 422, 500, 502])
def test_messages_that_may_quote_an_object_are_not_kept(code: int) -> None:
    assert status_of(status_body(code, "Whatever", CANARY), code).message == ""


def test_the_answer_s_own_code_goes_before_the_one_in_its_body() -> None:
    assert status_of(status_body(200, "OK", CANARY), 422) == Status(422, "OK")


def test_what_is_no_status_is_a_refusal_all_the_same() -> None:
    unserved = exchange("list-unknown-kind")
    assert status_of(unserved.body, unserved.status) == Status(404)


def test_how_long_to_wait_is_taken_from_the_header_first() -> None:
    body = exchange("list-future-resource-version").body
    assert status_of(body, 504).retry_after_s == 1.0
    assert status_of(body, 504, 7.0).retry_after_s == 7.0


@pytest.mark.parametrize("absurd", [-1, 1e9, float("nan"), float("inf"), "7", None, [], 10**400])
def test_an_absurd_time_to_wait_is_none(absurd: object) -> None:
    assert wait_s(absurd) is None


@given(st.text())
def test_the_hub_s_text_is_one_line_and_not_endless(text: str) -> None:
    shown = one_line(text)
    assert shown.isprintable()
    assert len(shown) <= 501


def test_a_long_text_says_that_it_was_cut() -> None:
    assert one_line("x" * 600) == "x" * 500 + "…"
