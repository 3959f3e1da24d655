from __future__ import annotations

import pytest

from watcher.hub.identity import identity, name_of, reached_at

ME = identity("pod-a_1", "10.0.0.1")


def test_a_name_and_an_address_are_written_and_read() -> None:
    holder = identity("pod-b_2", "10.0.0.2")
    assert holder == "pod-b_2@10.0.0.2"
    assert name_of(holder) == "pod-b_2"
    assert reached_at(holder, me=ME) == "10.0.0.2"


def test_without_an_address_there_is_a_name_alone() -> None:
    assert identity("pod-b_2", "") == name_of("pod-b_2") == "pod-b_2"
    assert reached_at("pod-b_2", me=ME) == ""
    assert reached_at("", me=ME) == ""
    assert reached_at("pod-b_2@10.0.0.2", me="pod-a_1") == "", "who has none asks nobody"


def test_nobody_asks_itself() -> None:
    assert reached_at("pod-a_before@10.0.0.1", me=ME) == ""


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "fd00::2",
        "::ffff:169.254.169.254",
        "fe80::1%eth0",
        "example.invalid",
        "10.0.0.2:80",
        "10.0.0.2/x",
        "10.0.0.2@10.0.0.3",
        " 10.0.0.2",
        "",
    ],
)
def test_an_address_that_is_no_other_pods_is_not_asked(address: str) -> None:
    assert reached_at(f"pod-b_2@{address}", me=ME) == ""


def test_pods_may_speak_the_newer_protocol() -> None:
    assert reached_at("b@fd00::2", me="a@fd00::1") == "fd00::2"
    assert reached_at("b@::1", me="a@fd00::1") == ""
    assert reached_at("b@fe80::1%x", me="a@fd00::1") == ""
    assert reached_at("b@::ffff:169.254.169.254", me="a@fd00::1") == ""


def test_two_on_one_machine_reach_each_other() -> None:
    assert reached_at("b@127.0.0.2", me="a@127.0.0.1") == "127.0.0.2"
