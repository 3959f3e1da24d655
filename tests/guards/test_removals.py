from __future__ import annotations

from tests.builders import NOW
from watcher.guards.removals import named, over, removal, removal_key, taken_back

BY_HAND = {"argocd.a-old": "switched off, J. Doe", "argocd.a-json": '{"uid": "uid-1"}'}


def put(*applications: str, tier: str = "", addon: str = "", uid: str = "s") -> dict[str, str]:
    return dict(
        named(
            each,
            f"uid-{each}",
            by="alice",
            at=NOW,
            secret=uid,
            spoke="a",
            tier=tier,
            addon=addon,
        )
        for each in applications
    )


def test_an_application_is_named_as_the_guard_reads_it() -> None:
    assert removal_key("argocd/a-shop.v2") == "argocd.a-shop.v2"
    ((key, text),) = put("argocd/a-shop", tier="apps").items()
    assert key == "argocd.a-shop"
    assert text == (
        '{"by":"alice","at":"2026-03-02T09:00:00Z","uid":"uid-argocd/a-shop","secret":"s",'
        '"spoke":"a","tier":"apps"}'
    )


def test_what_others_wrote_is_not_ours() -> None:
    assert [removal(text) for text in BY_HAND.values()] == [None, None]
    assert over(BY_HAND, ()) == ()
    assert taken_back(BY_HAND, secret="s", tiers=["apps"]) == ()


def test_a_name_is_over_when_the_very_application_that_was_meant_is_gone() -> None:
    data = BY_HAND | put("argocd/a-shop", "argocd/b-shop", tier="apps")
    assert over(data, {"uid-argocd/a-shop"}) == ("argocd.b-shop",)
    assert over(data, {"uid-argocd/a-shop", "uid-argocd/b-shop"}) == ()


def test_what_was_put_there_for_a_tier_or_an_addon_of_a_spoke_is_taken_back() -> None:
    data = (
        put("argocd/a-shop", tier="apps")
        | put("argocd/a-cni", tier="crds")
        | put("argocd/b-shop", tier="apps", uid="other")
        | put("argocd/a-mesh", addon="argocd/mesh")
    )
    assert taken_back(data, secret="s", tiers=["apps"]) == ("argocd.a-shop",)
    assert taken_back(data, secret="s", addon="argocd/mesh") == ("argocd.a-mesh",)
    assert taken_back(data, secret="s") == ()
