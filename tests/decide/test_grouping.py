from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import application
from watcher.decide import grouped, place, regroup
from watcher.decide.grouping import NO_PLACE, label_place, name_place, server_place
from watcher.facts import Application

SPOKES = st.sampled_from(["a", "b", "c"])


def test_the_label_tells_the_spoke_before_the_destination_does() -> None:
    app = application(server="https://b.example.com", cluster="c", spoke_label="d")
    assert place(app) == label_place("d")


def test_a_destination_is_a_server_or_a_name() -> None:
    assert place(application(server="https://b.example.com")) == "server/https://b.example.com"
    assert place(application(server="", cluster="c")) == name_place("c")
    assert place(application(server="", cluster="")) == NO_PLACE


def test_servers_are_told_apart_without_their_trailing_slashes() -> None:
    assert server_place("https://b.example.com//") == server_place("https://b.example.com")


def test_a_server_is_no_name_and_a_name_no_label() -> None:
    assert len({server_place("a"), name_place("a"), label_place("a"), NO_PLACE}) == 4


def test_an_application_that_moves_leaves_its_group_and_an_empty_group_goes() -> None:
    here, there = application(on="a"), application(on="b", name="a-x")
    groups = grouped([here])
    regroup(groups, here, there)
    assert groups == {server_place("https://b.example.com"): (there,)}
    regroup(groups, there, None)
    assert groups == {}


def test_one_event_leaves_every_other_group_the_same_object() -> None:
    groups = grouped([application(on="a"), application(on="b")])
    untouched = groups[server_place("https://b.example.com")]
    regroup(groups, application(on="a"), application(on="a", resource_version="2"))
    assert groups[server_place("https://b.example.com")] is untouched


@st.composite
def applications(draw: st.DrawFn) -> list[Application]:
    named = draw(st.dictionaries(st.sampled_from("pqrs"), SPOKES, max_size=4))
    return [application(on=on, name=name) for name, on in named.items()]


@given(applications(), applications(), st.randoms(use_true_random=False))
def test_regrouped_equals_grouped_in_whatever_order_the_events_came(
    before: list[Application], after: list[Application], order: random.Random
) -> None:
    groups = grouped(before)
    here, there = {app.key: app for app in before}, {app.key: app for app in after}
    keys = [*{**here, **there}]
    order.shuffle(keys)
    for key in keys:
        regroup(groups, here.get(key), there.get(key))
    assert groups == grouped(after)
    order.shuffle(after)
    assert groups == grouped(after)
