from __future__ import annotations

import pytest
import yaml

from watcher.policy import Accept, Recovery
from watcher.policy.scalars import LONGEST_S, MOST, against, plain, suggestion, wanted
from watcher.policy.shapes import (
    Constant,
    Count,
    CountOrShare,
    Duration,
    Factor,
    OneOf,
    Port,
    Quantity,
    Rule,
    Scalar,
    Share,
    Switch,
    Text,
)

DIGITS = Text((Rule("^[0-9]+$", "has no digits", "x"), Rule("^[0-4]+$", "is high", "y")))
SOAK = Duration(2.0, "stamps are coarse")


def scalar(text: str) -> yaml.ScalarNode:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(node, yaml.ScalarNode)
    return node


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (Constant("v1"), "v1", "v1"),
        (Text(), "'10'", "10"),
        (DIGITS, "'34'", "34"),
        (SOAK, "2s", 2.0),
        (SOAK, '"1h30m"', 5400.0),
        (Duration(), "0s", 0.0),
        (Duration(), "720h", LONGEST_S),
        (Count(), "1", 1),
        (Count(), str(MOST), MOST),
        (Switch(), "true", True),
        (Switch(), "no", False),
        (Switch(), "On", True),
        (OneOf(Accept), "Empty", "Empty"),
        (OneOf(Recovery), "off", "off"),
        (OneOf(Recovery), "False", "off"),
        (Port(), "1", 1),
        (Port(), "65535", 65_535),
        (Quantity(), "4Gi", 4 * 1024**3),
        (Quantity(), "'900M'", 900_000_000),
        (Quantity(), "1024", 1024),
        (Quantity(), "64Ti", 64 * 1024**4),
        (Share(), "0.85", 0.85),
        (Share(), "85%", 0.85),
        (Share(), "99.9%", 0.999),
        (Share(), "0.5%", 0.005),
        (Share(all_too=True), "100%", 1.0),
        (Share(all_too=True), "100.0%", 1.0),
        (Share(all_too=True), "1", 1.0),
        (Share(all_too=True), "95%", 0.95),
        (CountOrShare(), "3", 3),
        (CountOrShare(), "10%", 0.1),
        (CountOrShare(), "0.5%", 0.005),
        (Factor(), "1.4", 1.4),
        (Factor(), "1", 1.0),
        (Factor(), "10", 10.0),
    ],
)
def test_what_is_right_is_read(shape: Scalar, text: str, value: object) -> None:
    assert against(shape, scalar(text)) is None
    assert plain(shape, scalar(text)) == value


@pytest.mark.parametrize(
    ("shape", "text", "says"),
    [
        (Constant("v1"), "v2", 'is "v2"; write v1'),
        (Text(), "10", 'is the number 10, not a text; write it in quotes: "10"'),
        (Text(), "on", 'is the boolean on, not a text; write it in quotes: "on"'),
        (DIGITS, "x", '"x" has no digits; x'),
        (DIGITS, "'7'", '"7" is high; y'),
        (DIGITS, '"7\\n"', '"7\\n" has no digits; x'),
        (SOAK, "1s", "1s is too short: stamps are coarse; write 2s or more"),
        (SOAK, "90", "90 has no unit; write 90s, or as 10m or 1h30m"),
        (SOAK, "-90", "-90 has no unit; write 90s, or as 10m or 1h30m"),
        (SOAK, "-9m", "-9m is negative; write a length of time, as 90s"),
        (SOAK, "721h", "721h is absurdly long; write 720h or less, as 10m"),
        (Count(), "0", "is 0, so nothing would ever be admitted; write 1 or more, as 4"),
        (Count(), "'4'", "is the text 4, not a number; write it without quotes: 4"),
        (
            Count(),
            "0x10",
            "is the number 0x10, not a whole number; write one in plain digits, as 4",
        ),
        (
            Count(),
            "1_000",
            "is the number 1_000, not a whole number; write one in plain digits, as 4",
        ),
        (Count(), str(MOST + 1), "is 1000001, which is absurd; write 1000000 or less, as 4"),
        (
            Switch(),
            "'no'",
            "is the text no, not true or false; write true or false, without quotes",
        ),
        (
            Switch(),
            "!!bool x",
            "is the boolean x, not true or false; write true or false, without quotes",
        ),
        (OneOf(Accept), "empty", '"empty" is not known; did you mean Empty?'),
        (
            OneOf(Accept),
            "off",
            '"off" is not known; known here: OutOfSync, Suspended, '
            "ManualSync, FailedOperation, Empty",
        ),
        (OneOf(Recovery), "yes", '"yes" is not known; known here: off, park'),
        (OneOf(Recovery), "!!bool x", '"x" is not known; known here: off, park'),
        (Port(), "0", "is 0, and there is no such port; write 1 to 65535, as 8082"),
        (Port(), "-1", "is -1, and there is no such port; write 1 to 65535, as 8082"),
        (Port(), "x", "is the text x, not a whole number; write one in plain digits, as 8082"),
        (
            Quantity(),
            "4GB",
            '"4GB" is no amount of memory; write it as Kubernetes does, as 900Mi or 4Gi',
        ),
        (Quantity(), "4", "is 4 bytes, which is absurdly little; give its unit, as 900Mi"),
        (Quantity(), "1E", "1E is absurdly much; write 64Ti or less, as 4Gi"),
        (
            Share(),
            "85",
            "is 85, and a share is more than nothing and less than all; write it as 0.85 or 85%",
        ),
        (
            Share(),
            "100%",
            "is 100%, and a share is more than nothing and less than all; write it as 0.85 or 85%",
        ),
        (Share(), "x", "is the text x, not a share; write one in plain digits, as 0.85 or 85%"),
        (Share(), "'0.5'", "is the text 0.5, not a number; write it without quotes: 0.5"),
        (
            Share(all_too=True),
            "1.01",
            "is 1.01, and a share is more than nothing and at most all; write it as 0.85 or 85%",
        ),
        (
            CountOrShare(),
            "0",
            "is 0, so nothing would ever be admitted; write 1 or more, as 4 or 10%",
        ),
        (
            CountOrShare(),
            "2000000",
            "is 2000000, which is absurd; write 1000000 or less, as 4 or 10%",
        ),
        (
            CountOrShare(),
            "100%",
            "is 100%, and a share is more than nothing and less than all; write it as 4 or 10%",
        ),
        (
            CountOrShare(),
            "x",
            "is the text x, not a whole number; write one in plain digits, as 4 or 10%",
        ),
        (Factor(), "0.9", "is 0.9, and nothing becomes less by it; write 1 or more, as 1.4"),
        (Factor(), "11", "is 11, which is absurd; write 10 or less, as 1.4"),
        (Factor(), "1:30", "is the number 1:30, not a factor; write one in plain digits, as 1.4"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(shape: Scalar, text: str, says: str) -> None:
    wrong = against(shape, scalar(text))
    assert wrong is not None
    assert "; ".join(wrong) == says


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        (Constant("v1"), "v1"),
        (Text(), "a text"),
        (SOAK, "a length of time, as 90s"),
        (Count(), "a whole number, as 4"),
        (Port(), "a port, as 8082"),
        (Quantity(), "an amount of memory, as 900Mi"),
        (Share(), "a share, as 0.85 or 85%"),
        (CountOrShare(), "a whole number, or a share in percent, as 4 or 10%"),
        (Factor(), "a number, 1 or more, as 1.4"),
        (Switch(), "true or false"),
        (OneOf(Accept), "one of OutOfSync, Suspended, ManualSync, FailedOperation, Empty"),
    ],
)
def test_each_shape_says_what_it_wants(shape: Scalar, says: str) -> None:
    assert wanted(shape) == says


def test_where_nothing_is_near_all_that_is_known_is_named() -> None:
    assert suggestion(None, ["a", "b"]) == "known here: a, b"
    assert suggestion("a", ["a", "b"]) == "did you mean a?"
