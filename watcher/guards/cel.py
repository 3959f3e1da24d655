"""How are the pieces written that the guards' expressions have in common?

Every piece is total: it raises no error on an object that lacks labels, annotations or data. Under
`failurePolicy: Fail` an error would refuse every write that the guard matches.

Facts (Kubernetes, admission/plugin/policy/validating; cel-go):
- `oldObject` is null at a creation, `object` at a deletion: what reads them stands behind a test of
  `request.operation`, or in a variable, which is not worked out before it is used.
- `a.?b` and `a[?b]` give an optional; two optionals are equal where both are empty or both hold
  the same.
- A variable may be used in validations, and not in match conditions.
- What a Secret holds in `data` is shown to an expression as the base64 of the JSON, a string
  (measured on 1.36), and nothing there decodes it.
- The range of `all` and `filter` over a typed object is refused by the type checker, over a map it
  is not: hence `dyn`.
"""

from __future__ import annotations

from collections.abc import Iterable

from watcher.policy import RESERVED, Gates, Polarity

SPOKE_KEY = "argocd.argoproj.io/secret-type"
"""The label that makes a Secret a spoke, by its value `cluster`."""

LABELS_BEFORE = "oldObject.?metadata.?labels.orValue({})"
LABELS_AFTER = "object.?metadata.?labels.orValue({})"
ANNOTATIONS_BEFORE = "oldObject.?metadata.?annotations.orValue({})"
ANNOTATIONS_AFTER = "object.?metadata.?annotations.orValue({})"

_WITH_SLASH = "{'A': 'C', 'Q': 'S', 'g': 'i', 'w': 'y'}"
"""Base64's last character before `==`, and what it is with a slash behind the byte it ends."""

OF_THE_SERVER = ("resourceVersion", "managedFields")
"""What the API server itself changes in `metadata` at every write."""


def text(value: str) -> str:
    """A string."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def texts(values: Iterable[str]) -> str:
    """A list of strings."""
    return "[" + ", ".join(map(text, values)) + "]"


def is_gate(gates: Gates, key: str = "k") -> str:
    """Whether this label key is a gate's, whether or not the policy names its tier."""
    reserved = texts(gates.key(name) for name in sorted(RESERVED))
    return f"{key}.startsWith({text(gates.key(''))}) && !({key} in {reserved})"


def asked(gates: Gates) -> str:
    """The tiers that the teardown annotation named before this write."""
    read = f"oldObject.?metadata.?annotations[?{text(gates.teardown_key)}].orValue('')"
    return f"{read}.split(',').map(t, t.trim())"


def is_torn(gates: Gates, key: str = "k") -> str:
    """Whether `variables.asked` names the tier of this gate's key, or all."""
    return is_asked(f"{key}.substring({len(gates.key(''))})")


def is_asked(tier: str) -> str:
    """Whether `variables.asked` names the tier of this name, an expression, or all."""
    return f"('*' in variables.asked || {tier} in variables.asked)"


def recorded(gates: Gates, of: str = "oldObject") -> str:
    """The record of opened gates before this write; empty where there is none."""
    return f"{of}.?metadata.?annotations[?{text(gates.opened_key)}].orValue('')"


def has_open_gates(gates: Gates) -> str:
    """Whether the Secret is known to have an open gate, as a match condition.

    Under `block` an open gate has no label, so the record of openings tells.
    """
    if gates.polarity is Polarity.ADMIT:
        return f"{LABELS_BEFORE}.exists(k,\n  {is_gate(gates)}\n  && {LABELS_BEFORE}[k] == 'open')"
    return f"!({recorded(gates)} in ['', '{{}}'])"


def is_spoke() -> str:
    """Whether the Secret was a cluster's, as a match condition."""
    return f"oldObject.?metadata.?labels[?{text(SPOKE_KEY)}].orValue('') == 'cluster'"


def entries(record: str) -> str:
    """The tiers that a record of opened gates names: the keys of a JSON object whose values are
    texts.
    """
    return record + """.findAll('"[^"]*"\\\\s*:').map(e, e.split('"')[1])"""


def with_slash(base64: str) -> str:
    """The base64 of what this is the base64 of with a slash behind it. The bytes of the slash come
    into the padding: of two bytes too few, of one, or of none.
    """
    before = f"{base64}.substring(0, size({base64})"
    last = f"{base64}.substring(size({base64}) - 3, size({base64}) - 2)"
    return (
        f"({base64}.endsWith('==')\n"
        f"  ? {before} - 3) + {_WITH_SLASH}[?{last}].orValue('') + '8='\n"
        f"  : {base64}.endsWith('=') ? {before} - 1) + 'v' : {base64} + 'Lw==')"
    )


def same_but(path: str, keys: Iterable[str]) -> str:
    """Whether the object is as it was at `path` (empty: all of it), but for the members `keys`."""
    after, before, apart = f"dyn(object{path})", f"dyn(oldObject{path})", texts(keys)
    return (
        f"{after}.all(k, k in {apart}\n"
        f"  || (k in {before} && {after}[k] == {before}[k]))\n"
        f"&& {before}.all(k, k in {apart} || k in {after})"
    )
