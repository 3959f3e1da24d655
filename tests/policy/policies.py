"""Policies that are good, and single mistakes made in one of them.

Each mistake is one Fault: the reader's tests ask for it at its key and line, the schema's whether a
schema can see it.
"""

from __future__ import annotations

from msgspec import Struct

HEAD = "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"

WHOLE = """\
apiVersion: config.gate-watcher.io/v1alpha1
kind: GateWatcherConfiguration
gates:
  prefix: gates.example.com
  polarity: block
namespace: argo
applicationNamespaces: [argo, team-a]
tiers:
- name: crds
  soak: 2s
- name: compute
  deadline: 20m
  emptyAfter: 10m
  accept: [OutOfSync, Empty]
- name: mesh
  dependsOn: [crds]
  optional: true
- name: apps
  dependsOn: [compute, mesh]
ignoreApplicationSets: [bootstrap, team-a/shared]
budgets:
  spokesInProgress: 8
  applicationsInProgress: 200
  interval: 1m30s
pacing:
  withoutLimit: 3
memory:
  selector: app=argocd,component in (controller, sharded),!canary
  port: 9090
  path: /controller/metrics
  scrapeEvery: 10s
  staleAfter: 1m
  limit: 4Gi
  overhead: 120Mi
  high: 0.8
  low: 60%
  coolDown: 5m
  collecting: 0.3
  survive: running
  prior:
    idle: 16Mi
    spoke: 40Mi
    load: 150M
    later: 52428800
    resync: 512Ki
    restart: 2
recovery: park
staleAfter: 2m
rings:
- name: canary
  selector: ring=canary,!retired
  tiers: [compute]
  startWhen:
    approval: true
  stopWhen:
    stalled: 10%
- name: fleet
  selector: ring in (fleet)
  startWhen:
    settled: 95%
    bake: 1h
  stopWhen: {stalled: 5}
- name: rest
windows:
- name: weekend
  kind: deny
  schedule: "0 22 * * 5"
  duration: 60h
  timeZone: Europe/Berlin
  rings: [fleet, rest]
- name: office
  kind: allow
  schedule: 0 9-16 * * MON-FRI
  duration: 90m
"""
"""Every key, none with its default."""

GOOD = {
    "the least": HEAD + "tiers: [{name: crds}]\n",
    "every key": WHOLE,
    "in reverse": HEAD + "tiers: [{name: b, dependsOn: [a]}, {name: a, dependsOn: []}]\n",
    "as JSON": '{"apiVersion": "config.gate-watcher.io/v1alpha1", "tiers": [{"name": "crds"}], '
    '"kind": "GateWatcherConfiguration"}',
    "with a document's marks": f"---\n{HEAD}tiers:\n- name: crds\n...\n",
    "with an anchor that nothing uses": HEAD + "tiers: &tiers [{name: crds}]\n",
    "with carriage returns": (HEAD + "tiers:\n- name: crds\n").replace("\n", "\r\n"),
    "with what YAML takes for numbers, in quotes": HEAD + "tiers: [{name: '10'}, {name: \"on\"}]\n",
    "with a choice that YAML takes for a boolean": HEAD + "tiers: [{name: a}]\nrecovery: off\n",
    "with a choice that a template took for one": HEAD + "tiers: [{name: a}]\nrecovery: false\n",
    "with a choice in quotes": HEAD + "tiers: [{name: a}]\nrecovery: 'off'\n",
    "with windows and rings that are only named": HEAD + "tiers: [{name: a}]\n"
    "rings: [{name: a, selector: 'a in (b,c), !d'}]\nwindows:\n"
    "- {name: a, kind: deny, schedule: '0 0 L * 1#2', duration: 1m, rings: [a, default]}\n",
    "with no window": HEAD + "tiers: [{name: a}]\nwindows: []\n",
    "with all of a ring settled": HEAD + "tiers: [{name: a}]\n"
    "rings: [{name: default, startWhen: {settled: 1}}]\n",
    "with names at their longest": f"{HEAD}gates: {{prefix: {'a.' * 126}b}}\n"
    f"tiers: [{{name: {'x' * 63}}}]\nnamespace: {'n' * 63}\n",
}


class Mistake(Struct, frozen=True):
    """What is written in WHOLE, what somebody writes instead, and what is said of it."""

    right: str
    wrong: str
    key: str
    says: str
    """A part of the Fault's one line."""
    schema_sees: bool = True
    lines_down: int = 0
    """How far below the beginning of `wrong` the fault is."""

    @property
    def text(self) -> str:
        """The policy with the mistake."""
        assert WHOLE.count(self.right) == 1, self.right
        return WHOLE.replace(self.right, self.wrong)

    @property
    def line(self) -> int:
        """Where the mistake is."""
        return WHOLE[: WHOLE.index(self.right)].count("\n") + 1 + self.lines_down


LONG_PREFIX = "a." * 126 + "bc"
MANY = ", ".join(f"{{name: t{number}}}" for number in range(100))

MISTAKES = {
    # which file it is
    "another edition": Mistake(
        "gate-watcher.io/v1alpha1", "gate-watcher.io/v1", "apiVersion", "v1alpha1"
    ),
    "no edition": Mistake(
        "apiVersion: config.gate-watcher.io/v1alpha1\n", "", "apiVersion", "is missing"
    ),
    "another kind": Mistake("kind: GateW", "kind: Gatew", "kind", "write GateWatcherConfiguration"),
    # keys
    "a key nearly right": Mistake("soak: 2s", "soaks: 2s", "tiers[0].soaks", "did you mean soak?"),
    "a key in snake case": Mistake(
        "dependsOn: [crds]", "depends_on: [crds]", "tiers[2].depends_on", "did you mean dependsOn?"
    ),
    "a key in another case": Mistake(
        "staleAfter: 2m", "StaleAfter: 2m", "StaleAfter", "did you mean staleAfter?"
    ),
    "a needed key nearly right": Mistake("tiers:\n", "tires:\n", "tires", "did you mean tiers?"),
    "a needed name nearly right": Mistake(
        "- name: crds", "- nmae: crds", "tiers[0].nmae", "did you mean name?"
    ),
    "a key like none": Mistake(
        "soak: 2s", "zzz: 2s", "tiers[0].zzz", "known here: name, dependsOn"
    ),
    "a key nearly one that is there": Mistake(
        "  soak: 2s",
        "  soak: 2s\n  soaks: 3s",
        "tiers[0].soaks",
        "did you mean soak?",
        lines_down=1,
    ),
    "a key that YAML takes for a boolean": Mistake(
        "soak: 2s", "on: 2s", "tiers[0].on", "not a key"
    ),
    "a key without a name": Mistake("soak: 2s", '"": 2s', 'tiers[0].""', "is not a key"),
    "a key of two lines": Mistake("soak: 2s", '"a\\nb": 2s', 'tiers[0]."a\\nb"', "is not a key"),
    "a key that is a list": Mistake(
        "  soak: 2s", "  ? [a]\n  : 2s", "tiers[0].a list", "is no word", schema_sees=False
    ),
    "a key twice": Mistake(
        "  soak: 2s",
        "  soak: 2s\n  soak: 3s",
        "tiers[0].soak",
        "given twice, first on line 10",
        schema_sees=False,
        lines_down=1,
    ),
    "a merge of mappings": Mistake(
        "soak: 2s", "<<: {soak: 2s}", "tiers[0].<<", "is not a key", schema_sees=False
    ),
    "no tiers": Mistake(
        WHOLE[WHOLE.index("tiers:") : WHOLE.index("ignore")],
        "",
        "tiers",
        "add tiers:",
        lines_down=-7,
    ),
    "no name": Mistake("- name: apps\n  dep", "- dep", "tiers[3].name", "is missing"),
    # what stands behind them
    "no value": Mistake("namespace: argo", "namespace:", "namespace", "has no value"),
    "no value in a list": Mistake("[argo, ", "[~, ", "applicationNamespaces[0]", "has no value"),
    "an alias": Mistake(
        "[crds]\n  optional: true\n- name: apps\n  dependsOn: [compute, mesh]",
        "&needs [crds]\n  optional: true\n- name: apps\n  dependsOn: *needs",
        "tiers[3].dependsOn",
        "is an alias",
        schema_sees=False,
        lines_down=3,
    ),
    "a boolean for a name": Mistake("team-a]", "on]", "applicationNamespaces[1]", 'quotes: "on"'),
    "a number for a name": Mistake("namespace: argo", "namespace: 10", "namespace", 'quotes: "10"'),
    "a date for a name": Mistake(
        "namespace: argo", "namespace: 2026-11-24", "namespace", "the value 2026-11-24, not a text"
    ),
    "a tag of one's own": Mistake(
        "namespace: argo", "namespace: !x a", "namespace", "the value a", schema_sees=False
    ),
    "a list for a name": Mistake("namespace: argo", "namespace: [argo]", "namespace", "is a list"),
    "a text for a list": Mistake("[crds]", "crds", "tiers[2].dependsOn", "write [crds]"),
    "a mapping for a list": Mistake("[crds]", "{crds: 1}", "tiers[2].dependsOn", "is a mapping"),
    "a text for a mapping": Mistake(
        "- name: crds\n  soak: 2s", "- crds", "tiers[0]", "not a mapping"
    ),
    "a list for a mapping": Mistake(
        "gates:\n  prefix: gates.example.com\n  polarity: block",
        "gates: [prefix]",
        "gates",
        "give it prefix, polarity",
    ),
    "a text for a boolean": Mistake(
        "optional: true", "optional: 'true'", "tiers[2].optional", "without quotes"
    ),
    "a number for a boolean": Mistake(
        "optional: true", "optional: 1", "tiers[2].optional", "true or"
    ),
    "a text for a number": Mistake(
        "Progress: 8", "Progress: '8'", "budgets.spokesInProgress", "without quotes: 8"
    ),
    "a word for a number": Mistake(
        "Progress: 8", "Progress: all", "budgets.spokesInProgress", "not a whole number"
    ),
    "a fraction for a number": Mistake(
        "Progress: 8", "Progress: 8.5", "budgets.spokesInProgress", "not a whole number"
    ),
    "a number that YAML takes for octal": Mistake(
        "Progress: 8",
        "Progress: 010",
        "budgets.spokesInProgress",
        "plain digits",
        schema_sees=False,
    ),
    "nothing for a number": Mistake(
        "Progress: 8", "Progress: 0", "budgets.spokesInProgress", "write 1 or more"
    ),
    "a negative number": Mistake(
        "Progress: 200", "Progress: -1", "budgets.applicationsInProgress", "write 1 or more"
    ),
    "an absurd number": Mistake(
        "Progress: 200",
        f"Progress: {'9' * 5000}",
        "budgets.applicationsInProgress",
        "absurd",
        False,
    ),
    # durations
    "a number for a duration": Mistake(
        "deadline: 20m", "deadline: 90", "tiers[1].deadline", "90 has no unit; write 90s"
    ),
    "a duration without its unit": Mistake(
        "deadline: 20m", "deadline: '90'", "tiers[1].deadline", "90 has no unit; write 90s"
    ),
    "a negative duration": Mistake(
        "interval: 1m30s", "interval: -5s", "budgets.interval", "negative"
    ),
    "a fraction of a duration": Mistake(
        "deadline: 20m", "deadline: 1.5h", "tiers[1].deadline", "as 90s, 10m or 1h30m"
    ),
    "a duration finer than seconds": Mistake(
        "interval: 1m30s", "interval: 500ms", "budgets.interval", "whole hours, minutes and seconds"
    ),
    "a duration in days": Mistake(
        "deadline: 20m", "deadline: 1d", "tiers[1].deadline", "no length"
    ),
    "a duration upside down": Mistake("1m30s", "30s1m", "budgets.interval", "no length of time"),
    "a duration that YAML takes for a number": Mistake(
        "interval: 1m30s", "interval: 1:30", "budgets.interval", "no length of time"
    ),
    "an absurd duration": Mistake(
        "deadline: 20m", "deadline: 9000h", "tiers[1].deadline", "absurdly long", schema_sees=False
    ),
    "a soak under Argo CD's stamps": Mistake(
        "soak: 2s", "soak: 1s", "tiers[0].soak", "stamps have whole seconds", schema_sees=False
    ),
    "no deadline": Mistake(
        "deadline: 20m", "deadline: 0s", "tiers[1].deadline", "too short", schema_sees=False
    ),
    "a deadline under its soak": Mistake(
        "deadline: 20m", "deadline: 9s", "tiers[1].deadline", "no time to soak for 10s", False
    ),
    "a soak over the default deadline": Mistake(
        "soak: 2s", "soak: 45m", "tiers[0].soak", "a deadline of 30m leaves no time", False
    ),
    "an empty text for a duration": Mistake(
        "deadline: 20m", 'deadline: ""', "tiers[1].deadline", '""'
    ),
    "nothing ever fresh": Mistake(
        "staleAfter: 2m", "staleAfter: 0s", "staleAfter", "too short", schema_sees=False
    ),
    "readings too often": Mistake(
        "scrapeEvery: 10s", "scrapeEvery: 0s", "memory.scrapeEvery", "too short", schema_sees=False
    ),
    # ports, amounts, shares, factors
    "no such port": Mistake("port: 9090", "port: 65536", "memory.port", "no such port"),
    "a port of nothing": Mistake("port: 9090", "port: 0", "memory.port", "write 1 to 65535"),
    "a port's name": Mistake("port: 9090", "port: metrics", "memory.port", "plain digits, as 8082"),
    "a port in quotes": Mistake("port: 9090", "port: '9090'", "memory.port", "quotes: 9090"),
    "an amount in gigabytes": Mistake("limit: 4Gi", "limit: 4GB", "memory.limit", "900Mi or 4Gi"),
    "an amount as Go writes it": Mistake(
        "limit: 4Gi", "limit: 4GiB", "memory.limit", '"4GiB" is no amount of memory'
    ),
    "an amount without its unit": Mistake(
        "limit: 4Gi", "limit: 4", "memory.limit", "is 4 bytes, which is absurdly little"
    ),
    "an amount that YAML takes for octal": Mistake(
        "52428800", "0520000000", "memory.prior.later", "no amount of memory", schema_sees=False
    ),
    "an absurd amount": Mistake(
        "overhead: 120Mi", "overhead: 120Ti", "memory.overhead", "write 64Ti or less", False
    ),
    "an absurd plain amount": Mistake(
        "52428800", "99999999999999999", "memory.prior.later", "absurdly much"
    ),
    "a negative amount": Mistake("limit: 4Gi", "limit: -4Gi", "memory.limit", "no amount"),
    "a list for an amount": Mistake(
        "limit: 4Gi", "limit: [4Gi]", "memory.limit", "write an amount of memory, as 900Mi"
    ),
    "a share in percent without its sign": Mistake(
        "high: 0.8", "high: 80", "memory.high", "write it as 0.85 or 85%"
    ),
    "a share of all": Mistake("high: 0.8", "high: 1.0", "memory.high", "less than all"),
    "a share of all in percent": Mistake("low: 60%", "low: 100%", "memory.low", "less than all"),
    "a share of nothing": Mistake("low: 60%", "low: 0%", "memory.low", "more than nothing"),
    "a share in words": Mistake(
        "collecting: 0.3", "collecting: third", "memory.collecting", "the text third, not a share"
    ),
    "a share in quotes": Mistake(
        "collecting: 0.3", "collecting: '0.3'", "memory.collecting", "without quotes: 0.3"
    ),
    "a factor in percent": Mistake(
        "restart: 2", "restart: 140%", "memory.prior.restart", "not a factor"
    ),
    "a factor that shrinks": Mistake(
        "restart: 2", "restart: 0.4", "memory.prior.restart", "write 1 or more"
    ),
    "an absurd factor": Mistake(
        "restart: 2", "restart: 140", "memory.prior.restart", "write 10 or less"
    ),
    "marks upside down": Mistake(
        "low: 60%", "low: 85%", "memory.low", "low mark is 0.85 and the high one 0.8", False
    ),
    "readings stale before the next": Mistake(
        "staleAfter: 1m", "staleAfter: 10s", "memory.staleAfter", "next one comes after 10s", False
    ),
    "a limit that the overhead fills": Mistake(
        "limit: 4Gi", "limit: 4Mi", "memory.limit", "taken by the overhead of 120Mi", False
    ),
    "a share of more than all": Mistake(
        "settled: 95%", "settled: 101%", "rings[1].startWhen.settled", "at most all"
    ),
    "a number that is no share": Mistake(
        "settled: 95%", "settled: 95", "rings[1].startWhen.settled", "at most all"
    ),
    "a share of none": Mistake(
        "settled: 95%", "settled: 0%", "rings[1].startWhen.settled", "more than nothing"
    ),
    "a fraction for a number or a share": Mistake(
        "stalled: 10%", "stalled: 0.1", "rings[0].stopWhen.stalled", "digits, as 4 or 10%"
    ),
    "nothing for a number or a share": Mistake(
        "stalled: 10%", "stalled: 0", "rings[0].stopWhen.stalled", "write 1 or more, as 4 or 10%"
    ),
    "all for a number or a share": Mistake(
        "stalled: 10%", "stalled: 100%", "rings[0].stopWhen.stalled", "write it as 4 or 10%"
    ),
    "a number or a share in quotes": Mistake(
        "{stalled: 5}", "{stalled: '5'}", "rings[1].stopWhen.stalled", "without quotes: 5"
    ),
    "a window too short": Mistake(
        "duration: 60h", "duration: 59s", "windows[0].duration", "write 1m or more", False
    ),
    # choices
    "a choice that YAML takes for another boolean": Mistake(
        "recovery: park", "recovery: on", "recovery", "known here: off, park"
    ),
    "what survives nearly right": Mistake(
        "survive: running", "survive: runing", "memory.survive", "did you mean running?"
    ),
    "a choice in another case": Mistake(
        "OutOfSync", "outofsync", "tiers[1].accept[0]", "did you mean OutOfSync?"
    ),
    "a choice like none": Mistake(
        "OutOfSync", "zzz", "tiers[1].accept[0]", "known here: OutOfSync"
    ),
    "a polarity nearly right": Mistake(
        "polarity: block", "polarity: blocks", "gates.polarity", "did you mean block?"
    ),
    "a kind of window like none": Mistake(
        "kind: deny", "kind: freeze", "windows[0].kind", "known here: allow, deny"
    ),
    "no kind of window": Mistake(
        "  kind: deny\n", "", "windows[0].kind", "add kind: deny", lines_down=-1
    ),
    # names
    "a selector of everything": Mistake(
        "selector: app=argocd,component in (controller, sharded),!canary",
        'selector: ""',
        "memory.selector",
        "not a label selector",
    ),
    "a selector as a field": Mistake(
        "app=argocd,component", "app:argocd,component", "memory.selector", "not a label selector"
    ),
    "a selector that compares": Mistake(
        "app=argocd,component", "app>4,component", "memory.selector", "not a label selector"
    ),
    "a ring's selector with a blank": Mistake(
        "ring=canary,!retired", "ring canary", "rings[0].selector", "as ring=canary"
    ),
    "a ring with a slash": Mistake(
        "- name: canary", "- name: eu/canary", "rings[0].name", "63 letters"
    ),
    "a window without a name": Mistake(
        "- name: weekend", "- name: ''", "windows[0].name", "is no name that a command"
    ),
    "a schedule with seconds": Mistake(
        '"0 22 * * 5"', '"0 0 22 * * 5"', "windows[0].schedule", "no cron expression of five fields"
    ),
    "a schedule by its nickname": Mistake(
        '"0 22 * * 5"', '"@weekly"', "windows[0].schedule", "no cron expression of five fields"
    ),
    "a schedule with a question mark": Mistake(
        '"0 22 * * 5"', '"0 22 ? * 5"', "windows[0].schedule", "no cron expression of five fields"
    ),
    "a number for a schedule": Mistake(
        '"0 22 * * 5"', "5", "windows[0].schedule", "is the number 5, not a text"
    ),
    "a zone by its offset": Mistake(
        "Europe/Berlin", '"+01:00"', "windows[0].timeZone", "IANA name, as Europe/Berlin"
    ),
    "the zone of the machine": Mistake(
        "Europe/Berlin", "localtime", "windows[0].timeZone", "is not the name of a time zone"
    ),
    "a path with its host": Mistake(
        "path: /controller/metrics", "path: http://x/metrics", "memory.path", "begin it with one /"
    ),
    "a path that would be a host": Mistake(
        "path: /controller/metrics", "path: //x/metrics", "memory.path", "begin it with one /"
    ),
    "a prefix with a slash": Mistake(
        "prefix: gates.example.com", "prefix: example.com/gates", "gates.prefix", "DNS name"
    ),
    "a prefix in capitals": Mistake(
        "prefix: gates.", "prefix: Gates.", "gates.prefix", "lower case"
    ),
    "a prefix too long": Mistake(
        "gates.example.com", LONG_PREFIX, "gates.prefix", "253 characters"
    ),
    "a prefix of Argo CD's": Mistake(
        "gates.example.com",
        "argocd.argoproj.io",
        "gates.prefix",
        "belongs to Kubernetes or Argo CD",
    ),
    "a prefix of Kubernetes'": Mistake(
        "gates.example.com", "kubernetes.io", "gates.prefix", "belongs to Kubernetes or Argo CD"
    ),
    "a tier with a slash": Mistake("name: apps", "name: a/b", "tiers[3].name", "label key"),
    "a tier with a dash behind": Mistake("name: apps", "name: apps-", "tiers[3].name", "label key"),
    "a tier too long": Mistake("name: apps", f"name: {'x' * 64}", "tiers[3].name", "63 letters"),
    "a tier without a name": Mistake("name: apps", 'name: ""', "tiers[3].name", "label key"),
    "a tier on two lines": Mistake(
        "name: apps", 'name: "a\\nb"', "tiers[3].name", '"a\\nb" cannot'
    ),
    "a tier with a line's end": Mistake(
        "name: apps", 'name: "apps\\n"', "tiers[3].name", '"apps\\n"', schema_sees=False
    ),
    "a reserved tier": Mistake("name: apps", "name: opened", "tiers[3].name", "is reserved"),
    "a namespace in capitals": Mistake(
        "namespace: argo", "namespace: Argo", "namespace", "lower-case"
    ),
    "a pattern of namespaces": Mistake(
        "team-a]\n", '"team-*"]\n', "applicationNamespaces[1]", "not the name of a namespace"
    ),
    "an ApplicationSet too deep": Mistake(
        "team-a/shared", "a/b/c", "ignoreApplicationSets[1]", "write NAME or NAMESPACE/NAME"
    ),
    # lists
    "no tier": Mistake(
        WHOLE[WHOLE.index("tiers:") : WHOLE.index("ignore")], "tiers: []\n", "tiers", "is empty"
    ),
    "no namespace": Mistake("[argo, team-a]", "[]", "applicationNamespaces", "is empty"),
    "a name twice in a list": Mistake(
        "[argo, team-a]", "[argo, argo]", "applicationNamespaces[1]", "as applicationNamespaces[0]"
    ),
    "too many tiers": Mistake(
        WHOLE[WHOLE.index("tiers:") : WHOLE.index("ignore")],
        f"tiers: [{MANY}, {{name: one-more}}]\n",
        "tiers",
        "keep at most 100",
    ),
    "no ring": Mistake(
        WHOLE[WHOLE.index("- name: canary") : WHOLE.index("windows:")],
        "  []\n",
        "rings",
        "is empty",
        lines_down=-1,
    ),
    "a ring that orders nothing": Mistake(
        "tiers: [compute]", "tiers: []", "rings[0].tiers", "it would order none"
    ),
    "a window of no ring": Mistake(
        "[fleet, rest]", "[]", "windows[0].rings", "it would concern none"
    ),
    # what the rings mean together
    "a ring twice": Mistake(
        "- name: rest\n",
        "- name: rest\n  selector: rest\n- name: rest\n",
        "rings[3].name",
        '"rest" is the name of rings[2] already',
        schema_sees=False,
        lines_down=2,
    ),
    "a ring without a selector before others": Mistake(
        "  selector: ring in (fleet)\n",
        "",
        "rings[1]",
        "takes every spoke and leaves none to the rings after it",
        schema_sees=False,
        lines_down=-1,
    ),
    "a selector twice": Mistake(
        "ring in (fleet)",
        "ring in (canary), ! retired",
        "rings[1].selector",
        "is that of rings[0] too",
        schema_sees=False,
    ),
    "a ring that is named as the one that is added": Mistake(
        "- name: rest\n",
        "- name: default\n  selector: rest\n- name: rest\n  selector: all\n",
        "rings[2].name",
        "the ring that is added",
        schema_sees=False,
    ),
    "a ring of an unknown tier": Mistake(
        "tiers: [compute]", "tiers: [computer]", "rings[0].tiers[0]", "did you mean compute?", False
    ),
    # what the windows mean together
    "a window twice": Mistake(
        "- name: office", "- name: weekend", "windows[1].name", "name of windows[0] already", False
    ),
    "a window of an unknown ring": Mistake(
        "[fleet, rest]", "[fleet, canery]", "windows[0].rings[1]", "did you mean canary?", False
    ),
    "a window of the ring that is not added": Mistake(
        "[fleet, rest]", "[fleet, default]", "windows[0].rings[1]", "there is no ring", False
    ),
    "an hour that no day has": Mistake(
        '"0 22 * * 5"', '"0 24 * * 5"', "windows[0].schedule", "the hour of", False
    ),
    "a schedule that never comes": Mistake(
        '"0 22 * * 5"', '"0 22 30 2 *"', "windows[0].schedule", "never comes", False
    ),
    "a window that never ends": Mistake(
        "duration: 60h",
        "duration: 168h",
        "windows[0].duration",
        "begins again after 168h at most; make it shorter than 168h",
        schema_sees=False,
    ),
    "an unknown time zone": Mistake(
        "Europe/Berlin", "Europe/Berlim", "windows[0].timeZone", "mean Europe/Berlin?", False
    ),
    "a time zone like none": Mistake(
        "Europe/Berlin", "Zzz", "windows[0].timeZone", "write its IANA name", False
    ),
    # what the tiers mean together
    "a tier twice": Mistake(
        "- name: mesh\n  dependsOn: [crds]\n  optional: true\n",
        "- name: mesh\n- name: mesh\n",
        "tiers[3].name",
        '"mesh" is the name of tiers[2] already',
        schema_sees=False,
        lines_down=1,
    ),
    "an unknown tier that YAML takes for a boolean": Mistake(
        "[crds]", "[on]", "tiers[2].dependsOn[0]", 'quotes: "on"'
    ),
    "an unknown tier": Mistake(
        "[crds]", "[crdz]", "tiers[2].dependsOn[0]", "did you mean crds?", schema_sees=False
    ),
    "a tier like none": Mistake(
        "[crds]", "[zzz]", "tiers[2].dependsOn[0]", "name a tier of this file", schema_sees=False
    ),
    "a tier that depends on itself": Mistake(
        "[crds]", "[mesh]", "tiers[2].dependsOn[0]", "is the tier itself", schema_sees=False
    ),
    "a cycle": Mistake(
        "[crds]",
        "[crds, apps]",
        "tiers[2].dependsOn",
        "depends on itself: mesh -> apps -> mesh",
        schema_sees=False,
    ),
    "a cycle through what is not said": Mistake(
        "soak: 2s",
        "dependsOn: [compute]",
        "tiers[0].dependsOn",
        "depends on itself: crds -> compute -> crds",
        schema_sees=False,
    ),
}
