"""kubectl api-resources, api-versions, version, cluster-info, options: about the cluster and about kubectl.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/{apiresources,version,clusterinfo}`.
"""

from __future__ import annotations

from k8scourse.api import kinds
from k8scourse.api.kinds import Kind

from . import discovered, helptext, tabwriter
from .command import NO_HEADERS, OUTPUT, Command
from .errors import CommandError
from .flags import Flag, switch
from .session import Session
from .yamltext import to_json, to_yaml

CLIENT_VERSION = "v1.36.2"
_KUSTOMIZE = "v5.8.1"


def api_resources(session: Session) -> None:
    """`kubectl api-resources`."""
    key = session.flags["sort-by"]
    if key not in ("", "name", "kind"):
        raise CommandError("--sort-by accepts only name or kind")
    chosen = [kind for kind in discovered.kinds(session) if _is_chosen(session, kind)]
    chosen.sort(key=lambda kind: (kind.group, kind.plural))
    if key:
        chosen.sort(key=lambda kind: kind.plural if key == "name" else kind.kind)
    form = session.flags["output"]
    if form == "name":
        for kind in chosen:
            session.say(kind.resource_name)
        return
    if form not in ("", "wide"):
        raise CommandError(f"--output {form} is not available")
    rows = [_row(kind, form == "wide") for kind in chosen]
    if not session.flags["no-headers"]:
        head = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]
        rows.insert(0, head + (["VERBS", "CATEGORIES"] if form == "wide" else []))
    session.out.append(tabwriter.table(rows))


def _is_chosen(session: Session, kind: Kind) -> bool:
    flags = session.flags
    if "api-group" in flags and flags["api-group"] != kind.group:
        return False
    if "namespaced" in flags and flags["namespaced"] != kind.namespaced:
        return False
    wanted = flags["verbs"]
    return all(verb in kind.verbs for verb in wanted) and all(
        one in kind.categories for one in flags["categories"]
    )


def _row(kind: Kind, wide: bool) -> list[str]:
    namespaced = str(kind.namespaced).lower()
    cells = [kind.plural, ",".join(kind.short_names), kind.api_version, namespaced, kind.kind]
    return [*cells, ",".join(kind.verbs), ",".join(kind.categories)] if wide else cells


def api_versions(session: Session) -> None:
    """`kubectl api-versions`."""
    for version in sorted(discovered.versions(session)):
        session.say(version)


def version(session: Session) -> None:
    """`kubectl version`, of this command line and of the server."""
    client = {"gitVersion": CLIENT_VERSION, "major": "1", "minor": "36"}
    server = None if session.flags["client"] else session.send("GET", "/version")
    form = session.flags["output"]
    if form in ("json", "yaml"):
        value = {"clientVersion": client, "kustomizeVersion": _KUSTOMIZE}
        value |= {"serverVersion": server} if server else {}
        session.out.append(to_json(value) if form == "json" else to_yaml(value))
        return
    if form:
        raise CommandError("--output must be 'yaml' or 'json'")
    session.say(f"Client Version: {CLIENT_VERSION}\nKustomize Version: {_KUSTOMIZE}")
    if server:
        session.say(f"Server Version: {server['gitVersion']}")


def cluster_info(session: Session) -> None:
    """`kubectl cluster-info`."""
    address = session.client.transport.address
    where = session.flags["namespace"] or "kube-system"
    services = session.list(kinds.SERVICE, where, labels="kubernetes.io/cluster-service=true")
    session.say(f"Kubernetes control plane is running at https://{address}")
    for service in services:
        labels = service["metadata"].get("labels") or {}
        name = labels.get("kubernetes.io/name", service["metadata"]["name"])
        path = f"namespaces/{where}/services/{service['metadata']['name']}"
        session.say(f"{name} is running at https://{address}/api/v1/{path}/proxy")
    session.say("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.")


def options(session: Session) -> None:
    """`kubectl options`."""
    session.out.append(helptext.options())


COMMANDS = (
    Command(
        "api-resources", api_resources,
        (
            OUTPUT, NO_HEADERS, Flag("api-group"), switch("namespaced", default=True), Flag("sort-by"),
            switch("cached"),
            Flag("verbs", kind="strings", default=[]), Flag("categories", kind="strings", default=[]),
        ),
        "Print the supported API resources on the server",
    ),
    Command("api-versions", api_versions, (), "Print the supported API versions on the server"),
    Command("cluster-info", cluster_info, (), "Display cluster information"),
    Command("version", version, (switch("client"), OUTPUT), "Print the client and server version information"),
    Command("options", options, (), "Print the list of flags inherited by all commands"),
)  # fmt: skip
