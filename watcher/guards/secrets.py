"""What do the guards of cluster Secrets refuse?

A: that an open gate closes, whoever writes, unless the teardown annotation named it before the
write; and what loses all gates of a spoke at once, that it stops being a spoke or becomes another.
B: that the watcher's account writes anything but gates, the record of openings and, where it may
park, the marks of parking. D: that a Secret with open gates is deleted.

Under `block` a gate without its label is open, for one that nobody ever gated, too. So there A
refuses that `closed` comes to any cluster Secret that exists already: a new tier's label, too, must
be ordered by a teardown first (README, Guards). Which Secret has open gates at all, the record of
openings tells; so A refuses that an entry of it goes as well. A gate that was opened by hand on a
Secret without a record is not known to be open.

Facts (measured on a real Argo CD): the first deletion comes 17 to 29 ms after a gate's label goes.
An annotation that comes in the same write as the loss is no order: it could come with any copy.

- Argo CD writes a cluster's server without the slashes at its end, and the server as the name of
  one that has none; it reads both servers as one (util/db/cluster.go, clusterToSecret and
  SecretToCluster; its own writes too, as when a cluster's cache is dropped, are of that kind).

Elsewhere: what the watcher writes (decide/patch.py).
"""

from __future__ import annotations

from watcher.guards.cel import (
    ANNOTATIONS_AFTER,
    ANNOTATIONS_BEFORE,
    LABELS_AFTER,
    LABELS_BEFORE,
    OF_THE_SERVER,
    SPOKE_KEY,
    asked,
    entries,
    has_open_gates,
    is_asked,
    is_gate,
    is_spoke,
    is_torn,
    recorded,
    same_but,
    text,
    texts,
    with_slash,
)
from watcher.guards.documents import Matched, Rule, Shipped, guard
from watcher.guards.shape import Shape
from watcher.policy import Polarity

SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"

_TRUTHS = ("1", "t", "T", "true", "TRUE", "True")
"""Go, strconv.ParseBool: what Argo CD takes as true in skip-reconcile."""

_NAMESPACE_CONTROLLER = "system:serviceaccount:kube-system:namespace-controller"


def open_gates_stay_open(shape: Shape) -> Shipped:
    """Guard A."""
    gates = shape.gates
    admits = gates.polarity is Polarity.ADMIT
    closes = "this write would close open gates, and Argo CD would delete what is behind them"
    order = f"annotate the Secret first, in a write of its own, with {gates.teardown_key}"
    loses_all = (
        "'*' in variables.asked" if admits else "variables.neverOpened || '*' in variables.asked"
    )
    return guard(
        shape.named("open-gates-stay-open"),
        Matched(
            "",
            ("secrets",),
            ("UPDATE",),
            {"has-open-gates": has_open_gates(gates)} if admits else {"is-a-spoke": is_spoke()},
        ),
        (
            Rule(
                "size(variables.lost) == 0",
                f"{closes}; to close them on purpose, {order}",
                f"{text(f'{closes}: ')} + variables.lost.join(', ')"
                f" + {text(f'; to close them on purpose, {order}=TIER,… (or *)')}",
            ),
            *([] if admits else [_records_stay(shape, order)]),
            Rule(
                f"{loses_all}\n|| variables.after[?{text(SPOKE_KEY)}].orValue('') == 'cluster'",
                f"without the label {SPOKE_KEY}=cluster this Secret is no spoke, and Argo CD "
                f"would delete everything there; to do so on purpose, {order}=*",
            ),
            Rule(
                f"{loses_all}\n"
                "|| (variables.nameBefore in ['', variables.nameAfter]\n"
                f"  && {_same_server()})",
                "another name or server in this Secret is another spoke, and Argo CD would delete "
                f"everything on the one that it was; to do so on purpose, {order}=*",
            ),
        ),
        variables={
            "before": LABELS_BEFORE,
            "after": LABELS_AFTER,
            "asked": asked(gates),
            "nameBefore": _data("oldObject", "name"),
            "nameAfter": _data("object", "name"),
            "serverBefore": _data("oldObject", "server"),
            "serverAfter": _data("object", "server"),
            "lost": _lost(shape),
            **({} if admits else _of_the_record(shape)),
        },
        namespaces=(shape.namespace,),
    )


def watcher_writes_gates_only(shape: Shape) -> Shipped:
    """Guard B."""
    return guard(
        shape.named("watcher-writes-gates-only"),
        Matched(
            "",
            ("secrets",),
            ("CREATE", "UPDATE", "DELETE"),
            {"is-the-watcher": f"request.userInfo.username == {text(shape.account)}"},
        ),
        (
            Rule(
                "request.operation == 'UPDATE'",
                "the watcher's account creates and deletes no Secret",
            ),
            _on_update(
                f"variables.before[?{text(SPOKE_KEY)}].orValue('') == 'cluster'",
                "the watcher's account writes to cluster Secrets only",
            ),
            _on_update(
                same_but("", ("metadata",)),
                "the watcher's account changes nothing of a Secret but its metadata",
            ),
            _on_update(
                same_but(".metadata", ("labels", "annotations", *OF_THE_SERVER)),
                "the watcher's account changes nothing of a Secret's metadata but labels and "
                "annotations",
            ),
            _on_update(
                _labels_it_may_change(shape),
                "the watcher's account opens gates, closes those that the teardown annotation "
                "names, and changes no other label",
            ),
            _on_update(
                _annotations_it_may_change(shape),
                f"the watcher's account writes no annotation but {shape.gates.opened_key}, and "
                f"with recovery {SKIP_RECONCILE} together with {shape.gates.parked_key}",
            ),
        ),
        variables={
            "parks": "true" if shape.parks else "false",
            "before": LABELS_BEFORE,
            "after": LABELS_AFTER,
            "annotationsBefore": ANNOTATIONS_BEFORE,
            "annotationsAfter": ANNOTATIONS_AFTER,
            "asked": asked(shape.gates),
            "parking": _parking(shape),
        },
        namespaces=None,  # it binds one account, wherever that may write
    )


PARKS = 0
"""Which of guard B's variables says whether the watcher may park: what component `recovery` changes
in it.
"""


def gated_secrets_stay(shape: Shape) -> Shipped:
    """Guard D."""
    gates = shape.gates
    return guard(
        shape.named("gated-secrets-stay"),
        Matched(
            "",
            ("secrets",),
            ("DELETE",),
            {
                "has-open-gates": has_open_gates(gates),
                "is-not-the-namespace-controller": (
                    f"request.userInfo.username != {text(_NAMESPACE_CONTROLLER)}"
                ),
            },
        ),
        (
            Rule(
                "'*' in variables.asked",
                "this spoke has open gates, and Argo CD would delete everything there; to do so "
                f"on purpose, annotate the Secret first with {gates.teardown_key}=*",
            ),
        ),
        variables={"asked": asked(gates)},
        namespaces=(shape.namespace,),
    )


def _on_update(holds: str, message: str) -> Rule:
    return Rule(f"request.operation != 'UPDATE' || (\n{_indented(holds)})", message)


def _indented(expression: str) -> str:
    return "\n".join(f"  {line}" for line in expression.splitlines())


def _lost(shape: Shape) -> str:
    """The keys of the gates that this write would close without an order."""
    gates = shape.gates
    if gates.polarity is Polarity.ADMIT:
        return (
            "variables.before.filter(k,\n"
            f"  {is_gate(gates)}\n"
            "  && variables.before[k] == 'open'\n"
            "  && !(k in variables.after && variables.after[k] == 'open')\n"
            f"  && !{is_torn(gates)})"
        )
    return (
        "variables.after.filter(k,\n"
        f"  {is_gate(gates)}\n"
        "  && variables.after[k] == 'closed'\n"
        "  && !(k in variables.before && variables.before[k] == 'closed')\n"
        f"  && !{is_torn(gates)})"
    )


def _data(of: str, key: str) -> str:
    return f"dyn({of}).?data[?{text(key)}].orValue('')"


def _same_server() -> str:
    """Whether the server is as it was, but for one slash at its end."""
    before, after = "variables.serverBefore", "variables.serverAfter"
    return (
        f"({after} == {before} || {after} == {with_slash(before)}\n"
        f"    || {before} == {with_slash(after)})"
    )


def _of_the_record(shape: Shape) -> dict[str, str]:
    """Whether nothing was ever opened, and the tiers whose entries this write would take away
    without an order.
    """
    before, after = (recorded(shape.gates, of) for of in ("oldObject", "object"))
    return {
        "neverOpened": f"{before} in ['', '{{}}']",
        "entries": entries(after),
        "forgotten": (
            f"{entries(before)}.filter(t,\n  !(t in variables.entries) && !{is_asked('t')})"
        ),
    }


def _records_stay(shape: Shape, order: str) -> Rule:
    opened = shape.gates.opened_key
    goes = f"this write would take from the annotation {opened} what says that gates are open"
    return Rule(
        "size(variables.forgotten) == 0",
        f"{goes}; to close them on purpose, {order}",
        f"{text(f'{goes}: ')} + variables.forgotten.join(', ')"
        f" + {text(f'; to close them on purpose, {order}=TIER,… (or *)')}",
    )


def _labels_it_may_change(shape: Shape) -> str:
    gates = shape.gates
    gate, torn = is_gate(gates), is_torn(gates)
    if gates.polarity is Polarity.ADMIT:
        set_, removed = "variables.after[k] == 'open'", torn
    else:
        set_, removed = (
            f"variables.after[k] == 'closed' && {torn}",
            "variables.before[k] == 'closed'",
        )
    return (
        "variables.after.all(k,\n"
        "  (k in variables.before && variables.before[k] == variables.after[k])\n"
        f"  || ({gate}\n"
        f"    && {set_}))\n"
        "&& variables.before.all(k, k in variables.after\n"
        f"  || ({gate}\n"
        f"    && {removed}))"
    )


def _annotations_it_may_change(shape: Shape) -> str:
    opened = text(shape.gates.opened_key)
    marks = texts((SKIP_RECONCILE, shape.gates.parked_key))
    may = f"k == {opened}\n  || (variables.parking && k in {marks})"
    return (
        "variables.annotationsAfter.all(k,\n"
        "  (k in variables.annotationsBefore\n"
        "    && variables.annotationsBefore[k] == variables.annotationsAfter[k])\n"
        f"  || {may})\n"
        f"&& variables.annotationsBefore.all(k, k in variables.annotationsAfter\n  || {may})"
    )


def _parking(shape: Shape) -> str:
    """Whether the marks of parking change as they may: a spoke is parked by both together, and
    unparked by taking away its mark. A person's own skip-reconcile, which has no mark beside it, is
    not touched.
    """
    skip, parked = text(SKIP_RECONCILE), text(shape.gates.parked_key)
    before, after = "variables.annotationsBefore", "variables.annotationsAfter"
    skipped = f"[?{skip}].orValue('') in {texts(_TRUTHS)}"
    return (
        f"variables.parks && ({parked} in {after}\n"
        f"  ? {after}[?{skip}].orValue('') == 'true'\n"
        f"    && ({parked} in {before} || !({before}{skipped}))\n"
        f"  : {parked} in {before} && !({after}{skipped}))"
    )
