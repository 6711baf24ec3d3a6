"""Who is behind a Service, and how that is packed into EndpointSlices: pure functions.

Pods with the same resolved ports share slices of at most 100 endpoints. The plan changes as little as possible:
endpoints stay in the slice they are in, free places are filled first, a slice that lost its last endpoint is
given to another set of ports before a new one is made.
Upstream: `staging/src/k8s.io/endpointslice/{reconciler,utils}.go`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from k8scourse.api import metadata, pods
from k8scourse.api.values import Object, get_in

MAX_ENDPOINTS = 100
SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
HEADLESS = "service.kubernetes.io/headless"
ZONE = "topology.kubernetes.io/zone"

Ports = list[Object]


class Plan(NamedTuple):
    """What to write: new slices, changed slices (whole objects), slices to delete."""

    create: list[Object]
    update: list[Object]
    delete: list[Object]


def resolve_ports(service: Object, pod: Object) -> Ports:
    """The Service's ports as this Pod serves them; a named target port that the Pod lacks is left out."""
    found: Ports = []
    for port in get_in(service, "spec.ports", []):
        number = _target_port(port, pod)
        if number is None:
            continue
        resolved = {"name": port.get("name", ""), "protocol": port.get("protocol", "TCP"), "port": number}
        if port.get("appProtocol"):
            resolved["appProtocol"] = port["appProtocol"]
        found.append(resolved)
    return found


def _target_port(port: Object, pod: Object) -> int | None:
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target or int(port["port"])
    for container in _serving_containers(pod):
        for exposed in container.get("ports") or ():
            same_protocol = exposed.get("protocol", "TCP") == port.get("protocol", "TCP")
            if exposed.get("name") == target and same_protocol:
                return int(exposed["containerPort"])
    return None


def _serving_containers(pod: Object) -> list[Object]:
    sidecars = [each for each in get_in(pod, "spec.initContainers", []) if pods.is_sidecar(each)]
    return [*get_in(pod, "spec.containers", []), *sidecars]


def belongs(service: Object, pod: Object) -> bool:
    """Whether a selected Pod is an endpoint: it has an address and has not ended.

    A Pod on its way out stays, marked as terminating, until it is gone."""
    return bool(get_in(pod, "status.podIP")) and not pods.is_terminal(pod)


def endpoint(service: Object, pod: Object, node: Object | None) -> Object:
    """One Pod as an endpoint, with its conditions."""
    serving, terminating = pods.is_ready(pod), metadata.is_terminating(pod)
    published = bool(get_in(service, "spec.publishNotReadyAddresses", False))
    made: Object = {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {
            "ready": published or (serving and not terminating),
            "serving": serving,
            "terminating": terminating,
        },
    }
    hostname = get_in(pod, "spec.hostname")
    if hostname and get_in(pod, "spec.subdomain") == metadata.name(service):
        made["hostname"] = hostname
    made["targetRef"] = {
        "kind": "Pod",
        "namespace": metadata.namespace(pod),
        "name": metadata.name(pod),
        "uid": metadata.uid(pod),
    }
    if get_in(pod, "spec.nodeName"):
        made["nodeName"] = pod["spec"]["nodeName"]
    zone = metadata.labels(node).get(ZONE) if node else None
    return {**made, "zone": zone} if zone else made


def labels(service: Object) -> dict[str, str]:
    """The Service's labels, and those that say whose slice it is."""
    own = {
        key: text for key, text in metadata.labels(service).items() if key not in (SERVICE_NAME, MANAGED_BY)
    }
    headless = {HEADLESS: ""} if get_in(service, "spec.clusterIP") == "None" else {}
    return {**own, **headless, SERVICE_NAME: metadata.name(service), MANAGED_BY: MANAGER}


def new_slice(service: Object, ports: Ports, endpoints: list[Object]) -> Object:
    """A slice without a name; the API server completes `generateName`. Nothing to say is `null`."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": f"{metadata.name(service)}-",
            "namespace": metadata.namespace(service),
            "labels": labels(service),
            "ownerReferences": [metadata.owner_reference(service)],
        },
        "addressType": "IPv4",
        "endpoints": endpoints or None,
        "ports": ports or None,
    }


def plan(
    service: Object, selected: Iterable[Object], nodes: Mapping[str, Object], slices: Iterable[Object]
) -> Plan:
    """The writes that turn `slices` into what the selected Pods require."""
    wanted: dict[str, tuple[Ports, dict[str, Object]]] = {}
    for pod in selected:
        if belongs(service, pod):
            ports = resolve_ports(service, pod)
            _, members = wanted.setdefault(_hash(ports), (ports, {}))
            made = endpoint(service, pod, nodes.get(get_in(pod, "spec.nodeName", "")))
            members[_identity(made)] = made
    existing: dict[str, list[Object]] = {}
    for each in slices:
        existing.setdefault(_hash(each.get("ports") or []), []).append(each)
    create: list[Object] = []
    update: list[Object] = []
    delete = [each for ports, group in existing.items() if ports not in wanted for each in group]
    for ports_hash, (ports, members) in wanted.items():
        part = _pack(service, ports, members, existing.get(ports_hash, []))
        create += part.create
        update += part.update
        delete += part.delete
    kept = sum(map(len, existing.values())) - len(delete)
    return _reuse(_with_placeholder(service, Plan(create, update, delete), kept))


def _pack(service: Object, ports: Ports, members: dict[str, Object], slices: list[Object]) -> Plan:
    """Put endpoints of one set of ports into their slices."""
    missing, kept = dict(members), []
    for each in slices:
        present = [_identity(old) for old in each.get("endpoints") or ()]
        stay = [missing.pop(identity) for identity in present if identity in missing]
        kept.append((each, stay))
    rest = list(missing.values())
    # Filling a slice that is written anyway costs nothing; then the fullest that still has room for all.
    kept.sort(key=lambda pair: (_same(service, pair[0], pair[1]), -len(pair[1])))
    filled = []
    for each, stay in kept:
        taken = rest[: MAX_ENDPOINTS - len(stay)] if stay or rest else []
        rest = rest[len(taken) :]
        filled.append((each, stay + taken))
    create = [
        new_slice(service, ports, rest[start : start + MAX_ENDPOINTS])
        for start in range(0, len(rest), MAX_ENDPOINTS)
    ]
    update = [
        _changed(service, each, endpoints)
        for each, endpoints in filled
        if endpoints and not _same(service, each, endpoints)
    ]
    return Plan(create, update, [each for each, endpoints in filled if not endpoints])


def _same(service: Object, each: Object, endpoints: list[Object]) -> bool:
    return (each.get("endpoints") or []) == endpoints and metadata.labels(each) == labels(service)


def _changed(
    service: Object, each: Object, endpoints: list[Object] | None, ports: Ports | None = None
) -> Object:
    fresh = new_slice(service, each.get("ports") if ports is None else ports, endpoints or [])  # type: ignore[arg-type]
    kept = {key: each["metadata"][key] for key in each["metadata"] if key != "labels"}
    return {**fresh, "metadata": {**kept, "labels": labels(service)}}


def _with_placeholder(service: Object, raw: Plan, kept: int) -> Plan:
    """A Service always has a slice: an empty one says that there is nobody, which is news too."""
    if kept or raw.create:
        return raw
    empty = new_slice(service, [], [])
    fits = [each for each in raw.delete if not each.get("endpoints") and not each.get("ports")]
    if len(raw.delete) == 1 and fits:
        stale = metadata.labels(fits[0]) != labels(service)
        return Plan([], [_changed(service, fits[0], None)] if stale else [], [])
    return raw._replace(create=[empty])


def _reuse(raw: Plan) -> Plan:
    """Turn a deletion and a creation into one update: watchers then never see the Service without a slice."""
    create, update, delete = list(raw.create), list(raw.update), list(raw.delete)
    while create and delete:
        old, fresh = delete.pop(0), create.pop()
        kept = {key: old["metadata"][key] for key in old["metadata"] if key != "labels"}
        update.append({**fresh, "metadata": {**kept, "labels": metadata.labels(fresh)}})
    return Plan(create, update, delete)


def _hash(ports: Ports) -> str:
    """The same for the same ports in any order."""
    return json.dumps(sorted(json.dumps(port, sort_keys=True) for port in ports))


def _identity(each: Object) -> str:
    """The same endpoint: the same Pod with the same address."""
    return f"{get_in(each, 'targetRef.uid', '')} {' '.join(each['addresses'])}"
