from __future__ import annotations

import inspect
from enum import Enum
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from watcher.decide import Reason, reasons, say
from watcher.decide.reasons import Binds, Costs, Pressure
from watcher.decide.words import name
from watcher.facts import Kind

EVERY: tuple[type, ...] = get_args(Reason)
SAMPLES: dict[str, Any] = {
    "str": "argocd/a-x",
    "int": 3,
    "bool": True,
    "float": NOW,
    "Instant": NOW,
    "Instant | None": NOW,
    "Kind": Kind.APPLICATIONS,
    "Pressure": Pressure.HIGH,
    "Binds": Binds.RUNNING,
    "Costs": Costs.NOTHING,
    "tuple[str, ...]": ("cluster-b",),
}


def made(kind: type, /, **values: Any) -> Reason:
    """A reason of this kind, with something in every field."""
    fields: dict[str, str] = inspect.get_annotations(kind)
    made_of = {field: SAMPLES[type_] for field, type_ in fields.items()}
    reason: Reason = kind(**{**made_of, **values})
    return reason


def texts(kind: type) -> list[str]:
    return [field for field, type_ in inspect.get_annotations(kind).items() if type_ == "str"]


def test_every_reason_is_in_the_union() -> None:
    written = {
        each
        for _, each in inspect.getmembers(reasons, inspect.isclass)
        if each.__module__ == reasons.__name__ and not issubclass(each, Enum)
    }
    assert written == set(EVERY)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_reason_says_something_on_one_line(kind: type) -> None:
    said = say(made(kind))
    assert said.strip() == said != ""
    assert "\n" not in said


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_reason_says_its_data(kind: type) -> None:
    reason = made(kind)
    unsaid = {
        field
        for field in inspect.get_annotations(kind)
        if say(reason) == say(made(kind, **{field: _another(getattr(reason, field))}))
    }
    assert unsaid == set()


def _another(value: Any) -> Any:
    match value:
        case Kind():
            return Kind.SPOKES
        case Pressure():
            return Pressure.KILLED
        case Costs():
            return Costs.WORKLOADS
        case Binds():
            return Binds.RESTART
        case bool():
            return not value
        case str():
            return "another/one"
        case tuple():
            return ("cluster-c", "cluster-d")
        case float():
            return value + 2**30  # enough for bytes to be said otherwise, and an instant too
        case _:
            return value + 61


@pytest.mark.parametrize("kind", [each for each in EVERY if texts(each)], ids=lambda k: k.__name__)
def test_no_reason_is_longer_than_a_line_whatever_anybody_wrote(kind: type) -> None:
    long = "x\r\n\t\u2028y" * 20_000
    said = say(made(kind, **dict.fromkeys(texts(kind), long)))
    assert len(said) <= 601
    assert len(said.splitlines()) == 1


def test_a_message_of_the_hub_is_cut_and_leaves_room_for_the_rest() -> None:
    said = say(reasons.OperationFailed("argocd/a-x", "Failed", "boom " * 200))
    assert said.startswith("argocd/a-x: its last operation ended as Failed: boom boom")
    assert said.endswith("…")
    assert len(said) < 300
    broke = say(reasons.BrokeGeneration("argocd/x", "boom " * 200, NOW))
    assert "2026-03-02T09:00:00Z" in broke


def test_secrets_that_cannot_be_told_apart_are_named() -> None:
    said = say(reasons.DuplicateSpoke("name", "prod", ("cluster-b", "cluster-c")))
    assert said == "its name prod is also that of cluster-b, cluster-c: all are left alone"


@pytest.mark.parametrize(
    ("living", "said"),
    [
        (0, "no Application of it lives"),
        (1, "1 Application of it lives"),
        (2, "2 Applications of it live"),
    ],
)
def test_numbers_are_said_as_people_say_them(living: int, said: str) -> None:
    assert said in say(reasons.LabelGone(NOW, living, reasons.Costs.NOTHING))


def test_what_cannot_be_printed_is_not() -> None:
    said = say(reasons.NotSynced("argocd/\x1b[31mred\u202e\x00", "\ud800"))
    assert said == "argocd/\ufffd[31mred\ufffd\ufffd is \ufffd, not Synced"


def test_a_reason_goes_by_the_name_of_its_class() -> None:
    assert name(reasons.TierUnused("crds")) == "TierUnused"


@given(st.sampled_from(EVERY), st.text(), st.floats(), st.integers())
def test_no_data_is_too_absurd_to_be_said(kind: type, text: str, number: float, whole: int) -> None:
    odd = {"str": text, "float": number, "int": whole, "tuple[str, ...]": (text,)}
    odd |= {"Instant": number, "Instant | None": number}
    values = {
        field: odd[type_] for field, type_ in inspect.get_annotations(kind).items() if type_ in odd
    }
    assert len(say(made(kind, **values)).splitlines()) == 1
