"""Manifests as people write them, read as the command reads them."""

from __future__ import annotations

from pathlib import Path

from watcher.hub.documents import documents
from watcher.hub.written import Writings
from watcher.lint import Inventory, Linted, Place, lint
from watcher.policy import Polarity, Policy, read_policy

EXAMPLES = Path(__file__).parent / "examples"
CANARY = "CANARY-credential-must-never-appear"


def policy(polarity: Polarity = Polarity.ADMIT) -> Policy:
    """The policy of the examples: compute and metrics, each after crds."""
    name = "policy.yaml" if polarity is Polarity.ADMIT else "policy-block.yaml"
    read = read_policy((EXAMPLES / name).read_text(), file=name)
    assert isinstance(read, Policy)
    return read


def inventory(text: str, of: Policy | None, *, whole: bool = False, file: str = "x") -> Inventory:
    """What the text holds."""
    found, faults = documents(text.encode(), file=file)
    assert faults == []
    writings = Writings(of, namespace="argocd")
    for each in found:
        writings.take(each.body, Place(file, each.line), repeated=each.repeated)
    return writings.inventory(whole=whole)


def example(name: str, *, whole: bool = False) -> Linted:
    """What is found in one of the examples."""
    text = (EXAMPLES / f"{name}.yaml").read_text()
    block = text.startswith("# polarity: block")
    of = policy(Polarity.BLOCK if block else Polarity.ADMIT)
    return lint(inventory(text, of, whole=whole, file=f"{name}.yaml"))


def codes(linted: Linted) -> set[str]:
    """The codes of what was found."""
    return {each.code for each in linted.findings}


def said(linted: Linted, code: str) -> list[str]:
    """What was said under this code."""
    return [each.what for each in linted.findings if each.code == code]


def application_set(
    generators: str,
    *,
    name: str = "x",
    spec: str = "",
    template: str = "metadata: {name: '{{.name}}-x'}, spec: {destination: {name: '{{.name}}'}}",
) -> str:
    """An ApplicationSet with these generators, in YAML's flow style."""
    return (
        f"---\napiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {name}}}\n"
        f"spec: {{goTemplate: true, generators: [{generators}], template: {{{template}}}{spec}}}\n"
    )


def clusters(labels: str = "gate-watcher.io/compute: open") -> str:
    """A clusters generator that asks for these labels, in YAML's flow style."""
    return f"{{clusters: {{selector: {{matchLabels: {{{labels}}}}}}}}}"


def secret(name: str = "a", labels: str = "", *, metadata: str = "", server: str = "") -> str:
    """A cluster Secret with a credential, in YAML's flow style."""
    more = f", {labels}" if labels else ""
    where = server or f"https://{name}.example.invalid"
    return (
        "---\napiVersion: v1\nkind: Secret\nmetadata: "
        f"{{name: cluster-{name}, labels: {{argocd.argoproj.io/secret-type: cluster{more}}}"
        f"{metadata}}}\nstringData: {{name: {name}, server: '{where}', config: '{CANARY}'}}\n"
    )


def app(name: str, on: str, *, of: str = "x", metadata: str = "", status: str = "{}") -> str:
    """An Application of an ApplicationSet."""
    owner = "apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, uid: u, controller: true"
    return (
        "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: "
        f"{{name: {name}, ownerReferences: [{{name: {of}, {owner}}}]{metadata}}}\n"
        f"spec: {{destination: {{name: {on}}}}}\nstatus: {status}\n"
    )


def judged(*texts: str, of: Policy | None = None, whole: bool = False) -> Linted:
    """What is found in these texts together, under the policy of the examples or another one."""
    return lint(inventory("".join(texts), of or policy(), whole=whole))
