"""A hub in one process: the Kubernetes API over real HTTP, with Argo CD's controllers behind it.

`gate-watcher demo` runs against it, and so do the tests. It imports nothing of the rest of the
package, so that it can judge it; recorded exchanges and streams of a real hub judge it in turn.
"""
