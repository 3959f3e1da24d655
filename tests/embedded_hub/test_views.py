from __future__ import annotations

import json

import pytest

from tests.embedded_hub.standing import METADATA, METADATA_LIST, START, TABLE
from watcher.embedded_hub.errors import NotAcceptable
from watcher.embedded_hub.resources import APPLICATION, SECRET, Resource
from watcher.embedded_hub.views import Page, Shape, View, shape

OBJ = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "a", "resourceVersion": "7"},
    "data": {"config": "secret"},
}


def many(view: View, page: Page) -> dict[str, object]:
    found: dict[str, object] = json.loads(b"".join(view.many(page)))
    return found


@pytest.mark.parametrize(
    ("accept", "verb", "expected"),
    [
        ("", "get", Shape.WHOLE),
        ("*/*", "list", Shape.WHOLE),
        ("application/vnd.kubernetes.protobuf,application/json", "get", Shape.WHOLE),
        (METADATA, "get", Shape.METADATA),
        (METADATA, "watch", Shape.METADATA),
        (METADATA, "patch", Shape.METADATA),
        (METADATA_LIST, "list", Shape.METADATA),
        (f"{TABLE},application/json", "list", Shape.TABLE),
        ("application/json;as=Other,application/json", "get", Shape.WHOLE),
    ],
)
def test_the_first_clause_that_can_be_served_wins(accept: str, verb: str, expected: Shape) -> None:
    assert shape(accept, SECRET, verb) is expected


@pytest.mark.parametrize(
    ("accept", "resource", "verb", "why"),
    [
        (METADATA, APPLICATION, "list", "is a list (*unstructured.UnstructuredList)"),
        (METADATA_LIST, SECRET, "get", "is not a list (*core.Secret)"),
        ("text/html", SECRET, "get", "only the following media types are accepted"),
    ],
)
def test_what_cannot_be_served_is_not_acceptable(
    accept: str, resource: Resource, verb: str, why: str
) -> None:
    with pytest.raises(NotAcceptable) as refused:
        shape(accept, resource, verb)
    assert why in refused.value.message


def test_metadata_alone_carries_no_data() -> None:
    view = View(SECRET, Shape.METADATA, START)
    assert view.one(OBJ) == {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": OBJ["metadata"],
    }
    listed = many(view, Page([OBJ], 9))
    assert listed["kind"] == "PartialObjectMetadataList"
    assert listed["items"] == [view.one(OBJ)]


def test_lists_of_built_in_kinds_do_not_say_the_kind_of_an_item() -> None:
    listed = many(View(SECRET, Shape.WHOLE, START), Page([OBJ, OBJ], 9))
    item = {key: part for key, part in OBJ.items() if key not in ("kind", "apiVersion")}
    assert listed["items"] == [item, item]
    assert listed["metadata"] == {"resourceVersion": "9"}


def test_a_page_says_what_is_left() -> None:
    page = Page([], 9, "token", 3)
    metadata = {"resourceVersion": "9", "continue": "token", "remainingItemCount": 3}
    assert many(View(SECRET, Shape.WHOLE, START), page)["metadata"] == metadata


def test_many_items_are_one_list() -> None:
    listed = many(View(SECRET, Shape.WHOLE, START), Page([OBJ] * 200, 9))
    assert isinstance(listed["items"], list)
    assert len(listed["items"]) == 200


@pytest.mark.parametrize(
    ("included", "kind"),
    [("None", None), ("Metadata", "PartialObjectMetadata"), ("Object", "Secret")],
)
def test_rows_of_a_table_carry_what_was_asked_for(included: str, kind: str | None) -> None:
    table = View(SECRET, Shape.TABLE, START, included).one(OBJ)
    (row,) = table["rows"]
    assert row["cells"] == ["a", None, 1, "<unknown>"]
    assert row.get("object", {}).get("kind") == kind
    assert [column["name"] for column in table["columnDefinitions"]] == [
        "Name", "Type", "Data", "Age",
    ]  # fmt: skip


def test_a_bookmark_has_the_kind_that_the_watch_shows() -> None:
    assert View(SECRET, Shape.WHOLE, START).bookmark(9)["kind"] == "Secret"
    assert View(SECRET, Shape.METADATA, START).bookmark(9)["kind"] == "PartialObjectMetadata"
    assert View(SECRET, Shape.TABLE, START).bookmark(9)["rows"] == []
    marked = View(SECRET, Shape.WHOLE, START).bookmark(9, {"x": "y"})
    assert marked["metadata"] == {"resourceVersion": "9", "annotations": {"x": "y"}}
