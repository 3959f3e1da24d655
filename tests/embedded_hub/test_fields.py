from __future__ import annotations

from watcher.embedded_hub.fields import known, strict_error, unknown_fields

OBJ = {"kind": "Secret", "metadata": {"name": "a", "nosuch": 1}, "data": {}, "spec": {}}


def test_unknown_fields_are_named_by_their_path_and_dropped() -> None:
    assert unknown_fields("Secret", OBJ) == ["spec", "metadata.nosuch"]
    assert known("Secret", OBJ) == {"kind": "Secret", "metadata": {"name": "a"}, "data": {}}
    assert strict_error(["spec", "x"]) == (
        'strict decoding error: unknown field "spec", unknown field "x"'
    )


def test_what_a_kind_knows_another_may_not() -> None:
    obj: dict[str, object] = {"metadata": {}, "operation": {}, "spec": {}}
    assert unknown_fields("Application", obj) == []
    assert unknown_fields("ApplicationSet", obj) == ["operation"]


def test_what_is_no_metadata_is_left_to_others() -> None:
    assert unknown_fields("Secret", {"metadata": None}) == []
    assert known("Secret", {"metadata": None}) == {"metadata": None}
