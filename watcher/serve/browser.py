"""What does a browser get?

One page for every place that can be linked (`/`, `/spokes/NAME`, `/spokes/NAME/TIER`,
`/tiers/NAME`, `/shards/NAME`), which finds out by itself where it stands, and the few files that it
is made of. They are read once, and hold nothing of the fleet: whatever came from the hub reaches a
browser as JSON, and is shown as text.

The page may stand behind a prefix that nobody here knows, such as that of the API server's proxy.
So every reference in it is relative, and how many levels up it must go is told by the path. A name
with a slash in it stands in a path with that slash, since some proxies make one of `%2F` anyway;
what cannot stand in a path at all, such as `..`, stands in the query (page/places.js).

Elsewhere: what the page asks for (api.py); what it may load at all (site.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from aiohttp import web

from watcher.serve.packing import pack

_KINDS = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_UP = "{up}"
_PLACES = ("/", "/spokes/{name:.+}", "/tiers/{name:.+}", "/shards/{name:.+}")


def _read() -> Mapping[str, str]:
    folder = files("watcher.serve") / "page"
    return MappingProxyType(
        {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir() if each.is_file()}
    )


_FILES = _read()


def add_to(made: web.Application) -> None:
    """Answer there with the page, and with what it is made of."""
    for place in _PLACES:
        made.router.add_get(place, _page)
    made.router.add_get("/page/{file}", _file)


async def _page(request: web.Request) -> web.Response:
    up = "../" * (request.rel_url.raw_path.count("/") - 1)
    return _text(request, _FILES["index.html"].replace(_UP, up or "./"), "text/html")


async def _file(request: web.Request) -> web.Response:
    name = request.match_info["file"]
    kind = _KINDS.get(name.rpartition(".")[2])
    if kind is None or name not in _FILES:
        raise web.HTTPNotFound
    return _text(request, _FILES[name], kind)


def _text(request: web.Request, text: str, kind: str) -> web.Response:
    answer = web.Response(text=text, content_type=kind, charset="utf-8")
    pack(answer, request)
    return answer
