"""How is an answer made small on its way?

By gzip, where whoever asks takes it, and by nothing else: the API server's proxy unpacks what is
HTML, so that it can put its prefix before links, and what HTTP calls `deflate` it cannot read.

Facts: Kubernetes, apimachinery/pkg/util/proxy/transport.go reads `deflate` without the zlib header
that RFC 9110 asks for, and answers 500; aiohttp prefers `deflate` of all that a browser takes.
"""

from __future__ import annotations

from aiohttp import web


def pack(answer: web.Response, request: web.Request) -> None:
    """Send it packed, if that may be."""
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.enable_compression(web.ContentCoding.gzip)
