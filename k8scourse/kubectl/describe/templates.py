"""Pod templates, containers and volumes: the part that many descriptions share.

Upstream: `DescribePodTemplate`, `DescribeContainers`, `describeVolumes` in `kubectl/pkg/describe/describe.go`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8scourse.api.values import get_in

from .writer import Writer, annotation_lines, date, pairs

Container = Mapping[str, Any]


def pod_template(writer: Writer, template: Any, more_annotations: Mapping[str, str] | None = None) -> None:
    """`Pod Template:` with labels, containers and volumes."""
    writer.line(0, "Pod Template:")
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    pairs(writer, "Labels", metadata.get("labels") or {}, level=1)
    annotations = {**(metadata.get("annotations") or {}), **(more_annotations or {})}
    if annotations:
        annotation_lines(writer, annotations, level=1)
    if spec.get("serviceAccountName"):
        writer.line(1, f"Service Account:\t{spec['serviceAccountName']}")
    if spec.get("initContainers"):
        containers(writer, "Init Containers", spec["initContainers"], {}, level=1)
    containers(writer, "Containers", spec.get("containers") or (), {}, level=1)
    volumes(writer, spec.get("volumes") or (), level=1)
    if spec.get("priorityClassName"):
        writer.line(1, f"Priority Class Name:\t{spec['priorityClassName']}")
    node_selectors(writer, spec.get("nodeSelector") or {}, level=1)
    tolerations(writer, spec.get("tolerations") or (), level=1)


def containers(
    writer: Writer,
    title: str,
    items: Sequence[Container],
    statuses: Mapping[str, Any],
    *,
    pod: Any = None,
    level: int = 0,
) -> None:
    """A block for each container; `statuses` by name, empty for a template (whose title stands one level deeper)."""
    writer.line(level, f"{title}:")
    for container in items:
        status = statuses.get(container["name"])
        writer.line(1, f"{' ' * bool(level)}{container['name']}:")
        _identity(writer, container, status)
        _command(writer, container)
        if status is not None:
            _state(writer, "State", status.get("state"))
            if status.get("lastState"):
                _state(writer, "Last State", status["lastState"])
            writer.line(2, f"Ready:\t{bool(status.get('ready'))}")
            writer.line(2, f"Restart Count:\t{status.get('restartCount', 0)}")
        _resources(writer, container)
        for name in ("liveness", "readiness", "startup"):
            if container.get(f"{name}Probe"):
                writer.line(2, f"{name.capitalize()}:\t{probe(container[f'{name}Probe'])}")
        _environment(writer, container, pod)
        _mounts(writer, container)


def _identity(writer: Writer, container: Container, status: Any) -> None:
    if status is not None:
        writer.line(2, f"Container ID:\t{status.get('containerID', '')}")
    writer.line(2, f"Image:\t{container.get('image', '')}")
    if status is not None:
        writer.line(2, f"Image ID:\t{status.get('imageID', '')}")
    ports = container.get("ports") or ()
    plural = "s" if len(ports) > 1 else ""
    writer.line(2, f"Port{plural}:\t{_ports(ports, 'containerPort')}")
    writer.line(2, f"Host Port{plural}:\t{_ports(ports, 'hostPort')}")
    if get_in(container, "securityContext.seccompProfile.type"):
        writer.line(2, f"SeccompProfile:\t{get_in(container, 'securityContext.seccompProfile.type')}")


def _ports(ports: Sequence[Mapping[str, Any]], field: str) -> str:
    """`80/TCP (http), 9090/TCP`."""
    words = [
        f"{port.get(field, 0)}/{port.get('protocol', 'TCP')}"
        + (f" ({port['name']})" if port.get("name") else "")
        for port in ports
    ]
    return ", ".join(words) or "<none>"


def _command(writer: Writer, container: Container) -> None:
    for title, field in (("Command", "command"), ("Args", "args")):
        if container.get(field):
            writer.line(2, f"{title}:")
            for word in container[field]:
                for part in str(word).split("\n"):
                    writer.line(3, part)


def _state(writer: Writer, title: str, state: Any) -> None:
    state = state or {}
    if "running" in state:
        writer.line(2, f"{title}:\tRunning")
        writer.line(3, f"Started:\t{date(state['running'].get('startedAt'))}")
    elif "terminated" in state:
        ended = state["terminated"]
        writer.line(2, f"{title}:\tTerminated")
        if ended.get("reason"):
            writer.line(3, f"Reason:\t{ended['reason']}")
        if ended.get("message"):
            writer.line(3, f"Message:\t{ended['message']}")
        writer.line(3, f"Exit Code:\t{ended.get('exitCode', 0)}")
        if ended.get("signal"):
            writer.line(3, f"Signal:\t{ended['signal']}")
        writer.line(3, f"Started:\t{date(ended.get('startedAt'))}")
        writer.line(3, f"Finished:\t{date(ended.get('finishedAt'))}")
    else:
        waiting = state.get("waiting") or {}
        writer.line(2, f"{title}:\tWaiting")
        if waiting.get("reason"):
            writer.line(3, f"Reason:\t{waiting['reason']}")


def _resources(writer: Writer, container: Container) -> None:
    for title, field in (("Limits", "limits"), ("Requests", "requests")):
        amounts = get_in(container, f"resources.{field}", {})
        if amounts:
            writer.line(2, f"{title}:")
            for name in sorted(amounts):
                writer.line(3, f"{name}:\t{amounts[name]}")


def probe(spec: Mapping[str, Any]) -> str:
    """A probe in one line."""
    times = (
        f"delay={spec.get('initialDelaySeconds', 0)}s timeout={spec.get('timeoutSeconds', 0)}s "
        f"period={spec.get('periodSeconds', 0)}s #success={spec.get('successThreshold', 0)} "
        f"#failure={spec.get('failureThreshold', 0)}"
    )
    if "exec" in spec:
        return f"exec [{' '.join(spec['exec'].get('command') or ())}] {times}"
    if "httpGet" in spec:
        get = spec["httpGet"]
        url = f"{str(get.get('scheme', 'HTTP')).lower()}://{get.get('host', '')}:{get['port']}{get.get('path', '')}"
        return f"http-get {url} {times}"
    if "tcpSocket" in spec:
        return f"tcp-socket {spec['tcpSocket'].get('host', '')}:{spec['tcpSocket']['port']} {times}"
    if "grpc" in spec:
        return f"grpc <pod>:{spec['grpc']['port']} {spec['grpc'].get('service', '')} {times}"
    return f"unknown {times}"


def _environment(writer: Writer, container: Container, pod: Any) -> None:
    sources = container.get("envFrom") or ()
    if sources:
        writer.line(2, "Environment Variables from:")
        for source in sources:
            reference = source.get("configMapRef") or source.get("secretRef") or {}
            word = "ConfigMap" if "configMapRef" in source else "Secret"
            writer.line(
                3,
                f"{reference.get('name')}\t{word}\tOptional: {str(bool(reference.get('optional'))).lower()}",
            )
    variables = container.get("env") or ()
    writer.line(2, "Environment:" if variables else "Environment:\t<none>")
    for variable in variables:
        writer.line(3, f"{variable['name']}:\t{_value(variable, container, pod)}")


def _value(variable: Mapping[str, Any], container: Container, pod: Any) -> str:
    source = variable.get("valueFrom")
    if not source:
        return str(variable.get("value", ""))
    if "fieldRef" in source:
        path = source["fieldRef"]["fieldPath"]
        known = get_in(pod, path, "") if pod is not None else ""
        return f"{known} ({source['fieldRef'].get('apiVersion', 'v1')}:{path})"
    if "resourceFieldRef" in source:
        reference = source["resourceFieldRef"]
        return f"({reference['resource']})"
    for field, word in (("secretKeyRef", "secret"), ("configMapKeyRef", "config map")):
        if field in source:
            reference = source[field]
            optional = str(bool(reference.get("optional"))).lower()
            return (
                f"<set to the key '{reference['key']}' of {word} '{reference['name']}'>  Optional: {optional}"
            )
    return ""


def _mounts(writer: Writer, container: Container) -> None:
    mounts = container.get("volumeMounts") or ()
    writer.line(2, "Mounts:" if mounts else "Mounts:\t<none>")
    for mount in sorted(mounts, key=lambda one: str(one["mountPath"])):
        flags = ["ro" if mount.get("readOnly") else "rw"]
        if mount.get("subPath"):
            flags.append(f'path="{mount["subPath"]}"')
        writer.line(3, f"{mount['mountPath']} from {mount['name']} ({','.join(flags)})")


def volumes(writer: Writer, items: Sequence[Mapping[str, Any]], *, level: int = 0) -> None:
    """`Volumes:`, each with its source."""
    if not items:
        writer.line(level, "Volumes:\t<none>")
        return
    writer.line(level, "Volumes:")
    for volume in items:
        writer.line(1, f"{' ' * bool(level)}{volume['name']}:")
        for line in _source(volume):
            writer.line(2, line)


def _source(volume: Mapping[str, Any]) -> list[str]:
    if "emptyDir" in volume:
        limit = (volume["emptyDir"] or {}).get("sizeLimit") or "<unset>"
        medium = (volume["emptyDir"] or {}).get("medium", "")
        return ["Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)", f"Medium:\t{medium}",
                f"SizeLimit:\t{limit}"]  # fmt: skip
    if "hostPath" in volume:
        kind = volume["hostPath"].get("type") or ""
        return ["Type:\tHostPath (bare host directory volume)", f"Path:\t{volume['hostPath']['path']}",
                f"HostPathType:\t{kind}"]  # fmt: skip
    if "configMap" in volume:
        source = volume["configMap"]
        return ["Type:\tConfigMap (a volume populated by a ConfigMap)", f"Name:\t{source.get('name')}",
                f"Optional:\t{str(bool(source.get('optional'))).lower()}"]  # fmt: skip
    if "secret" in volume:
        source = volume["secret"]
        return ["Type:\tSecret (a volume populated by a Secret)", f"SecretName:\t{source.get('secretName')}",
                f"Optional:\t{str(bool(source.get('optional'))).lower()}"]  # fmt: skip
    if "persistentVolumeClaim" in volume:
        source = volume["persistentVolumeClaim"]
        return ["Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
                f"ClaimName:\t{source.get('claimName')}",
                f"ReadOnly:\t{str(bool(source.get('readOnly'))).lower()}"]  # fmt: skip
    if "projected" in volume:
        sources = volume["projected"].get("sources") or ()
        head = "Type:\tProjected (a volume that contains injected data from multiple sources)"
        return [head, *(line for source in sources for line in _projected(source))]
    return ["<unknown>"]


def _projected(source: Mapping[str, Any]) -> list[str]:
    if "serviceAccountToken" in source:
        return [f"TokenExpirationSeconds:\t{source['serviceAccountToken'].get('expirationSeconds', 3600)}"]
    if "configMap" in source:
        shown = str(bool(source["configMap"].get("optional"))).lower()
        return [f"ConfigMapName:\t{source['configMap'].get('name')}", f"Optional:\t{shown}"]
    if "secret" in source:
        shown = str(bool(source["secret"].get("optional"))).lower()
        return [f"SecretName:\t{source['secret'].get('name')}", f"Optional:\t{shown}"]
    return ["DownwardAPI:\ttrue"] if "downwardAPI" in source else []


def node_selectors(writer: Writer, selector: Mapping[str, str], *, level: int = 0) -> None:
    """`Node-Selectors:`"""
    pairs(writer, "Node-Selectors", selector, level=level)


def tolerations(writer: Writer, items: Sequence[Mapping[str, Any]], *, level: int = 0) -> None:
    """`Tolerations:`, sorted by key, one on each line."""
    if not items:
        writer.line(level, "Tolerations:\t<none>")
        return
    for index, one in enumerate(sorted(items, key=lambda item: str(item.get("key", "")))):
        text = one.get("key", "")
        if one.get("value"):
            text += f"={one['value']}"
        if one.get("effect"):
            text += f":{one['effect']}"
        if one.get("operator") == "Exists" and not one.get("value"):
            text += " op=Exists" if text else "op=Exists"
        if one.get("tolerationSeconds") is not None:
            text += f" for {one['tolerationSeconds']}s"
        writer.line(level if index == 0 else 0, ("Tolerations:" if index == 0 else "") + f"\t{text}")
