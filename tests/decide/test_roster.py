from __future__ import annotations

from msgspec.structs import replace

from tests.builders import spoke
from watcher.decide.grouping import label_place, name_place, server_place
from watcher.decide.reasons import DuplicateSpoke
from watcher.decide.roster import IN_CLUSTER_SERVER, roster, same_identity
from watcher.facts import Spoke


def named(*spokes: Spoke) -> dict[str, str]:
    return dict(roster(spokes).names)


def test_a_spoke_is_shown_by_its_name() -> None:
    assert named(spoke("a"), spoke("b")) == {"uid-a": "a", "uid-b": "b"}


def test_a_spoke_without_a_name_or_with_anothers_is_shown_by_its_secret() -> None:
    assert named(spoke("a", name="")) == {"uid-a": "secret/cluster-a"}
    twins = named(spoke("a", name="x"), spoke("b", name="x"))
    assert twins == {"uid-a": "secret/cluster-a", "uid-b": "secret/cluster-b"}


def test_applications_stand_where_they_name_the_spoke_or_its_server() -> None:
    assert set(roster([spoke("a")]).places["uid-a"]) == {
        name_place("a"),
        label_place("a"),
        server_place("https://a.example.com"),
    }


def test_a_spoke_without_a_name_or_server_has_no_place_for_what_names_none() -> None:
    assert roster([spoke("a", name="", server="")]).places == {"uid-a": ()}


def test_two_secrets_of_one_name_are_both_left_alone() -> None:
    made = roster([spoke("a", name="x"), spoke("b", name="x"), spoke("c")])
    assert made.duplicates == {
        "uid-a": DuplicateSpoke("name", "x", ("cluster-b",)),
        "uid-b": DuplicateSpoke("name", "x", ("cluster-a",)),
    }


def test_two_secrets_of_one_server_are_both_left_alone_whatever_their_slashes() -> None:
    made = roster([spoke("a", server="https://x"), spoke("b", server="https://x/")])
    assert made.duplicates["uid-b"] == DuplicateSpoke("server", "https://x", ("cluster-a",))


def test_several_secrets_without_a_server_are_no_duplicates_but_without_a_name_they_are() -> None:
    assert roster([spoke("a", server=""), spoke("b", server="")]).duplicates == {}
    assert roster([spoke("a", name="")]).duplicates == {}
    nameless = roster([spoke("a", name=""), spoke("b", name=""), spoke("c")])
    assert nameless.duplicates == {
        "uid-a": DuplicateSpoke("name", "", ("cluster-b",)),
        "uid-b": DuplicateSpoke("name", "", ("cluster-a",)),
    }


def test_the_secret_of_the_hub_itself_is_found_by_in_cluster_whatever_its_name() -> None:
    here = spoke("hub", server=f"{IN_CLUSTER_SERVER}/")
    assert name_place("in-cluster") in roster([here]).places["uid-hub"]


def test_a_spoke_that_is_named_in_cluster_takes_that_name_from_the_hub() -> None:
    made = roster([spoke("hub", server=IN_CLUSTER_SERVER), spoke("x", name="in-cluster")])
    assert name_place("in-cluster") not in made.places["uid-hub"]
    assert name_place("in-cluster") in made.places["uid-x"]


def test_each_place_tells_whose_it_is() -> None:
    made = roster([spoke("a"), spoke("b", name="a")])
    assert set(made.at[name_place("a")]) == {"uid-a", "uid-b"}
    assert server_place(IN_CLUSTER_SERVER) not in made.at


def test_a_roster_holds_for_a_secret_as_long_as_its_names_do() -> None:
    here = spoke("a")
    assert same_identity(here, replace(here, labels={"x": "y"}, resource_version="2"))
    for change in ({"uid": "2"}, {"name": "b"}, {"server": "https://b"}, {"secret": "b"}):
        assert not same_identity(here, replace(here, **change))


def test_what_is_shown_of_a_server_is_without_a_password() -> None:
    server = "https://admin:hunter2@10.0.0.9:6443"
    made = roster([spoke("a", server=server), spoke("b", server=server)])
    assert made.duplicates["uid-a"].value == "https://10.0.0.9:6443"
