"""kubectl set image: other images in a Pod template.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/set/set_image.go`.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import StatusError
from k8scourse.api.values import get_in
from k8scourse.client import Unreachable

from . import output
from .command import DRY_RUN, MANAGER, PRINTING, SELECTING, Command
from .errors import CommandError, raise_all
from .flags import left_out
from .resources import Found, find
from .session import Session
from .writing import dry_run, dry_run_query, report


def run(session: Session) -> None:
    """`kubectl set image deployment/web nginx=nginx:1.28`."""
    resources = [word for word in session.flags.args if "=" not in word]
    images = dict(_pair(word) for word in session.flags.args if "=" in word)
    output.check(session, writing=True)
    if resources and not images:
        raise CommandError("at least one image update is required")
    found, errors = find(session, resources)
    for one in found:
        try:
            _set(session, one, images)
        except (CommandError, StatusError, Unreachable) as error:
            errors.append(error)
    raise_all(errors)


def _pair(word: str) -> tuple[str, str]:
    name, _, image = word.partition("=")
    if not name or not image:
        raise CommandError(f"invalid image format: {word}")
    return name, image


def _set(session: Session, one: Found, images: dict[str, str]) -> None:
    path = "spec" if one.kind.kind == "Pod" else "spec.template.spec"
    spec = get_in(one.object, path)
    if spec is None or "containers" not in spec:
        raise CommandError(f"the object is not a pod or does not have a pod template: {one.kind.kind}")
    patch, changed = _patch(spec, images)
    if not changed:
        return
    for key in reversed(path.split(".")):
        patch = {key: patch}
    result = one.object
    if dry_run(session) != "client":
        manager = session.flags["field-manager"] or "kubectl-set"
        result = session.patch(one.kind, one.object, patch, fieldManager=manager, **dry_run_query(session))
    report(session, result, "image updated")


def _patch(spec: Any, images: dict[str, str]) -> tuple[Any, bool]:
    """The new images by container, in the shape of a strategic merge patch; whether any is new."""
    patch: dict[str, Any] = {}
    everything = images.get("*")
    for field in ("initContainers", "containers"):
        items = []
        for container in spec.get(field) or ():
            image = images.get(container["name"], everything)
            if image and image != container.get("image"):
                items.append({"name": container["name"], "image": image})
        if items:
            patch[field] = items
    known = {
        container["name"] for field in ("initContainers", "containers") for container in spec.get(field) or ()
    }
    for name in images:
        if name != "*" and name not in known:
            raise CommandError(f'unable to find container named "{name}"')
    if patch:
        for field in patch:
            order = [{"name": container["name"]} for container in spec[field]]
            patch = {**patch, f"$setElementOrder/{field}": order}
    return patch, bool(patch)


COMMANDS = (
    Command(
        "set image",
        run,
        (*SELECTING, *PRINTING, DRY_RUN, MANAGER, left_out("local", kind="bool")),
        "Update the image of a pod template",
        "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    ),
)
