"""Does an error say what is wrong, where, and what to do?"""

from __future__ import annotations

import pytest

from watcher.hub import errors
from watcher.hub.errors import Cause, ConnectionFault, HubError, PatchFailed
from watcher.hub.wire import Status

STEPS = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, HubError) and each is not HubError
]


def test_an_error_is_one_line() -> None:
    error = PatchFailed(Cause.LOST, what="it broke", where="secret argocd/a", remedy="look again")
    assert str(error) == "cannot patch secret argocd/a: it broke; look again"
    assert (error.code, error.retry_after_s) == (0, 0.0)


def test_an_error_without_a_remedy_promises_none() -> None:
    error = PatchFailed(Cause.LOST, what="it broke", where="secret argocd/a")
    assert str(error) == "cannot patch secret argocd/a: it broke"


def test_a_refusal_has_the_hub_s_code_and_wait() -> None:
    status = Status(429, retry_after_s=7.0)
    error = PatchFailed(Cause.REFUSED, what=str(status), where="x", status=status)
    assert (error.code, error.retry_after_s) == (429, 7.0)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_every_step_has_a_word_of_its_own(step: type[HubError]) -> None:
    assert [each.step for each in STEPS].count(step.step) == 1


def test_a_fault_is_one_line() -> None:
    fault = ConnectionFault(what="there is no such file", where="/a", remedy="name another")
    assert str(fault) == "/a: there is no such file; name another"
