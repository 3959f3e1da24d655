from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.embedded_hub.standing import (
    APPLICATIONS,
    METADATA,
    METADATA_LIST,
    SECRETS,
    START,
    Client,
    application,
    secret,
    standing,
)
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.continuation import continuation
from watcher.embedded_hub.errors import BadRequest, Expired, Timeout
from watcher.embedded_hub.reads import page
from watcher.embedded_hub.resources import APPLICATION, EVENT, SECRET
from watcher.embedded_hub.routes import Target, target
from watcher.embedded_hub.store import Object, Store


def asked(path: str = APPLICATIONS) -> Target:
    found = target("GET", path, {})
    assert found is not None
    return found


def listed(
    store: Store, query: Mapping[str, str] | None = None, path: str = APPLICATIONS
) -> tuple[list[str], str]:
    """The names on a page and the token of the next one."""
    found = page(store, asked(path), query or {}, seen=store.revision)
    return [obj["metadata"]["name"] for obj in found.items], found.token


def filled(*names: str) -> Store:
    store = Store(HandClock(START))
    for name in names:
        store.create(APPLICATION, application(name, metadata={"labels": {"n": name}}))
    return store


async def test_an_object_is_got_whole_or_as_its_metadata() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        whole = await hub.client.get(f"{SECRETS}/a")
        assert (whole.status, whole.json["data"]) == (200, {"name": "c3Bva2U="})
        partial = await hub.client.get(f"{SECRETS}/a", accept=METADATA)
        assert partial.json["metadata"] == whole.json["metadata"]
        assert "data" not in partial.json
        listed = await hub.client.get(SECRETS, accept=METADATA_LIST)
        assert b"c3Bva2U=" not in listed.body
        assert (await hub.client.get(f"{SECRETS}/b")).status == 404


def test_a_page_holds_as_many_as_asked_for_and_tells_how_many_are_left() -> None:
    store = filled("a", "b", "c", "d", "e")
    first = page(store, asked(), {"limit": "2"}, seen=store.revision)
    assert (len(first.items), first.remaining, bool(first.token)) == (2, 3, True)
    last = page(store, asked(), {"limit": "5"}, seen=store.revision)
    assert (len(last.items), last.remaining, last.token) == (5, None, "")


def test_later_pages_show_what_was_there_at_the_first() -> None:
    store = filled("a", "b", "c", "d")
    names, token = listed(store, {"limit": "2"})
    at = continuation(token).revision
    store.delete(APPLICATION, "argocd", "c")
    store.create(APPLICATION, application("bb"))
    found = page(store, asked(), {"limit": "2", "continue": token}, seen=store.revision)
    assert names + [obj["metadata"]["name"] for obj in found.items] == ["a", "b", "c", "d"]
    assert found.revision == at


def test_a_page_whose_beginning_was_compacted_is_expired_and_says_how_to_go_on() -> None:
    store = filled("a", "b", "c")
    _, token = listed(store, {"limit": "2"})
    store.create(APPLICATION, application("bb"))
    store.compact(store.revision)
    with pytest.raises(Expired) as refused:
        listed(store, {"limit": "2", "continue": token})
    regardless = refused.value.metadata["continue"]
    assert listed(store, {"limit": "9", "continue": regardless}) == (["bb", "c"], "")


def test_selected_pages_do_not_tell_what_is_left() -> None:
    store = filled("a", "b", "c", "d")
    query = {"limit": "1", "labelSelector": "n in (b,d)"}
    first = page(store, asked(), query, seen=store.revision)
    assert ([o["metadata"]["name"] for o in first.items], first.remaining) == (["b"], None)
    assert listed(store, {**query, "continue": first.token}) == (["d"], "")


def test_the_pages_of_all_namespaces_join_too() -> None:
    store = filled("a", "b")
    store.create(APPLICATION, application("a", metadata={"namespace": "default"}))
    everywhere = APPLICATION.path()
    names, token = listed(store, {"limit": "2"}, everywhere)
    rest, _ = listed(store, {"limit": "2", "continue": token}, everywhere)
    assert names + rest == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"continue": "nonsense"}, BadRequest),
        ({"limit": "x"}, BadRequest),
        ({"resourceVersion": "x"}, BadRequest),
        ({"resourceVersion": "999999"}, Timeout),
        ({"resourceVersion": "1", "resourceVersionMatch": "Exact"}, Expired),
    ],
)
def test_what_cannot_be_listed_is_refused(query: dict[str, str], error: type[Exception]) -> None:
    store = filled("a")
    store.compact(store.revision)
    with pytest.raises(error):
        listed(store, query)


def test_a_page_is_asked_for_without_a_revision() -> None:
    store = filled("a", "b")
    _, token = listed(store, {"limit": "1"})
    with pytest.raises(BadRequest, match="not allowed when using continue"):
        listed(store, {"continue": token, "resourceVersion": "1"})


def test_an_old_list_can_be_had_exactly_or_not_older() -> None:
    store = filled("a", "b")
    at = str(store.revision - 1)
    exactly = {"resourceVersion": at, "resourceVersionMatch": "Exact"}
    assert listed(store, exactly)[0] == ["a"]
    not_older = {"resourceVersion": at, "resourceVersionMatch": "NotOlderThan"}
    assert listed(store, not_older)[0] == ["a", "b"]
    assert listed(store, {"resourceVersion": "0"})[0] == ["a", "b"]


def test_events_are_selected_by_what_their_face_shows() -> None:
    store = Store(HandClock(START))
    for name in ("a", "b"):
        regarding = {"kind": "Secret", "name": name}
        metadata = {"name": f"event-{name}", "namespace": "argocd"}
        store.create(EVENT, {"metadata": metadata, "regarding": regarding})
    core = "/api/v1/namespaces/argocd/events"
    assert listed(store, {"fieldSelector": "involvedObject.name=a"}, core)[0] == ["event-a"]
    own = EVENT.path("argocd")
    assert listed(store, {"fieldSelector": "regarding.name!=a"}, own)[0] == ["event-b"]


names = st.sets(st.text("ab-c", min_size=1, max_size=3).filter(lambda n: "-" not in n[0] + n[-1]))


@given(names, st.integers(1, 4), st.sampled_from([APPLICATIONS, APPLICATION.path()]))
def test_pages_joined_are_the_list(found: set[str], limit: int, path: str) -> None:
    store = filled(*found)
    whole, token = listed(store, {}, path)
    assert (whole, token) == (sorted(found), "")
    joined: list[str] = []
    query = {"limit": str(limit)}
    while True:
        part, token = listed(store, query, path)
        joined += part
        if not token:
            break
        assert len(part) == limit
        query["continue"] = token
    assert joined == whole


async def test_pages_join_over_http_while_others_write() -> None:
    async with standing() as hub:
        for number in range(25):
            hub.store.create(APPLICATION, application(f"a{number:02}"))
        whole = (await hub.client.get(APPLICATIONS)).json["items"]
        joined = [obj async for obj in _pages(hub.client, hub.store)]
        assert joined == whole


async def _pages(client: Client, store: Store) -> AsyncIterator[Object]:
    query = {"limit": "4"}
    while True:
        answer: Object = (await client.get(f"{APPLICATIONS}?{urlencode(query)}")).json
        for obj in answer["items"]:
            yield obj
        store.patch(APPLICATION, "argocd", "a24", {"status": {"n": len(query)}})
        if not answer["metadata"]["continue"]:
            return
        query["continue"] = answer["metadata"]["continue"]
