from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from watcher.serve.packing import pack


@pytest.mark.parametrize(
    ("takes", "packed"),
    [
        ("gzip, deflate, br, zstd", "gzip"),
        ("gzip", "gzip"),
        ("deflate", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_what_is_packed_the_api_servers_proxy_can_read(
    takes: str, packed: str | None
) -> None:
    request = make_mocked_request("GET", "/", headers={"Accept-Encoding": takes})
    answer = web.Response(text="<html>" * 100)
    pack(answer, request)
    await answer.prepare(request)
    assert answer.headers.get("Content-Encoding") == packed
