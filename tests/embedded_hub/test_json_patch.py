from __future__ import annotations

from typing import Any

import pytest

from watcher.embedded_hub.errors import Invalid
from watcher.embedded_hub.json_patch import as_merge_patch
from watcher.embedded_hub.objects import frozen, merged

OBJ = frozen({"metadata": {"labels": {"a.io/x": "1"}}, "list": [1, 2, 3], "deep": {"k": {"v": 1}}})


@pytest.mark.parametrize(
    ("operations", "after"),
    [
        ([{"op": "add", "path": "/metadata/labels/a.io~1y", "value": "2"}],
         {"metadata": {"labels": {"a.io/x": "1", "a.io/y": "2"}}}),
        ([{"op": "remove", "path": "/metadata/labels/a.io~1x"}], {"metadata": {"labels": {}}}),
        ([{"op": "replace", "path": "/deep/k", "value": 5}], {"deep": {"k": 5}}),
        ([{"op": "add", "path": "/list/1", "value": 9}], {"list": [1, 9, 2, 3]}),
        ([{"op": "add", "path": "/list/-", "value": 9}], {"list": [1, 2, 3, 9]}),
        ([{"op": "replace", "path": "/list/0", "value": 9}], {"list": [9, 2, 3]}),
        ([{"op": "remove", "path": "/list/0"}], {"list": [2, 3]}),
        ([{"op": "move", "from": "/deep/k", "path": "/moved"}], {"deep": {}, "moved": {"v": 1}}),
        ([{"op": "copy", "from": "/deep/k/v", "path": "/copied"}], {"copied": 1}),
        ([{"op": "test", "path": "/deep/k/v", "value": 1}], {}),
    ],
)  # fmt: skip
def test_the_merge_patch_does_the_same(
    operations: list[dict[str, Any]], after: dict[str, Any]
) -> None:
    assert merged(OBJ, as_merge_patch(OBJ, operations)) == {**OBJ, **after}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/absent"},
        {"op": "replace", "path": "/absent", "value": 1},
        {"op": "test", "path": "/deep/k/v", "value": 2},
        {"op": "add", "path": "no-pointer", "value": 1},
        {"op": "add", "path": "/list/x", "value": 1},
        {"op": "other", "path": "/deep"},
        {"op": "add", "path": "/deep/k/v/w", "value": 1},
        {"path": "/deep"},
    ],
)
def test_what_cannot_be_applied_is_invalid(operation: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        as_merge_patch(OBJ, [operation])
