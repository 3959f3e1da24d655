"""An ApplicationSet's status is what the real controller writes."""

from __future__ import annotations

from tests.captured.recorded import captured
from watcher.embedded_hub.set_status import set_resource, set_status

RECORDED = captured("applicationset-")
NOW = "2026-11-24T11:28:17Z"


def test_a_pass_without_errors_is_told_as_recorded() -> None:
    real = RECORDED["applicationset-healthy"]["status"]
    assert set_status({}, None, real["resources"], now=NOW) == real


def test_an_error_while_generating_is_told_as_recorded() -> None:
    real = RECORDED["applicationset-generation-error"]["status"]
    error = real["conditions"][0]
    fault = (error["reason"], error["message"])
    assert set_status({}, fault, None, now=NOW) == real


def test_a_condition_keeps_its_instant_while_it_says_the_same() -> None:
    before = set_status({}, None, [], now=NOW)
    later = set_status(before, None, [], now="2026-11-24T12:00:00Z")
    assert later["conditions"] == before["conditions"]
    failed = set_status(before, ("SomeError", "it is bad"), [], now="2026-11-24T12:00:00Z")
    assert failed["conditions"][0]["lastTransitionTime"] == "2026-11-24T12:00:00Z"
    assert failed["conditions"][1] == before["conditions"][1]  # parameters were generated


def test_resources_of_one_that_nobody_has_looked_at_are_as_recorded() -> None:
    real = RECORDED["applicationset-healthy"]["status"]["resources"][0]
    fresh = {"metadata": {"name": "spoke-000-healthy", "namespace": "argocd"}, "status": {}}
    assert set_resource(fresh) == real
    known = fresh | {"status": {"health": {"status": "Healthy"}, "sync": {"status": "Synced"}}}
    assert set_resource(known) == real | {"health": {"status": "Healthy"}, "status": "Synced"}
