import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.facts import (
    BadOrder,
    Command,
    Forgiven,
    Order,
    Target,
    Through,
    order,
    order_text,
)

AT = 1_795_000_000.0
HOLD = {"order": "hold", "target": {"spoke": "prod-1"}, "at": "2026-11-24T17:00:00Z", "by": "alice"}

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ORDERS = st.builds(
    Order,
    key=st.just("key"),
    command=st.just(Command.RELEASE),
    target=st.builds(Target, spoke=WORDS.filter(bool), tier=WORDS, ring=WORDS),
    by=WORDS,
    at=st.integers(0, 4_000_000_000).map(float),
    why=WORDS,
    until=st.none() | st.integers(0, 4_000_000_000).map(float),
    through=st.frozensets(st.sampled_from([Through.WINDOW, Through.DELETIONS])),
    forgives=st.lists(st.builds(Forgiven, uid=WORDS, spoke=WORDS, tier=WORDS), max_size=3).map(
        tuple
    ),
)


def written(**changes: object) -> str:
    return json.dumps({**HOLD, **changes})


@given(ORDERS)
def test_what_is_written_is_what_is_read(given_order: Order) -> None:
    assert order("key", order_text(given_order)) == given_order


def test_what_says_nothing_is_not_written() -> None:
    plain = Order("k", Command.HOLD, Target(tier="compute"), by="alice", at=AT)
    assert set(json.loads(order_text(plain))) == {"order", "target", "by", "at"}
    assert json.loads(order_text(plain))["target"] == {"tier": "compute"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot be read"),
        ("hold prod-1", "cannot be read"),
        ("[]", "cannot be read"),
        (written(order="stop"), "order is hold, release, approve, skip or retry, not 'stop'"),
        (written(order=7), "cannot be read"),
        (
            written(order="release", through=["x"]),
            "through holds ring, window or deletions, no 'x'",
        ),
        (written(targets={"spoke": "prod-1"}), "unknown field `targets`"),
        (written(target={"spokes": "prod-1"}), "unknown field `spokes`"),
        (written(target={}), "names nothing"),
        (written(target={"everything": True, "tier": "compute"}), "something else besides"),
        (written(target={"selector": "a in b"}), "no label selector"),
        (written(at="yesterday"), "at is no moment with its zone, as 2026-11-24T18:00:00Z: 'y"),
        (written(until="never"), "until is no moment with its zone"),
        (written(until="2026-11-26"), "until is no moment with its zone"),
        (written(until="2026-11-26T08:00:00"), "until is no moment with its zone"),
        (written(through=["window"]), "only a release"),
        (written(order="release", through=["ring"], until="2026-11-24T18:00:00Z"), "has no end"),
        (written(target={"uid": "1", "tier": "crds"}), "does not say whose"),
        (written(why="x" * 70_000), "at most 65536"),
    ],
)
def test_what_is_no_order_says_what_is_wrong(text: str, says: str) -> None:
    read = order("key", text)
    assert isinstance(read, BadOrder)
    assert read.key == "key"
    assert says in read.problem


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_no_text_raises(text: str) -> None:
    order("key", text)
