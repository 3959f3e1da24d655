from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scrape.pages import AT, NUMBERS, page, read, reading, recorded
from watcher.facts import Cluster, Reading
from watcher.scrape.parsing import LONGEST_LINE_BYTES, MOST_CLUSTERS

SERVER = "https://10.1.0.1:6443"


def info(name: str, server: str = SERVER) -> str:
    return f'argocd_cluster_info{{k8s_version="v1.35.0",name="{name}",server="{server}"}} 1'


# --- what a page says --------------------------------------------------------------------------


def test_a_real_controller_with_a_cluster_says_all_of_it() -> None:
    assert reading(recorded("one-spoke")) == Reading(
        at=AT,
        resident_bytes=321732608.0,
        live_bytes=33955056.0,
        goal_bytes=72975762.0,
        collections=61.0,
        gogc_percent=100.0,
        soft_limit_bytes=None,
        collecting_s=1.647172404,
        busy_s=52.290963676 - 42.696386877,
        process_started_at=1795515389.47,
        clusters={"https://127.0.1.1:27443": Cluster("spoke-000", objects=108, connected=True)},
    )


@pytest.mark.parametrize("name", ["idle", "parked"])
def test_a_real_controller_without_a_cluster_says_so(name: str) -> None:
    said = reading(recorded(name))
    assert said.clusters == {}
    assert said.resident_bytes > said.live_bytes > 0


def test_a_page_says_the_same_in_whatever_pieces_it_comes() -> None:
    body = recorded("one-spoke")
    assert {read(body, at_once=size) == reading(body) for size in (1, 7, 4096, len(body))} == {True}


def test_a_soft_limit_is_what_is_below_the_largest_number() -> None:
    assert reading(page(go_gc_gomemlimit_bytes="8.1788928e+08")).soft_limit_bytes == 817889280.0
    assert reading(page(go_gc_gomemlimit_bytes="9.223372036854776e+18")).soft_limit_bytes is None


def test_gogc_that_is_off_is_no_percentage() -> None:
    assert reading(page(go_gc_gogc_percent="1.8446744073709552e+19")).gogc_percent is None
    assert reading(page(go_gc_gogc_percent="50")).gogc_percent == 50.0


def test_a_cluster_is_there_where_the_info_of_it_is() -> None:
    said = reading(
        page(
            info("a"),
            f'argocd_cluster_api_resource_objects{{server="{SERVER}"}} 210',
            f'argocd_cluster_connection_status{{k8s_version="v1.35.0",server="{SERVER}"}} 0',
            info("b", "https://b"),
            'argocd_cluster_api_resource_objects{server="https://c"} 5',
        )
    )
    assert said.clusters == {
        SERVER: Cluster("a", objects=210, connected=False),
        "https://b": Cluster("b", objects=None, connected=None),
    }


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"a\"b", 'a"b'),
        (r"a\\b", r"a\b"),
        (r"a\nb", "a\nb"),
        (r"a\\nb", r"a\nb"),
        (r"\\\"", '\\"'),
        ("a} 1", "a} 1"),
        ("a,server=b", "a,server=b"),
        ("größe ☸", "größe ☸"),
        ("\x1b[31m", "\x1b[31m"),
        ("", ""),
    ],
)
def test_a_name_is_text_whatever_it_holds(written: str, name: str) -> None:
    assert reading(page(info(written))).clusters[SERVER].name == name


@pytest.mark.parametrize(
    "line",
    [
        f'argocd_cluster_info{{name="a",server="{SERVER}",}} 1',
        f'argocd_cluster_info {{ name = "a" , server = "{SERVER}" }}   1',
        f'argocd_cluster_info{{name="a",server="{SERVER}"}} 1 1795515389470',
        f'argocd_cluster_info{{name="a",server="{SERVER}"}}\t1\r',
        f'argocd_cluster_info{{name="a",server="{SERVER}"}} 1e0',
    ],
)
def test_a_line_may_be_written_in_any_way_that_the_format_allows(line: str) -> None:
    assert reading(page(line)).clusters == {SERVER: Cluster("a")}


@pytest.mark.parametrize(
    "line",
    [
        "# HELP go_gc_heap_live_bytes what was left",
        "# process_resident_memory_bytes NaN",
        "argocd_cluster_info_more{nonsense",
        "go_gc_heap_live_bytes_max NaN",
        'argocd_app_info{name="argocd_cluster_info{",dest_server="x"} NaN',
        "argocd_app_info{ \udcff".encode("utf-8", "replace").decode(),
        "",
    ],
)
def test_what_is_not_wanted_may_hold_anything(line: str) -> None:
    assert reading(page(line)) == reading(page())


def test_what_is_not_wanted_need_not_be_utf_8() -> None:
    assert reading(b"argocd_app_info{\xff\xfe} 1\n" + page()) == reading(page())


# --- what is none ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "number",
    ["NaN", "+Inf", "-Inf", "Inf", "-1", "1e999", "1e20", "x", "0x10", "1_000", "١", "1.2.3", "e5"],
)
def test_a_number_that_is_none_makes_no_reading(name: str, number: str) -> None:
    assert read(page(**{name: number})) == f"{name}: not a number from 0 to 2^64"


@pytest.mark.parametrize("name", ["api_resource_objects", "connection_status", "info"])
@pytest.mark.parametrize("number", ["NaN", "-1", "+Inf"])
def test_so_does_one_of_a_cluster(name: str, number: str) -> None:
    line = f'argocd_cluster_{name}{{server="{SERVER}"}} {number}'
    assert read(page(line)) == f"argocd_cluster_{name}: not a number from 0 to 2^64"


@pytest.mark.parametrize("name", NUMBERS)
def test_a_series_that_is_missing_is_named(name: str) -> None:
    assert read(page(**{name: None})) == f"{name}: not shown"


@pytest.mark.parametrize("name", NUMBERS)
def test_a_series_that_is_there_twice_is_named(name: str) -> None:
    assert read(page(f"{name} 1")) == f"{name}: shown twice"
    assert read(page(f'{name}{{more="a"}} 1')) == f"{name}: shown twice"


def test_so_is_a_cluster_that_is_there_twice() -> None:
    assert read(page(info("a"), info("b"))) == "argocd_cluster_info: shown twice"


@pytest.mark.parametrize(
    "line",
    [
        "argocd_cluster_info{",
        'argocd_cluster_info{server="a} 1',
        'argocd_cluster_info{server="a"',
        'argocd_cluster_info{server="a"}',
        'argocd_cluster_info{server="a"} ',
        'argocd_cluster_info{server="a"} 1 2 3',
        'argocd_cluster_info{server="a"} 1 soon',
        'argocd_cluster_info{server="a" name="b"} 1',
        'argocd_cluster_info{,server="a"} 1',
        "argocd_cluster_info{server=a} 1",
        r'argocd_cluster_info{server="\x"} 1',
        'argocd_cluster_info{"server"="a"} 1',
        "argocd_cluster_info",
    ],
)
def test_a_wanted_line_that_cannot_be_read_makes_no_reading(line: str) -> None:
    assert read(page(line)) == "argocd_cluster_info: a line that cannot be read"


def test_a_wanted_line_that_is_not_utf_8_makes_no_reading() -> None:
    line = b'argocd_cluster_info{server="\xff"} 1\n'
    assert read(page() + line) == "argocd_cluster_info: not UTF-8"


@pytest.mark.parametrize("size", [1024, 65536])
def test_a_wanted_line_that_is_absurdly_long_makes_no_reading(size: int) -> None:
    body = page(info("n" * 3 * LONGEST_LINE_BYTES))
    expected = f"argocd_cluster_info: a line of more than {LONGEST_LINE_BYTES} bytes"
    assert read(body, at_once=size) == expected


def test_another_line_may_be_of_any_length() -> None:
    body = b"argocd_app_info" + b"x" * 5 * LONGEST_LINE_BYTES + b"\n" + page()
    assert read(body, at_once=1000) == reading(page())


def test_more_clusters_than_any_hub_has_make_no_reading() -> None:
    many = [info("a", f"https://{number}") for number in range(MOST_CLUSTERS + 1)]
    expected = f"argocd_cluster_info: of more than {MOST_CLUSTERS} clusters"
    assert read(page(*many)) == expected


@pytest.mark.parametrize("body", [b"", b"\n", b"<html>\n<body>502</body>", b"{}", b"\x00\xff" * 99])
def test_what_is_no_page_of_metrics_is_said(body: bytes) -> None:
    assert read(body) == "it shows nothing of an application controller's memory"


def test_a_page_that_breaks_off_makes_no_reading() -> None:
    body = page(go_gc_heap_live_bytes="33955056")
    assert read(body[:-1]) == "it ends in the middle of a line"
    assert read(body[: body.index(b"go_gc_heap_goal")]).__class__ is str


def test_a_process_that_idled_longer_than_it_was_is_not_believed() -> None:
    body = page(go_cpu_classes_idle_cpu_seconds_total="53")
    expected = "go_cpu_classes_idle_cpu_seconds_total: more than "
    assert read(body) == expected + "go_cpu_classes_total_cpu_seconds_total"


def test_what_is_said_against_a_page_repeats_nothing_of_it() -> None:
    for line in ('argocd_cluster_info{server="CANARY', 'argocd_cluster_info{server="CANARY"} NaN'):
        assert "CANARY" not in str(read(page(line)))


# --- whatever comes ----------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(name.encode() for name in NUMBERS),
        *(b"argocd_cluster_info", b"argocd_cluster_api_resource_objects", b"\xff", b"\\", b'"'),
        *(b"{", b"}", b'server="', b"=", b",", b" ", b"\n", b"\r", b"\t", b"#", b"1", b"-", b"."),
        *(b"NaN", b"Inf", b"1e400", b"9" * 400, b"\x00", "١".encode()),
    ]
)


def finite(said: Reading) -> bool:
    numbers = [each for each in msgspec.structs.astuple(said) if isinstance(each, float)]
    return all(math.isfinite(each) and each >= 0 for each in numbers)


@given(st.binary(max_size=400) | st.lists(PIECES, max_size=60).map(b"".join), st.integers(1, 50))
def test_no_bytes_raise(body: bytes, at_once: int) -> None:
    said = read(body, at_once=at_once)
    assert isinstance(said, str)
    assert said


@given(st.lists(PIECES, max_size=12).map(b"".join), st.data())
def test_a_page_with_anything_in_it_makes_a_sound_reading_or_none(
    anything: bytes, data: st.DataObject
) -> None:
    body = page(info("a"))
    where = data.draw(st.integers(0, len(body)))
    said = read(body[:where] + anything + body[where:], at_once=64)
    assert isinstance(said, str) or finite(said)
