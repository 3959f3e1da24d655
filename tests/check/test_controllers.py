from __future__ import annotations

from msgspec.structs import replace

from tests.builders import NOW, controller, policy, reading
from tests.check.sights import FAILED, FORBIDDEN, MIB, POD, levels, said
from watcher.check import Level
from watcher.facts import Ended
from watcher.policy import Memory, Policy


def test_without_a_controller_nothing_is_admitted_which_is_a_fault() -> None:
    ((level, text),) = said("controllers", controllers=(), readings={})
    assert level is Level.FAULT
    assert "app.kubernetes.io/name=argocd-application-controller" in text
    assert "memory.selector" in text
    assert levels("metrics", controllers=(), readings={}) == [Level.WARNING]


def test_a_controller_that_does_not_run_is_named_with_why() -> None:
    down = replace(POD, started_at=None, waiting="CrashLoopBackOff")
    ((level, text),) = said("controllers", controllers=(down,), readings={})
    assert level is Level.FAULT
    assert "argocd-application-controller-0 does not run: CrashLoopBackOff" in text


def test_one_that_was_killed_for_memory_or_cannot_be_read_is_a_warning() -> None:
    killed = replace(POD, ended=Ended("OOMKilled", 137, NOW))
    assert levels("controllers", controllers=(killed,)) == [Level.WARNING]
    odd = replace(POD, unreadable=("resources.limits.memory is no amount of memory",))
    ((level, text),) = said("controllers", controllers=(odd,))
    assert level is Level.WARNING
    assert "no amount of memory" in text


def test_by_which_way_metrics_were_read_is_said() -> None:
    assert said("metrics")[0][1].endswith("read through the API server's proxy to Pods")
    assert said("metrics", reached=True)[0][1].endswith("read from here")


def test_who_may_not_use_the_proxy_is_told_of_the_other_way() -> None:
    ((level, text),) = said("metrics", readings={POD.key: FORBIDDEN})
    assert level is Level.WARNING
    assert "get pods/proxy" in text
    assert "--reach" in text


def test_a_proxy_that_does_not_reach_the_pod_says_little_of_the_watcher() -> None:
    ((level, text),) = said("metrics", readings={POD.key: FAILED})
    assert level is Level.WARNING
    assert "500 InternalError" in text
    assert "port 8082, path /metrics" in text


def test_a_page_that_says_nothing_of_memory_is_a_fault() -> None:
    page = "it shows nothing of an application controller's memory"
    ((level, text),) = said("metrics", readings={POD.key: page})
    assert level is Level.FAULT
    assert page in text


def test_a_controller_without_a_limit_is_paced_and_that_is_said() -> None:
    bare = controller()
    fields = {"controllers": (bare,), "readings": {bare.key: reading()}}
    ((level, text),) = said("memory-limit", **fields)
    assert level is Level.WARNING
    assert "fixed window of 4 spokes" in text
    assert levels("gomemlimit", **fields) == [Level.OK], "nothing tells which to set"


def test_a_limit_of_the_policys_counts() -> None:
    bare = controller()
    limited = Policy(policy("crds").tiers, memory=Memory(limit_bytes=1024 * MIB))
    fields = {"policy": limited, "controllers": (bare,), "readings": {bare.key: reading()}}
    assert said("memory-limit", **fields) == [(Level.OK, f"{bare.name} 1.0 GiB")]


def test_gomemlimit_counts_where_there_is_no_other_limit() -> None:
    bare = controller(soft_limit_bytes=900 * MIB)
    ((level, text),) = said("memory-limit", controllers=(bare,), readings={})
    assert (level, text) == (Level.OK, f"{bare.name} none, and its GOMEMLIMIT counts instead")


def test_without_gomemlimit_the_value_to_set_is_said() -> None:
    bare = controller(limit_bytes=2048 * MIB)
    ((level, text),) = said("gomemlimit", controllers=(bare,), readings={bare.key: reading()})
    assert level is Level.WARNING
    assert "set GOMEMLIMIT=1782MiB" in text


def test_what_the_process_says_of_its_gomemlimit_goes_before_what_its_pod_says() -> None:
    bare = controller(limit_bytes=2048 * MIB)
    heard = {bare.key: reading(soft_limit_bytes=1700.0 * MIB)}
    assert said("gomemlimit", controllers=(bare,), readings=heard) == [
        (Level.OK, f"{bare.name} 1700MiB")
    ]
