"""Is an object that nests as deep as a hub allows one object among others, and no more?"""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.process

READ = """
import sys
from watcher.daemon.running import reading_as_deep_as_a_hub_allows
from watcher.hub.decode import Decoder
from watcher.hub.wire import read_event, read_page
from watcher.policy import Gates

def document(name, value):
    meta = f'{{"namespace":"argocd","name":"{name}","uid":"{name}","resourceVersion":"7"}}'
    return f'{{"metadata":{meta},"spec":{{"x":{value},"source":{{"helm":{value}}}}},"status":{{}}}}'

begins, ends, depth = sys.argv[1], sys.argv[2], int(sys.argv[3])
deep = document("deep", begins * depth + "1" + ends * depth)
items = ",".join([document("plain", "1"), deep])
head = '"kind":"ApplicationList","metadata":{"resourceVersion":"9"}'
read = Decoder(Gates()).application
with reading_as_deep_as_a_hub_allows():
    page = read_page(f'{{{head},"items":[{items}]}}'.encode(), read, kind="ApplicationList")
    event = read_event(f'{{"type":"ADDED","object":{deep}}}'.encode(), read)
print([each.name for each in page.items], event.object.name)
"""


@pytest.mark.parametrize("depth", [5_000, 9_990])
@pytest.mark.parametrize(("begins", "ends"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_one_deep_object_does_not_make_a_list_unreadable(
    begins: str, ends: str, depth: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ, begins, ends, str(depth)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "['plain', 'deep'] deep\n"), done.stderr
