"""The change of each shape, in its own way of writing."""

from __future__ import annotations

import msgspec
import pytest

from tests.adopt.brown import Brown, read, shape
from tests.builders import ADMIT, BLOCK
from watcher.adopt import Change, Line, Operation, change, command
from watcher.policy import Gates

OPEN = {"key": "gate-watcher.io/compute", "operator": "In", "values": ["open"]}
KEY = "gate-watcher.io~1compute"
TIER_LABEL = Operation("add", "/spec/template/metadata/labels/gate-watcher.io~1tier", "compute")


def changed(text: str, gates: Gates = ADMIT) -> Change:
    (each,) = Brown(text).inventory().sets
    return change(each, "compute", gates, read)


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        (
            "a",
            Operation(
                "add",
                "/spec/generators/0/merge/generators/0/clusters/selector/matchExpressions/-",
                OPEN,
            ),
        ),
        ("b", Operation("add", "/spec/generators/0/clusters/selector/matchExpressions/-", OPEN)),
        ("c", Operation("add", f"/spec/generators/0/clusters/selector/matchLabels/{KEY}", "open")),
        (
            "d",
            Operation(
                "add",
                "/spec/generators/0/clusters/selector",
                {"matchLabels": {"gate-watcher.io/compute": "open"}},
            ),
        ),
        (
            "e",
            Operation(
                "add",
                "/spec/generators/0/matrix/generators/0/clusters/selector/matchExpressions/-",
                OPEN,
            ),
        ),
        (
            "f",
            Operation(
                "add",
                "/spec/generators/0/matrix/generators/0/matrix/generators/0/clusters/selector/"
                f"matchLabels/{KEY}",
                "open",
            ),
        ),
        (
            "g",
            Operation(
                "add",
                "/spec/generators/0/matrix/generators/1/clusters/selector/matchExpressions/-",
                OPEN,
            ),
        ),
        (
            "h",
            Operation(
                "add",
                "/spec/generators/0/matrix/generators/1/clusters/selector",
                {"matchLabels": {"gate-watcher.io/compute": "open"}},
            ),
        ),
    ],
)
def test_the_gate_goes_where_the_shape_takes_it_and_the_label_into_the_template(
    name: str, operation: Operation
) -> None:
    assert changed(shape(name)).operations == (operation, TIER_LABEL)


@pytest.mark.parametrize("gates", [ADMIT, BLOCK], ids=["admit", "block"])
@pytest.mark.parametrize("name", ["a", "b", "c", "d", "e", "f", "g", "h", "siblings"])
def test_what_is_proved_is_what_the_patch_makes(name: str, gates: Gates) -> None:
    hub = Brown(shape(name))
    made = changed(shape(name), gates)
    hub.change("addons-x", made.operations)
    (patched,) = hub.inventory().sets
    assert patched.set.generators == made.after.generators
    assert patched.set.tier_label == made.after.tier_label == "compute"


def test_under_block_it_asks_that_the_gate_be_not_closed() -> None:
    wanted = {"key": "gate-watcher.io/compute", "operator": "NotIn", "values": ["closed"]}
    assert changed(shape("c"), BLOCK).operations[0] == Operation(
        "add", "/spec/generators/0/clusters/selector/matchExpressions", [wanted]
    )


def test_what_is_there_already_is_not_asked_for_twice() -> None:
    half = shape("c").replace("fleet_member: spoke", "gate-watcher.io/compute: open")
    assert changed(half).operations == (TIER_LABEL,)


def test_a_template_without_labels_gets_them() -> None:
    bare = shape("c").replace("      labels: {addonName: x}\n", "")
    assert changed(bare).operations[1] == Operation(
        "add", "/spec/template/metadata/labels", {"gate-watcher.io/tier": "compute"}
    )


def test_a_constant_destination_gets_the_label_of_the_spoke() -> None:
    constant = shape("c").replace("destination: {name: '{{name}}'", "destination: {name: hub")
    assert changed(constant).lines[1:] == (
        Line("spec.template.metadata.labels", "gate-watcher.io/tier: compute"),
        Line("spec.template.metadata.labels", "gate-watcher.io/spoke: '{{name}}'"),
    )


def test_a_generator_that_reads_no_clusters_leaves_it_to_a_person() -> None:
    beside = shape("c").replace(
        "  template:", "    - list: {elements: [{name: a, server: b}]}\n  template:", 1
    )
    made = changed(beside)
    assert made.operations == ()
    assert made.by_hand.startswith("generators[1] reads no clusters")
    assert made.lines[0].where == "spec.generators[0].clusters.selector.matchLabels"


def of_chart(chart: str, name: str = "c") -> str:
    return shape(name).replace(
        "  namespace: argocd", f"  namespace: argocd\n  labels: {{helm.sh/chart: {chart}}}", 1
    )


@pytest.mark.parametrize("chart", ["application-sets", "appset-chart"])
def test_the_charts_of_the_gitops_bridge_take_a_line_of_values(chart: str) -> None:
    made = changed(of_chart(f"{chart}-0.2.0"))
    assert made.chart == chart
    assert made.values == (Line("addons-x.selectorMatchLabels", "gate-watcher.io/compute: open"),)


def test_with_a_matrix_they_take_an_expression() -> None:
    assert changed(of_chart("application-sets-0.2.0", "e")).values == (
        Line(
            "addons-x.selector",
            "matchExpressions: [{key: gate-watcher.io/compute, operator: In, values: [open]}]",
        ),
        Line("for the whole chart", "useSelectors: true"),
    )


def test_the_chart_of_the_fleet_has_a_selector_for_each_addon() -> None:
    assert [each.where for each in changed(of_chart("gitops-bridge-0.0.1")).values] == [
        "addons.addons-x.selector",
        "for the whole chart",
        "addons.addons-x.labelsApp",
    ]


def test_any_other_chart_has_no_values_that_we_know() -> None:
    assert changed(of_chart("my-application-sets-1")).values == ()


def test_the_command_is_one_that_a_shell_takes() -> None:
    (each,) = Brown(shape("c")).inventory().sets
    said = command(each, (Operation("add", "/a", "it's"),))
    assert said == (
        "kubectl -n argocd patch applicationset addons-x --type=json -p "
        '\'[{"op":"add","path":"/a","value":"it\'\\\'\'s"}]\''
    )


def test_nothing_of_a_password_is_said() -> None:
    secret = shape("e").replace("'{{metadata.annotations.workload_repo_url}}'", "'https://u:pw@h'")
    made = changed(secret)
    assert b"u:pw" not in msgspec.json.encode((made.operations, made.lines, made.values))
