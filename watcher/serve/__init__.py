"""Health and metrics on one port: renders what it is given, decides nothing."""

from watcher.serve.meters import Meters
from watcher.serve.report import Report, Stream
from watcher.serve.site import Site, serve, site

__all__ = ["Meters", "Report", "Site", "Stream", "serve", "site"]
