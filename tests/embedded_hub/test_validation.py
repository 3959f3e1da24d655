from __future__ import annotations

import pytest

from watcher.embedded_hub.validation import faults_of_new, label_key_fault, label_value_fault


@pytest.mark.parametrize(
    "key", ["a", "A.b_c-d", "gate-watcher.io/compute", "x" * 63, "a.b.c/" + "x" * 63]
)
def test_good_label_keys(key: str) -> None:
    assert label_key_fault(key) is None


@pytest.mark.parametrize(
    "key", ["", "a b", "-a", "a-", "/a", "A.io/a", "a/b/c", "x" * 64, "a.io/", "é"]
)
def test_bad_label_keys(key: str) -> None:
    assert label_key_fault(key) is not None


def test_label_values_may_be_empty_and_have_an_end() -> None:
    assert label_value_fault("") is None
    assert label_value_fault("open") is None
    assert label_value_fault("x" * 64) is not None
    assert label_value_fault("a b") is not None


def test_every_fault_of_an_object_is_named_at_once() -> None:
    metadata = {
        "name": "Bad_Name",
        "labels": {"a b": "c d"},
        "annotations": {"x y": "", "fine": "x" * 300_000},
    }
    fields = [cause.field for cause in faults_of_new({"metadata": metadata})]
    assert fields == [
        "metadata.name", "metadata.labels", "metadata.labels", "metadata.annotations",
        "metadata.annotations",
    ]  # fmt: skip
