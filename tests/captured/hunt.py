"""Looks through a whole process for the credentials of the captured Secrets.

Run as a process of its own (test_canary.py): here the canary stands in no literal, and whoever
calls hands it over backwards. It decodes every captured Secret in every way, drops what was
decoded from, and then walks all that is reachable from anything that the garbage collector knows.
Prints, as JSON, how much was decoded and where the canary was found.
"""

from __future__ import annotations

import base64
import gc
import gzip
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import msgspec
from msgspec import Raw, Struct

from watcher.facts import Spoke
from watcher.hub.decode import Decoder
from watcher.hub.wire import read_page
from watcher.policy import Gates

DECODER = Decoder(Gates())
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
TEXTS = (str, bytes, bytearray, memoryview, Raw)

BREAKS: tuple[Callable[[dict[str, Any]], Any], ...] = (
    lambda secret: None,
    lambda secret: secret["metadata"].update(labels=7),
    lambda secret: secret["metadata"].update(managedFields="x"),
    lambda secret: secret["metadata"]["annotations"].update({"gate-watcher.io/opened": 7}),
    lambda secret: secret["metadata"].update(creationTimestamp="never"),
    lambda secret: secret["data"].update(name=7),
    lambda secret: secret["data"].update(server="%%%"),
    lambda secret: secret["data"].update(name="//79"),
    lambda secret: secret["data"].update(config={"plain": secret["data"]["config"]}),
    lambda secret: secret.update(data=[secret["data"]]),
    lambda secret: secret["metadata"].update(annotations=[secret["metadata"]["annotations"]]),
)
"""What may be wrong with a Secret; most of it sends the decoder the long way round."""


def bodies() -> Iterator[bytes]:
    """Every captured Secret, its credentials in an annotation too, whole and with each break."""
    for secret in captured_secrets():
        for spoil in BREAKS:
            broken = json.loads(json.dumps(secret))
            spoil(broken)
            yield json.dumps(broken).encode()


def captured_secrets() -> Iterator[dict[str, Any]]:
    for path in sorted((Path(__file__).parent / "streams").iterdir()):
        with gzip.open(path) as lines:
            for line in lines:
                found = json.loads(line)["object"]
                if found["kind"] == "Secret":
                    plain = base64.b64decode(found["data"]["config"]).decode()
                    applied = json.dumps({"data": found["data"], "stringData": {"config": plain}})
                    found["metadata"].setdefault("annotations", {})[LAST_APPLIED] = applied
                    yield found


def decoded() -> list[Spoke]:
    """Every body, as it is and as an item of a page."""
    found = []
    for body in bodies():
        found.append(DECODER.spoke(body))
        page = b'{"kind":"SecretList","metadata":{"resourceVersion":"1"},"items":[%b]}' % body
        found += read_page(page, DECODER.spoke, kind="SecretList").items
    return found


def cut_off(needles: tuple[bytes, ...]) -> tuple[int, list[str]]:
    """How many bodies that end too early raised, and where their exceptions hold the canary."""
    found, raised = [], 0
    for body in bodies():
        for length in range(len(body) // 2, len(body), len(body) // 7):
            buffer = body[:length]
            try:
                DECODER.spoke(buffer)
            except msgspec.DecodeError as error:
                raised += 1
                found += [
                    f"an exception's {place}"
                    for place, each in of_exception(error)
                    if each is not buffer and each is not body and holds(each, needles)
                ]
    return raised, found


def of_exception(error: BaseException) -> Iterator[tuple[str, Any]]:
    """All that an exception says and holds, those before it too; the frames from here on down."""
    yield "text", str(error)
    yield "text", repr(error)
    yield from (("arguments", each) for each in error.args)
    for frame in frames(error.__traceback__):
        if frame.f_code is not cut_off.__code__:
            yield from ((f"local {name}", value) for name, value in frame.f_locals.items())
    for before in (error.__cause__, error.__context__):
        if before is not None:
            yield from of_exception(before)


def frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def hunted(needles: tuple[bytes, ...]) -> list[str]:
    """Where in this process one of the needles is."""
    gc.collect()
    ours = {id(needles), *map(id, needles)}
    waiting: list[Any] = gc.get_objects()
    seen = {id(waiting), id(ours)} | ours
    found = []
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, TEXTS):
            if holds(each, needles):
                found.append(f"a {type(each).__name__}")
        else:
            waiting.extend(children(each))
    return found


def children(each: Any) -> Iterable[Any]:
    """What it refers to; of a struct that is not collected the collector knows nothing."""
    if isinstance(each, Struct):
        return [getattr(each, name, None) for name in each.__struct_fields__]
    return gc.get_referents(each)


def holds(each: Any, needles: tuple[bytes, ...]) -> bool:
    if not isinstance(each, TEXTS):
        return False
    text = each.encode("utf-8", "surrogatepass") if isinstance(each, str) else bytes(each)
    return any(needle in text for needle in needles)


def disguises(canary: bytes) -> tuple[bytes, ...]:
    """The canary, and how it looks in base64 wherever it stands in what was encoded."""
    shifted = (base64.b64encode(b"." * skip + canary + b"..")[4:-8] for skip in range(3))
    return (canary, *shifted)


class Kept(Struct, frozen=True, gc=False):
    """Something that the garbage collector does not know, as the decoder's own shapes are."""

    body: Raw


KEEPS: dict[str, Callable[[], Any]] = {
    "nothing": lambda: None,
    "a body": lambda: next(bodies()),
    "a struct": lambda: Kept(Raw(next(bodies()))),
    "a text": lambda: next(captured_secrets()),
}
"""What is held on to on purpose, to see that it would be found."""


def main(backwards: str) -> None:
    needles = disguises(backwards[::-1].encode())
    raised, raising = cut_off(needles)
    spokes = decoded()
    found = {}
    for name, keep in KEEPS.items():
        kept = [keep()]
        found[name] = hunted(needles)
        del kept
    names = sorted({spoke.secret for spoke in spokes})
    answer = {"spokes": len(spokes), "names": names, "raised": raised, "raising": raising}
    sys.stdout.write(json.dumps({**answer, "found": found}))


if __name__ == "__main__":
    main(sys.argv[1])
