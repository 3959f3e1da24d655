from __future__ import annotations

import json

import msgspec
import pytest

from watcher.serve import shapes


def test_names_on_the_wire_are_camel_case_and_what_is_not_known_is_null() -> None:
    gate = shapes.Gate("compute", "Waiting", (shapes.Reason("DependsOn", "tier crds is Queued"),))
    assert json.loads(msgspec.json.encode(gate)) == {
        "tier": "compute",
        "state": "Waiting",
        "reasons": [{"name": "DependsOn", "says": "tier crds is Queued"}],
        "openedAt": None,
    }


def test_a_reader_takes_what_a_later_version_adds() -> None:
    body = b'{"name": "crds", "dependsOn": [], "gates": {"Settled": 3}, "new": 1}'
    assert msgspec.json.decode(body, type=shapes.Tier) == shapes.Tier("crds", (), {"Settled": 3})


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"name": 7, "dependsOn": []}'])
def test_what_is_something_else_is_not_taken_for_it(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=shapes.Tier)


def test_a_refusal_has_the_form_of_kubernetes() -> None:
    assert msgspec.to_builtins(shapes.Status(404, "NotFound", "there is no spoke 'x'")) == {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": 404,
        "reason": "NotFound",
        "message": "there is no spoke 'x'",
    }
