"""Health, metrics and `/api/v1` on one port: renders what it is given, decides nothing."""

from watcher.serve.meters import Meters
from watcher.serve.report import Decided, Report, Stream
from watcher.serve.site import Site, serve, site

__all__ = ["Decided", "Meters", "Report", "Site", "Stream", "serve", "site"]
