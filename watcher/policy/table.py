"""Which keys has the policy file, and why is each default what it is?

The one table of them. Defaults themselves are in policy.py, with the structs that hold them.

Facts (Kubernetes, apimachinery/pkg/util/validation/validation.go): a label key is PREFIX/NAME, the
prefix a DNS subdomain of at most 253 characters, the name at most 63 letters, digits, `-`, `_`
and `.` that begin and end with a letter or digit; a namespace is a DNS label of at most 63. The
prefixes `kubernetes.io` and `k8s.io` belong to Kubernetes (its page on labels), `argoproj.io` to
Argo CD, whose cluster Secrets carry `argocd.argoproj.io/secret-type`: under that prefix it would be
taken for a gate. A label selector is a list of KEY, !KEY, KEY=VALUE, KEY!=VALUE, KEY in (VALUE,…)
and KEY notin (VALUE,…) with commas in between (apimachinery/pkg/labels/selector.go).

Measured on a real Argo CD 3.5 with small addons: what the reasons of the keys under `memory` say.

Elsewhere: what the words of these shapes mean (shapes.py); how a file is read by them (reading.py).
"""

from __future__ import annotations

from watcher.policy.policy import (
    LEAST_SOAK_S,
    RESERVED,
    Accept,
    Budgets,
    Gates,
    Memory,
    Pacing,
    Polarity,
    Policy,
    Prior,
    Recovery,
    Ring,
    StartWhen,
    StopWhen,
    Survive,
    Tier,
    Window,
    WindowKind,
)
from watcher.policy.shapes import (
    Constant,
    Count,
    CountOrShare,
    Duration,
    Factor,
    Key,
    ListOf,
    OneOf,
    Port,
    Quantity,
    Rule,
    Section,
    Share,
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
_NAME = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_LABEL_KEY = f"([a-z0-9]([-a-z0-9.]{{0,251}}[a-z0-9])?/)?{_NAME}"
_REQUIREMENT = (
    f" *(! *{_LABEL_KEY} *|{_LABEL_KEY}( *| *(==?|!=) *({_NAME} *)?"
    f"| +(in|notin) *\\( *({_NAME} *)?(, *({_NAME} *)?)*\\) *))"
)
_SELECTOR = Rule(
    pattern=f"^{_REQUIREMENT}(,{_REQUIREMENT})*$",
    problem="is not a label selector",
    remedy="write what Kubernetes takes for one, with commas in between, "
    "as app.kubernetes.io/name=argocd-application-controller",
)
_RING_SELECTOR = Rule(
    pattern=_SELECTOR.pattern,
    problem=_SELECTOR.problem,
    remedy="write what kubectl -l takes for one, with commas in between, as ring=canary",
)
_WORD = Rule(
    pattern=_TIER_NAME.pattern,
    problem="is no name that a command or a metric can give",
    remedy="use at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, "
    "as canary",
)
_SCHEDULE = Rule(
    pattern="^[-0-9A-Za-z*/,#]{1,200}( +[-0-9A-Za-z*/,#]{1,200}){4}$",
    problem="is no cron expression of five fields",
    remedy="write minute, hour, day of month, month and day of week in quotes, as 0 22 * * 5",
)
_ZONE = Rule(
    pattern="^(?!localtime$)[A-Za-z][-+A-Za-z0-9_/]{0,63}$",
    problem="is not the name of a time zone",
    remedy="write its IANA name, as Europe/Berlin",
)
_URL_PATH = Rule(
    pattern="^/(?!/)[-A-Za-z0-9._~!$&'()*+,;=:@%/]*$",
    problem="is not the path of a URL",
    remedy="begin it with one /, and leave out scheme, host and port, as /metrics",
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

_START_WHEN = Section(
    into=StartWhen,
    keys=(
        Key(
            name="settled",
            field="settled",
            shape=Share(all_too=True),
            says="The share of the spokes in the ring before it on which a tier must have settled "
            "before it opens in this one. A ring that does not order the tier, or has no gate of "
            "it, is passed over.",
            because="a spoke that has not settled may be the very one that shows what is broken, "
            "and those that are held, parked or out of reach are not counted",
            example="95%",
        ),
        Key(
            name="bake",
            field="bake_s",
            shape=Duration(),
            says="How long that must have been so.",
            because="every gate has soaked already, and how late an addon shows its faults is "
            "known only to those who know it",
            example="1h",
        ),
        Key(
            name="approval",
            field="approval",
            shape=Switch(),
            says="Whether a person must have approved the tier for this ring, too.",
            because="what waits for a person may wait for ever, and that is for people to want",
            example="true",
        ),
    ),
)

_STOP_WHEN = Section(
    into=StopWhen,
    keys=(
        Key(
            name="stalled",
            field="stalled",
            shape=CountOrShare(),
            says="So many stalled gates of a tier in this ring stop the tier there: it opens no "
            "more gates, and what is open goes on. In percent: of the ring's spokes with a gate of "
            "the tier, rounded down, but never less than one.",
            because="one spoke or two stall for reasons of their own; where it is three, it is "
            "more likely the addon",
            example="10%",
        ),
    ),
)

_RING = Section(
    into=Ring,
    keys=(
        Key(
            name="name",
            field="name",
            shape=Text((_WORD,)),
            says="The ring's name, by which windows, orders and metrics call it.",
            example="canary",
            required=True,
        ),
        Key(
            name="selector",
            field="selector",
            shape=Text((_RING_SELECTOR,)),
            says="Which spokes it takes, by the labels of their Secrets, written as for "
            "`kubectl -l`. Of spokes that several would take, the first ring has them. Only the "
            "last ring may have no selector.",
            otherwise="every spoke that no ring before it takes",
            because="a spoke that nobody labelled is admitted too, after those that were chosen; "
            "where every ring has a selector, a ring named default is added for them",
            example="ring=canary",
        ),
        Key(
            name="tiers",
            field="tiers",
            shape=ListOf(Text(), least=1, why="it would order none"),
            says="The tiers that wait for this ring's turn on its spokes; the others do not.",
            otherwise="all",
            because="any tier can break a spoke",
            example="[crds]",
        ),
        Key(
            name="startWhen",
            field="start",
            shape=_START_WHEN,
            says="What must be before a tier opens its first gate in this ring; once one is open "
            "there, nothing of it is asked any more. Of the first ring only the approval is asked.",
        ),
        Key(
            name="stopWhen",
            field="stop",
            shape=_STOP_WHEN,
            says="What stops a tier in this ring.",
        ),
    ),
)

_WINDOW = Section(
    into=Window,
    keys=(
        Key(
            name="name",
            field="name",
            shape=Text((_WORD,)),
            says="The window's name, by which a gate that waits for it calls it.",
            example="weekend-freeze",
            required=True,
        ),
        Key(
            name="kind",
            field="kind",
            shape=OneOf(WindowKind),
            says="What it does while it is open: deny lets no gate open; allow lets gates open, "
            "and where a ring has such windows, gates open there at no other time. Where both are "
            "open, deny wins.",
            example="deny",
            required=True,
        ),
        Key(
            name="schedule",
            field="schedule",
            shape=Text((_SCHEDULE,)),
            says="When it opens: minute, hour, day of month, month and day of week, as in a "
            "crontab. Where clocks go forward, what opens in the skipped hour opens at its end; "
            "where they go back, what opens in the doubled hour opens the first time only. With a "
            "star for the minute or the hour it follows the time that passes.",
            example='"0 22 * * 5"',
            required=True,
        ),
        Key(
            name="duration",
            field="duration_s",
            shape=Duration(60.0, "a schedule has whole minutes"),
            says="How long it is open each time, in time that passes: where clocks change in "
            "between, it ends an hour earlier or later by the clock.",
            example="60h",
            required=True,
        ),
        Key(
            name="timeZone",
            field="time_zone",
            shape=Text((_ZONE,)),
            says="The zone of the schedule's clock, by its IANA name.",
            because="it is the one that Kubernetes and Argo CD write their times in, and its "
            "clocks never change",
            example="Europe/Berlin",
        ),
        Key(
            name="rings",
            field="rings",
            shape=ListOf(Text(), least=1, why="it would concern none"),
            says="The rings that it concerns.",
            otherwise="all",
            because="a freeze that leaves a ring out should say so",
            example="[default]",
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
            says="On how many spokes of one shard at most gates may be open and not yet settled.",
            otherwise="as many as the shard's memory has room for; pacing.withoutLimit where it "
            "has no limit",
            because="what a spoke takes is learned on each shard, and a number that is right for "
            "one shard is too many for a smaller one and idles a larger",
            example="8",
        ),
        Key(
            name="applicationsInProgress",
            field="applications_in_progress",
            shape=Count(),
            says="How many Applications at most may be behind gates that are not yet settled.",
            otherwise="no limit",
            because="what bounds the spokes in progress bounds them already",
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

_PACING = Section(
    into=Pacing,
    keys=(
        Key(
            name="withoutLimit",
            field="without_limit",
            shape=Count(),
            says="On how many spokes at most gates may be open and not yet settled, on a shard "
            "without any memory limit.",
            because="without a limit no number says what is too much; four at a time brought 40 "
            "spokes up in 1.2 times the time of all at once, with no peak over what they need "
            "for good",
            example="8",
        ),
    ),
)

_PRIOR = Section(
    into=Prior,
    keys=(
        Key(
            name="idle",
            field="idle_bytes",
            shape=Quantity(),
            says="What a controller without any cluster takes of live heap.",
            because="a controller was measured at 8Mi before it loaded the first cluster",
            example="16Mi",
        ),
        Key(
            name="spoke",
            field="spoke_bytes",
            shape=Quantity(),
            says="What a loaded cluster takes of live heap for good.",
            because="the first gate of a spoke was measured to leave 10Mi to 18Mi, and started "
            "again, 30 spokes took 11Mi each",
            example="40Mi",
        ),
        Key(
            name="load",
            field="load_bytes",
            shape=Quantity(),
            says="What the load of a cluster takes of live heap while it lasts, beyond what it "
            "keeps.",
            because="one load at a time was measured to take 55Mi to 80Mi, with what stands "
            "showing as more than it is meanwhile",
            example="150Mi",
        ),
        Key(
            name="later",
            field="later_bytes",
            shape=Quantity(),
            says="What a later gate of a spoke takes of live heap until it has settled.",
            because="a gate of one addon was measured to take about that alone; of six spokes at "
            "once each took 17Mi to 22Mi, and that is reckoned with",
            example="90Mi",
        ),
        Key(
            name="resync",
            field="resync_bytes",
            shape=Quantity(),
            says="What the periodic resync takes of live heap for each loaded cluster.",
            because="with 26 spokes it was measured to take up to 70Mi together with two or three "
            "spokes in progress",
            example="5Mi",
        ),
        Key(
            name="restart",
            field="restart_factor",
            shape=Factor(),
            says="The peak of live heap in a restart, in times what the clusters take for good.",
            because="a restart loads everything at once, and was measured to peak at 1.3 to 1.4 "
            "times where it ends with 10 to 30 spokes",
            example="1.6",
        ),
    ),
)

_MEMORY = Section(
    into=Memory,
    keys=(
        Key(
            name="selector",
            field="selector",
            shape=Text((_SELECTOR,)),
            says="The label selector of the application controller's Pods.",
            because="Argo CD's own manifests give those Pods this label and no other",
            example="app.kubernetes.io/component=application-controller",
        ),
        Key(
            name="port",
            field="port",
            shape=Port(),
            says="The port of those Pods at which the controller shows its metrics.",
            because="the controller takes this one unless it is told another",
            example="9090",
        ),
        Key(
            name="path",
            field="path",
            shape=Text((_URL_PATH,)),
            says="The path of the metrics at that port.",
            because="the controller has them there and nowhere else",
            example="/controller/metrics",
        ),
        Key(
            name="scrapeEvery",
            field="scrape_every_s",
            shape=Duration(1.0, "nothing that matters to an admission changes within a second"),
            says="How often the metrics of each controller are read.",
            because="a rush was measured to kill a controller within 10 to 20 seconds, and two "
            "readings lie within that",
            example="10s",
        ),
        Key(
            name="staleAfter",
            field="stale_after_s",
            shape=Duration(),
            says="How long the last reading of a shard counts; after that nothing is admitted "
            "there until the next.",
            because="one or two readings may fail by chance; after six in a row nothing is known "
            "of a controller",
            example="1m",
        ),
        Key(
            name="limit",
            field="limit_bytes",
            shape=Quantity(),
            says="The memory limit of each controller's container; of this and the Pod's own the "
            "lower one counts.",
            otherwise="what the Pods say",
            because="that is the limit by which the kernel kills",
            example="4Gi",
        ),
        Key(
            name="overhead",
            field="overhead_bytes",
            shape=Quantity(),
            says="What a controller takes beside its heap, as it counts against its limit.",
            because="in every burst measured, resident memory peaked at 90Mi and twice the live "
            "heap, within 7 %; of these, 40Mi or more are the program's own file, which the "
            "kernel does not charge while it can drop it",
            example="120Mi",
        ),
        Key(
            name="high",
            field="high",
            shape=Share(),
            says="The share of its limit up to which a shard is filled.",
            because="peaks were measured within 7 % of what the rule predicts, and the rest is "
            "about twice that",
            example="80%",
        ),
        Key(
            name="low",
            field="low",
            shape=Share(),
            says="The share of its limit under which a shard that was full must be before it is "
            "filled again.",
            because="of a limit of 900Mi, what lies between the marks is about what the load of "
            "one cluster takes, so a single load does not fill a shard again",
            example="60%",
        ),
        Key(
            name="coolDown",
            field="cool_down_s",
            shape=Duration(),
            says="How long a shard that was full or killed must stay under the low mark before it "
            "is filled again, and how long it must stay up before parked spokes come back.",
            because="a controller with nothing to do collects its garbage every two minutes only, "
            "and until then it is not known what is left",
            example="5m",
        ),
        Key(
            name="collecting",
            field="collecting",
            shape=Share(),
            says="The share of its CPU that a controller spends collecting garbage, past which "
            "nothing more is admitted there.",
            because="a controller at its soft limit that spent 55 % so was measured to work 2.8 "
            "times slower, and this is well before that",
            example="30%",
        ),
        Key(
            name="survive",
            field="survive",
            shape=OneOf(Survive),
            says="What a shard must survive with all that is open on it: a restart, or only "
            "running on.",
            because="a controller was measured to run at a size at which it was then killed at "
            "every start, and a node that is drained or an upgrade starts it",
            example="running",
        ),
        Key(
            name="prior",
            field="prior",
            shape=_PRIOR,
            says="What things take of the controller's live heap, until this hub has shown it.",
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
            name="rings",
            field="rings",
            shape=ListOf(_RING, least=1, why="no spoke would be in any"),
            says="Groups of spokes, in the order in which each tier is admitted to them.",
            otherwise="one ring, default, with every spoke",
            because="which spokes go first is for people to choose",
            example="[{name: canary, selector: ring=canary}, {name: fleet}]",
        ),
        Key(
            name="windows",
            field="windows",
            shape=ListOf(_WINDOW),
            says="Times at which gates may open, or may not. What is open goes on when a window "
            "closes, and what has waited then opens within the budgets.",
            because="an admission is as safe at night as at any time, and when somebody should be "
            "there to see it is for people to say",
            example='[{name: night, kind: deny, schedule: "0 20 * * *", duration: 10h}]',
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
            name="pacing",
            field="pacing",
            shape=_PACING,
            says="How a shard is paced whose memory says nothing.",
        ),
        Key(
            name="memory",
            field="memory",
            shape=_MEMORY,
            says="How the controllers' memory is read, and how full a shard may be.",
        ),
        Key(
            name="recovery",
            field="recovery",
            shape=OneOf(Recovery),
            says="What is done about a shard that is killed for its memory again and again: park "
            "takes half of its spokes from it at each kill until it stays up, and brings them back "
            "one by one (Argo CD 3.4 or later).",
            because="Argo CD does nothing for a parked spoke until it is back, and that is for "
            "people to allow",
            example="park",
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
