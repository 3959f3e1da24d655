from __future__ import annotations

from msgspec import structs

from watcher.facts import Spoke


def test_a_spoke_has_no_place_for_credentials() -> None:
    fields = {field.name for field in structs.fields(Spoke)}
    assert fields.isdisjoint({"config", "data", "annotations", "last_applied_configuration"})


def test_what_nothing_is_known_of_has_no_name_and_no_gate() -> None:
    bare = Spoke("uid", "argocd", "cluster-a", "1", None, {})
    assert (bare.name, bare.server, bare.opened, bare.teardown, bare.parked) == (
        "",
        "",
        None,
        None,
        None,
    )
    assert not bare.skip_reconcile
