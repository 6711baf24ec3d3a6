"""Objects made from flags: what `create`, `run` and `expose` send.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/create/`, `.../generate/versioned/`.
"""

from __future__ import annotations

import base64 as base64_codec
import re
from collections.abc import Sequence
from typing import Any

from k8scourse.api import names
from k8scourse.api.values import Object, evolve

from .errors import CommandError
from .session import Session


def deployment(name: str, images: Sequence[str], replicas: int, port: int, command: Sequence[str]) -> Object:
    """A Deployment with a container for each image."""
    labels = {"app": name}
    containers: list[dict[str, Any]] = [{"image": image, "name": container_name(image)} for image in images]
    if port >= 0:
        containers[0] = {**containers[0], "ports": [{"containerPort": port}]}
    if command:
        containers = [{**container, "command": list(command)} for container in containers]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"labels": labels, "name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
    }


def container_name(image: str) -> str:
    """The image's last word without tag or digest: `registry.k8s.io/pause:3.9` -> `pause`."""
    last = image.rsplit("/", 1)[-1]
    name = re.split(r"[:@]", last, maxsplit=1)[0]
    return re.sub(r"[^a-zA-Z0-9-]", "", name.replace("_", "-")).lower()


def service_port(text: str) -> dict[str, Any]:
    """`80:8080` as a port of a Service."""
    port, colon, target = text.partition(":")
    number = port_number(port)
    where: int | str = number
    if colon:
        where = port_number(target) if target.isdigit() else target
    return {"name": text.replace(":", "-"), "port": number, "protocol": "TCP", "targetPort": where}


def port_number(text: str) -> int:
    """A port as a number; refuses as kubectl does."""
    if not text.isdigit():
        raise CommandError(f'strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


def base64(text: str) -> str:
    """Text as a Secret's data keeps it."""
    return base64_codec.b64encode(text.encode()).decode()


def literal_data(
    session: Session, name: str, literals: Sequence[str], files: Sequence[str], env_files: Sequence[str]
) -> dict[str, str]:
    """The data of a ConfigMap or Secret from --from-literal, --from-file and --from-env-file."""
    if env_files and (literals or files):
        raise CommandError("from-env-file cannot be combined with from-file or from-literal")
    data: dict[str, str] = {}
    for text in files:
        key, equals, path = text.partition("=")
        path = path if equals else text
        _add(data, name, key if equals else path.rsplit("/", 1)[-1], _file(session, path))
    for text in literals:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise CommandError(f"invalid literal source {text}, expected key=value")
        _add(data, name, key, value.strip("'\""))
    for path in env_files:
        for line in _file(session, path).splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                key, _, value = line.strip().partition("=")
                _add(data, name, key, value)
    return data


def _add(data: dict[str, str], name: str, key: str, value: str) -> None:
    problems = names.config_key_problems(key)
    if problems:
        raise CommandError(f'"{key}" is not a valid key name for a ConfigMap: {",".join(problems)}')
    if key in data:
        taken = f'another key by that name already exists in Data for ConfigMap "{name}"'
        raise CommandError(f'cannot add key "{key}", {taken}')
    data[key] = value


def _file(session: Session, path: str) -> str:
    try:
        return session.read_file(path)
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"error reading {path}: no such file or directory") from None


def as_printed(obj: Object) -> Object:
    """The object as a client-side dry run prints it: some of its Go types show their empty parts."""
    if obj["kind"] == "Deployment":
        obj = evolve(obj, "spec.strategy", {})
        containers = [{**one, "resources": {}} for one in obj["spec"]["template"]["spec"]["containers"]]
        obj = evolve(obj, "spec.template.spec.containers", containers)
    if obj["kind"] == "Pod":
        containers = [{**one, "resources": one.get("resources", {})} for one in obj["spec"]["containers"]]
        obj = evolve(obj, "spec.containers", containers)
    return obj
