"""Which keys has the policy file, and why is each default what it is?

The one table of them. Defaults themselves are in policy.py, with the structs that hold them.

Facts (Kubernetes, apimachinery/pkg/util/validation/validation.go): a label key is PREFIX/NAME, the
prefix a DNS subdomain of at most 253 characters, the name at most 63 letters, digits, `-`, `_`
and `.` that begin and end with a letter or digit; a namespace is a DNS label of at most 63. The
prefixes `kubernetes.io` and `k8s.io` belong to Kubernetes (its page on labels), `argoproj.io` to
Argo CD, whose cluster Secrets carry `argocd.argoproj.io/secret-type`: under that prefix it would be
taken for a gate.

Elsewhere: what the words of these shapes mean (shapes.py); how a file is read by them (reading.py).
"""

from __future__ import annotations

from watcher.policy.policy import (
    LEAST_SOAK_S,
    RESERVED,
    Accept,
    Budgets,
    Gates,
    Polarity,
    Policy,
    Tier,
)
from watcher.policy.shapes import (
    Constant,
    Count,
    Duration,
    Key,
    ListOf,
    OneOf,
    Rule,
    Section,
    Switch,
    Text,
)

MOST_TIERS = 100
"""What a tier depends on is kept for each, and that grows with the square; the labels of a hundred
tiers are over 3 KiB on every Secret."""

_DNS_LABEL = Rule(
    pattern="^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
    problem="is not the name of a namespace",
    remedy="use at most 63 lower-case letters, digits and dashes, as argocd",
)
_PREFIX = Rule(
    pattern=r"^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    problem="is not the prefix of a Kubernetes label key",
    remedy="use a DNS name in lower case of at most 253 characters, as gates.example.com",
)
_OWN_PREFIX = Rule(
    pattern=r"^(?!(.*\.)?(kubernetes\.io|k8s\.io|argoproj\.io)$).*$",
    problem="belongs to Kubernetes or Argo CD, whose own labels would be taken for gates",
    remedy="use a DNS name of your own, as gates.example.com",
)
_TIER_NAME = Rule(
    pattern="^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
    problem="cannot be the name in a Kubernetes label key",
    remedy="use at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, "
    "as compute",
)
_NOT_RESERVED = Rule(
    pattern=f"^(?!({'|'.join(sorted(RESERVED))})$).*$",
    problem="is reserved: that key means something else on a Secret or an Application",
    remedy="choose another name, as compute",
)
_APPLICATION_SET = Rule(
    pattern=r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/)?(?=[^/]{1,253}$)"
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    problem="is not the name of an ApplicationSet",
    remedy="write NAME or NAMESPACE/NAME, as argocd/bootstrap",
)

_GATES = Section(
    into=Gates,
    keys=(
        Key(
            name="prefix",
            field="prefix",
            shape=Text((_PREFIX, _OWN_PREFIX)),
            says="What the label keys of gates begin with: PREFIX/TIER on a spoke's Secret.",
            because="it is ours, so no label that is on the Secrets already is taken for a gate",
            example="gates.example.com",
        ),
        Key(
            name="polarity",
            field="polarity",
            shape=OneOf(Polarity),
            says="What opens a gate: admit sets its label to open, block removes the label closed.",
            because="a spoke that nobody labelled has closed gates, and one missing label opens "
            "nothing",
            example="admit",
        ),
    ),
)

_TIER = Section(
    into=Tier,
    keys=(
        Key(
            name="name",
            field="name",
            shape=Text((_TIER_NAME, _NOT_RESERVED)),
            says="The tier's name, and the last part of its label key.",
            example="compute",
            required=True,
        ),
        Key(
            name="dependsOn",
            field="depends_on",
            shape=ListOf(Text(), most=MOST_TIERS, why="that is more than there may be tiers"),
            says="The tiers that must be settled on a spoke before this one opens there; [] is "
            "none.",
            otherwise="the tier before it in the list",
            because="most fleets have one order, and a list shows it",
            example="[crds]",
        ),
        Key(
            name="optional",
            field="optional",
            shape=Switch(),
            says="Whether the tier passes where no ApplicationSet of the hub belongs to it.",
            because="a tier that nothing uses is more often a misspelt label than meant",
            example="true",
        ),
        Key(
            name="soak",
            field="soak_s",
            shape=Duration(
                LEAST_SOAK_S,
                "Argo CD's stamps have whole seconds, and a status can be that much older than "
                "it looks",
            ),
            says="How long every Application must stay converged until the tier is settled.",
            because="it is five times the moment in which Argo CD can show a finished operation "
            "beside the status from before it, and costs a spoke of eight tiers 80 seconds",
            example="30s",
        ),
        Key(
            name="deadline",
            field="deadline_s",
            shape=Duration(1.0, "every gate would be stalled as it opens"),
            says="How long after its opening a gate that never settled is stalled.",
            because="nodes, images and load balancers of a new cluster take minutes; a stalled "
            "gate is alerted, and that must mean something",
            example="20m",
        ),
        Key(
            name="emptyAfter",
            field="empty_after_s",
            shape=Duration(
                LEAST_SOAK_S, "Argo CD's stamps have whole seconds, and nothing is seen sooner"
            ),
            says="With Empty accepted: how long no Application may be there until that is "
            "believed, where their number cannot be known.",
            because="an ApplicationSet reads Git again every 3 minutes, so one whole reading "
            "lies within it",
            example="10m",
        ),
        Key(
            name="accept",
            field="accept",
            shape=ListOf(OneOf(Accept)),
            says="What is taken as settled although it is not quite.",
            because="each of them can hide that an addon does not work",
            example="[OutOfSync]",
        ),
    ),
)

_BUDGETS = Section(
    into=Budgets,
    keys=(
        Key(
            name="spokesInProgress",
            field="spokes_in_progress",
            shape=Count(),
            says="On how many spokes at most gates may be open and not yet settled.",
            because="what fills a controller's memory is the first load of a cluster, and four at "
            "once are a small part of the clusters that one controller holds",
            example="8",
        ),
        Key(
            name="applicationsInProgress",
            field="applications_in_progress",
            shape=Count(),
            says="How many Applications at most may be behind gates that are not yet settled.",
            otherwise="no limit",
            because="the spokes in progress bound them already",
            example="200",
        ),
        Key(
            name="interval",
            field="interval_s",
            shape=Duration(),
            says="The least time between two admissions.",
            because="a fixed pause waits where nothing needs it, and not where something does",
            example="30s",
        ),
    ),
)

POLICY = Section(
    into=Policy,
    keys=(
        Key(
            name="apiVersion",
            field="",
            shape=Constant("config.gate-watcher.io/v1alpha1"),
            says="Which edition of this file it is.",
            example="config.gate-watcher.io/v1alpha1",
            required=True,
        ),
        Key(
            name="kind",
            field="",
            shape=Constant("GateWatcherConfiguration"),
            says="That this is a policy of the gate watcher.",
            example="GateWatcherConfiguration",
            required=True,
        ),
        Key(
            name="gates",
            field="gates",
            shape=_GATES,
            says="How a gate is written on a spoke's Secret. One choice for the whole hub.",
        ),
        Key(
            name="namespace",
            field="namespace",
            shape=Text((_DNS_LABEL,)),
            says="The namespace in which Argo CD runs, with its cluster Secrets.",
            because="it is where Argo CD's own manifests put it",
            example="argocd",
        ),
        Key(
            name="applicationNamespaces",
            field="application_namespaces",
            shape=ListOf(Text((_DNS_LABEL,)), least=1, why="no Application would ever be seen"),
            says="The namespaces in which Applications and ApplicationSets are.",
            otherwise="the one that namespace names",
            because="Argo CD looks nowhere else unless it is told to",
            example="[argocd, team-a]",
        ),
        Key(
            name="tiers",
            field="tiers",
            shape=ListOf(
                _TIER,
                least=1,
                most=MOST_TIERS,
                why=f"there must be something to admit, and {MOST_TIERS} are more than a Secret's "
                "labels should hold",
            ),
            says="The tiers, in the order in which they are admitted.",
            example="[{name: crds}, {name: compute}]",
            required=True,
        ),
        Key(
            name="ignoreApplicationSets",
            field="ignore_application_sets",
            shape=ListOf(Text((_APPLICATION_SET,))),
            says="ApplicationSets that make no gate wait where their selection cannot be "
            "evaluated: NAME, in any namespace, or NAMESPACE/NAME.",
            because="what cannot be evaluated may be what an opening deletes",
            example="[argocd/bootstrap]",
        ),
        Key(
            name="budgets",
            field="budgets",
            shape=_BUDGETS,
            says="How much may be in progress at once.",
        ),
        Key(
            name="staleAfter",
            field="stale_after_s",
            shape=Duration(1.0, "nothing would ever be fresh"),
            says="How long the hub may say nothing about a watched kind before that kind is "
            "stale and nothing is admitted.",
            because="the hub speaks up about once a minute even where nothing happens, and under "
            "that a quiet hub looks stale",
            example="2m",
        ),
    ),
)
