from __future__ import annotations

import pytest

from watcher.embedded_hub.tables import age, cells, columns

START = 1_800_000_000  # 2027-01-15T08:00:00Z


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (600, "10m"), (10_799, "179m"),
        (10_800, "3h"), (14_460, "4h1m"), (30_000, "8h"), (172_800, "2d"), (176_400, "2d1h"),
        (700_000, "8d"), (400 * 86400, "400d"), (800 * 86400, "2y70d"), (9 * 365 * 86400, "9y"),
        (-1, "0s"), (-60, "<invalid>"),
    ],
)  # fmt: skip
def test_ages_are_told_in_the_two_largest_units_that_matter(seconds: int, said: str) -> None:
    assert age("2027-01-15T08:00:00Z", START + seconds) == said


def test_an_application_shows_its_sync_and_its_health() -> None:
    obj = {
        "metadata": {"name": "a"},
        "spec": {"project": "p"},
        "status": {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}},
    }
    assert cells("Application", obj, START) == ["a", "Synced", "Healthy", None, "p"]
    shown = [column.name for column in columns("Application") if column.priority == 0]
    assert shown == ["Name", "Sync Status", "Health Status"]


def test_a_pod_shows_how_it_is() -> None:
    obj = {
        "metadata": {"name": "a", "creationTimestamp": "2027-01-15T08:00:00Z"},
        "spec": {"containers": [{}, {}], "nodeName": "n"},
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "containerStatuses": [{"ready": True, "restartCount": 2}, {"ready": False}],
        },
    }
    shown = cells("Pod", obj, START + 60)
    assert shown == ["a", "1/2", "Running", 2, "60s", "10.0.0.1", "n"]


def test_an_event_shows_when_it_was_last_seen() -> None:
    obj = {
        "metadata": {"name": "e", "creationTimestamp": "2027-01-15T08:00:00Z"},
        "series": {"lastObservedTime": "2027-01-15T08:01:00.000000Z"},
        "type": "Normal",
        "reason": "GateOpened",
        "note": "opened",
        "regarding": {"kind": "Secret", "name": "s"},
    }
    shown = cells("Event", obj, START + 65)
    assert shown == ["5s", "Normal", "GateOpened", "secret/s", "opened", "e"]


def test_kinds_without_columns_of_their_own_show_name_and_age() -> None:
    obj = {"metadata": {"name": "a"}}
    assert cells("ApplicationSet", obj, START) == ["a", "<unknown>"]


def test_secrets_and_configmaps_count_their_keys() -> None:
    obj = {"metadata": {"name": "a"}, "data": {"x": "", "y": ""}, "type": "Opaque"}
    assert cells("Secret", obj, START)[1:3] == ["Opaque", 2]
    assert cells("ConfigMap", {**obj, "binaryData": {"z": ""}}, START)[1] == 3
