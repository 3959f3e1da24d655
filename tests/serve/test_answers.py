"""Over HTTP every one of them is asked in test_api.py; here, without it."""

from __future__ import annotations

import pytest
from multidict import MultiDict

from tests.builders import spoke
from tests.serve.test_api import report
from watcher.serve import shapes
from watcher.serve.answers import ANSWERS, NO_SUCH_SPOKE, Asked
from watcher.serve.news import News
from watcher.serve.openapi import openapi
from watcher.serve.refused import Refused
from watcher.serve.shown import View


def asked(name: str = "", **query: str) -> Asked:
    given = report(spoke("a"), spoke("b", labels={"env": "prod"}))
    assert given.decided is not None
    return Asked(MultiDict(query), given, View(given.decided), News(), name)


def test_who_asks_by_other_ways_is_answered_alike() -> None:
    page = ANSWERS["/spokes"](asked(selector="env=prod"))
    assert isinstance(page, shapes.Spokes)
    assert [each.name for each in page.spokes] == ["b"]
    one = ANSWERS["/spokes/{name}"](asked("b"))
    assert isinstance(one, shapes.Explained)
    assert one.name == "b"


def test_and_refused_alike() -> None:
    with pytest.raises(Refused) as refused:
        ANSWERS["/spokes/{name}"](asked("c"))
    assert refused.value.status.reason == NO_SUCH_SPOKE
    with pytest.raises(Refused, match="there is no parameter"):
        ANSWERS["/fleet"](asked(ring="canary"))


def test_each_of_them_is_described() -> None:
    described = openapi().decode()
    assert [path for path in ANSWERS if f'"/api/v1{path}"' not in described] == []
