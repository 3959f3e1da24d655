"""What may an object of any kind not say?

Metadata only: names, label keys and values, annotation keys, and what no update may change. What a
CRD's own schema would refuse is not modelled: tests put odd Applications into the hub on purpose.

Facts (Kubernetes, staging/src/k8s.io/apimachinery/pkg/util/validation; recorded in
tests/captured/exchanges/patch-bad-label.json and patch-wrong-uid.json): the wording, and that an
update checks labels four times and what is immutable twice, so that the causes repeat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from watcher.embedded_hub.errors import Cause
from watcher.embedded_hub.objects import Object

_LABEL_CHECKS_OF_AN_UPDATE = 4
_IMMUTABLE_CHECKS_OF_AN_UPDATE = 2

_NAME_PART = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SAY_NAME_PART = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
    " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
    " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_SAY_LABEL_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
    " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',"
    "  or '12345', regex used for validation is"
    " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_SAY_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
    " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used"
    " for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LONGEST_NAME = 63
_LONGEST_SUBDOMAIN = 253
_MOST_ANNOTATION_BYTES = 256 * 1024


def faults_of_new(obj: Object) -> list[Cause]:
    """Why `obj` may not be created; empty when it may."""
    metadata = obj["metadata"]
    name = metadata.get("name", "")
    if not name:
        said = "Required value: name or generateName is required"
        return [Cause("metadata.name", said, "FieldValueRequired")]
    return [*_bad_name(name), *_bad_labels(metadata), *_bad_annotations(metadata)]


def faults_of_update(before: Object, after: Object) -> list[Cause]:
    """Why `before` may not become `after`; empty when it may."""
    old, new = before["metadata"], after["metadata"]
    return [
        *list(_changed_identity(old, new)) * _IMMUTABLE_CHECKS_OF_AN_UPDATE,
        *list(_bad_labels(new)) * _LABEL_CHECKS_OF_AN_UPDATE,
        *_bad_annotations(new),
        *_late_finalizers(old, new),
    ]


def label_key_fault(key: str) -> str | None:
    """What is wrong with a label's key; None when nothing is."""
    prefix, slash, name = key.rpartition("/")
    if slash and not _is_subdomain(prefix):
        return f"prefix part {_SAY_SUBDOMAIN}"
    if not _NAME_PART.fullmatch(name):
        return f"name part {_SAY_NAME_PART}"
    return None if len(name) <= _LONGEST_NAME else "name part must be no more than 63 bytes"


def label_value_fault(value: str) -> str | None:
    """What is wrong with a label's value; None when nothing is."""
    if len(value) > _LONGEST_NAME:
        return "must be no more than 63 bytes"
    return None if value == "" or _NAME_PART.fullmatch(value) else _SAY_LABEL_VALUE


def _is_subdomain(name: str) -> bool:
    return len(name) <= _LONGEST_SUBDOMAIN and _SUBDOMAIN.fullmatch(name) is not None


def _bad_name(name: str) -> Iterator[Cause]:
    if not _is_subdomain(name):
        yield Cause("metadata.name", f'Invalid value: "{name}": {_SAY_SUBDOMAIN}')


def _bad_labels(metadata: Mapping[str, Any]) -> Iterator[Cause]:
    for key, value in (metadata.get("labels") or {}).items():
        if fault := label_key_fault(key):
            yield Cause("metadata.labels", f'Invalid value: "{key}": {fault}')
        if fault := label_value_fault(value):
            yield Cause("metadata.labels", f'Invalid value: "{value}": {fault}')


def _bad_annotations(metadata: Mapping[str, Any]) -> Iterator[Cause]:
    annotations = metadata.get("annotations") or {}
    for key in annotations:
        if fault := label_key_fault(key.lower()):
            yield Cause("metadata.annotations", f'Invalid value: "{key}": {fault}')
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > _MOST_ANNOTATION_BYTES:
        said = f"Too long: may not be more than {_MOST_ANNOTATION_BYTES} bytes"
        yield Cause("metadata.annotations", said, "FieldValueTooLong")


def _changed_identity(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Cause]:
    for field in ("name", "namespace", "uid"):
        if new.get(field) != old.get(field):
            said = f'Invalid value: "{new.get(field, "")}": field is immutable'
            yield Cause(f"metadata.{field}", said)


def _late_finalizers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Cause]:
    if "deletionTimestamp" not in old:
        return
    late = [name for name in new.get("finalizers", ()) if name not in old.get("finalizers", ())]
    if late:
        listed = ", ".join(f'"{name}"' for name in late)
        yield Cause(
            "metadata.finalizers",
            "Forbidden: no new finalizers can be added if the object is being deleted, found new"
            f" finalizers []string{{{listed}}}",
            "FieldValueForbidden",
        )
