"""Health, metrics and `/api/v1` on one port: renders what it is given, decides nothing.

What neighbours may use besides these values is imported from its own file, since a command that
only reads an answer (shapes.py) would otherwise wait for a whole web server to be imported.
"""

from watcher.serve.report import Decided, Report, Stream

__all__ = ["Decided", "Report", "Stream"]
