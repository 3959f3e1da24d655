from __future__ import annotations

import pytest

from tests.policy.policies import HEAD
from watcher.policy import Policy, Window, WindowKind, read_policy

ABOVE = HEAD + "tiers: [{name: crds}]\nrings: [{name: canary, selector: a}]\nwindows:\n"


def windows(*lines: str) -> tuple[Window, ...]:
    """The windows of a policy that is sound."""
    policy = read_policy(ABOVE + "\n".join(lines), file="p")
    assert isinstance(policy, Policy), policy
    return policy.windows


def faults(*lines: str) -> list[str]:
    """What is wrong with these lines of windows, numbered from 1."""
    found = read_policy(ABOVE + "\n".join(lines), file="p")
    assert isinstance(found, tuple), found
    return [f"{fault.line - 5} {fault.key}: {fault.problem}; {fault.remedy}" for fault in found]


def window(schedule: str, duration: str = "1h", more: str = "") -> str:
    return f"- {{name: a, kind: deny, schedule: '{schedule}', duration: {duration}{more}}}"


def test_a_window_is_of_every_ring_in_utc_unless_it_says_otherwise() -> None:
    assert windows(window("0 22 * * FRI", "60h")) == (
        Window("a", WindowKind.DENY, "0 22 * * FRI", 60 * 3600.0, "UTC", frozenset()),
    )


@pytest.mark.parametrize("ring", ["canary", "default"])
def test_a_window_may_name_any_ring_also_the_one_that_is_added(ring: str) -> None:
    assert windows(window("0 0 * * *", "1h", f", rings: [{ring}]"))[0].concerns(ring)


def test_where_no_ring_is_written_the_default_one_is_there() -> None:
    text = f"{HEAD}tiers: [{{name: crds}}]\nwindows:\n{window('0 0 * * *', '1h', ', rings: [%s]')}"
    assert isinstance(read_policy(text % "default", file="p"), Policy)
    read = read_policy(text % "canary", file="p")
    assert isinstance(read, tuple)
    assert [fault.key for fault in read] == ["windows[0].rings[0]"]


@pytest.mark.parametrize("rings", ["[]", "canary", "~"])
def test_where_the_rings_cannot_be_read_no_window_is_at_fault_for_theirs(rings: str) -> None:
    text = f"{HEAD}tiers: [{{name: crds}}]\nrings: {rings}\nwindows:\n"
    read = read_policy(text + window("0 0 * * *", "1h", ", rings: [canary]"), file="p")
    assert isinstance(read, tuple)
    assert [fault.key for fault in read] == ["rings"]


@pytest.mark.parametrize(
    ("schedule", "duration"),
    [
        ("0 0 * * *", "23h59m"),
        ("* 9-16 * * 1-5", "1m"),
        ("0 0 1 * *", "720h"),
        ("0 0 29 2 *", "720h"),
        ("0  0   1 1 *", "720h"),
    ],
)
def test_a_window_that_ends_is_read(schedule: str, duration: str) -> None:
    assert windows(window(schedule, duration))[0].schedule == schedule


@pytest.mark.parametrize(
    ("schedule", "duration", "pause"),
    [
        ("* * * * *", "1m", "1m"),
        ("0 0 * * *", "24h", "24h"),
        ("0 6,18 * * *", "48h", "12h"),
        ("0 22 * * 5", "168h", "168h"),
        ("30 9-16 * * 1-5", "65h", "65h"),
    ],
)
def test_a_window_that_begins_again_before_it_ends_never_does(
    schedule: str, duration: str, pause: str
) -> None:
    assert faults(window(schedule, duration)) == [
        f"1 windows[0].duration: a window of {duration} never ends, as it begins again after "
        f"{pause} at most; make it shorter than {pause}"
    ]


@pytest.mark.parametrize("duration", ["~", "1d", "5", "9000h"])
def test_a_duration_that_is_wrong_by_itself_is_one_fault(duration: str) -> None:
    (fault,) = faults(window("0 0 * * *", duration))
    assert fault.startswith("1 windows[0].duration: ")


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ("0 24 * * *", 'the hour of "0 24 * * *" is none that cron knows'),
        ("0 0 * * FRI-MON", 'the day of week of "0 0 * * FRI-MON" is none that cron knows'),
        ("0 0 31 2,4 *", '"0 0 31 2,4 *" never comes: no such day is in such a month'),
        ("0 0 */3 2 MON#5", '"0 0 */3 2 MON#5" never comes: no such day is in such a month'),
    ],
)
def test_a_schedule_that_is_none_is_said(schedule: str, says: str) -> None:
    (fault,) = faults(window(schedule))
    assert fault.startswith(f"1 windows[0].schedule: {says}; ")


@pytest.mark.parametrize("schedule", ["@daily", "0 0 * *", "0 0 0 * * *", "0 0 ? * *", "", "0"])
def test_a_schedule_has_five_fields(schedule: str) -> None:
    (fault,) = faults(window(schedule))
    assert "no cron expression of five fields; write minute, hour, day of month" in fault


@pytest.mark.parametrize(
    ("zone", "remedy"),
    [
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("America/NewYork", "did you mean America/New_York?"),
        ("Berlin", "did you mean Europe/Berlin?"),
        ("Zzz", "write its IANA name, as Europe/Berlin"),
        ("localtime", "write its IANA name, as Europe/Berlin"),
        ("../UTC", "write its IANA name, as Europe/Berlin"),
    ],
)
def test_an_unknown_time_zone_is_said_with_what_was_meant(zone: str, remedy: str) -> None:
    (fault,) = faults(window("0 0 * * *", "1h", f", timeZone: {zone}"))
    assert fault.startswith("1 windows[0].timeZone: ")
    assert fault.endswith(f"; {remedy}")


def test_all_that_is_wrong_with_the_windows_is_said_at_once() -> None:
    found = faults(
        "- name: night",
        "  kind: denied",
        "  schedule: 0 25 * * *",
        "  duration: 1d",
        "  timeZone: Europe/Bonn",
        "  rings: [canari]",
        "- {name: night, kind: allow, schedule: '* * * * *', duration: 1h, zone: UTC}",
        "- {schedule: '0 0 30 2 *'}",
    )
    assert [fault.split(": ")[0] for fault in found] == [
        "2 windows[0].kind",
        "3 windows[0].schedule",
        "4 windows[0].duration",
        "5 windows[0].timeZone",
        "6 windows[0].rings[0]",
        "7 windows[1].zone",
        "7 windows[1].name",
        "7 windows[1].duration",
        "8 windows[2].name",
        "8 windows[2].kind",
        "8 windows[2].duration",
        "8 windows[2].schedule",
    ]
