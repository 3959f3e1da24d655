"""The gate watcher: admits addon tiers one at a time on every spoke of an Argo CD hub.

The rooms, from the top: cli, daemon, hub | scrape | serve | embedded_hub, decide, policy, facts.
Imports go downwards only, and a tool checks it (`[tool.importlinter]` in pyproject.toml).
"""
