"""Checks of ``metadata`` that all kinds share, on create and on update.

Upstream: ``staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go``.
"""

from collections.abc import Callable, Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, forbidden, immutable, invalid, required, too_long

Object = dict[str, Any]
_ONE_CONTROLLER = "Only one reference can have Controller set to true."
STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
_ANNOTATIONS_LARGEST = 256 * 1024


def create(
    metadata: Object, name_problems: Callable[[str], list[str]], path: str = "metadata", strict: bool = True
) -> Iterator[Cause]:
    """A new object's metadata; `strict` asks finalizers for a domain, which extensions' objects need not have."""
    name, generate_name = metadata.get("name"), metadata.get("generateName")
    if generate_name:
        # The suffix makes the name whole, so a hyphen at the end is no fault of the prefix.
        checked = generate_name[:-1] + "a" if generate_name.endswith("-") else generate_name
        yield from each_invalid(f"{path}.generateName", generate_name, name_problems(checked))
    if name:
        yield from each_invalid(f"{path}.name", name, name_problems(name))
    elif not generate_name:
        yield required(f"{path}.name", "name or generateName is required")
    if metadata.get("generation", 0) < 0:
        yield invalid(f"{path}.generation", metadata["generation"], "must be greater than or equal to 0")
    yield from common(metadata, path)
    yield from finalizers(metadata.get("finalizers") or [], f"{path}.finalizers")
    if strict:
        yield from known_finalizers(metadata, path)


def common(metadata: Object, path: str = "metadata") -> Iterator[Cause]:
    """Labels, annotations and owners."""
    if metadata.get("labels"):
        yield from labels(metadata["labels"], f"{path}.labels")
    if metadata.get("annotations"):
        yield from annotations(metadata["annotations"], f"{path}.annotations")
    if metadata.get("ownerReferences"):
        yield from owner_references(metadata["ownerReferences"], f"{path}.ownerReferences")


def known_finalizers(metadata: Object, path: str = "metadata") -> Iterator[Cause]:
    """Finalizers of the server's own kinds are standard ones or have a domain."""
    for index, finalizer in enumerate(metadata.get("finalizers") or ()):
        yield from standard_finalizer(finalizer, f"{path}.finalizers[{index}]")


def labels(labelled: dict[str, str], path: str) -> Iterator[Cause]:
    """Keys and values of labels; the path does not name the key."""
    for key, value in labelled.items():
        yield from each_invalid(path, key, names.qualified_name_problems(key))
        yield from each_invalid(path, value, names.label_value_problems(value))


def annotations(annotated: dict[str, str], path: str) -> Iterator[Cause]:
    """Keys of annotations (capitals are allowed), and the size of all together."""
    for key in annotated:
        yield from each_invalid(path, key, names.qualified_name_problems(key.lower()))
    if (
        sum(len(key.encode()) + len(value.encode()) for key, value in annotated.items())
        > _ANNOTATIONS_LARGEST
    ):
        yield too_long(path, _ANNOTATIONS_LARGEST)


def owner_references(references: list[Object], path: str) -> Iterator[Cause]:
    """Every owner must be named in full, and only one may be the controller."""
    controller = ""
    for reference in references:
        version = reference.get("apiVersion", "")
        if not version or version.endswith("/") or version.count("/") > 1:
            yield invalid(f"{path}.apiVersion", version, "version must not be empty")
        for field in ("kind", "name", "uid"):
            if not reference.get(field):
                yield invalid(f"{path}.{field}", "", "must not be empty")
        if (reference.get("apiVersion"), reference.get("kind")) == ("v1", "Event"):
            yield invalid(path, reference, "/v1, Kind=Event is disallowed from being an owner")
        own = f"{reference.get('kind', '')}/{reference.get('name', '')}"
        if reference.get("controller") and controller:
            detail = f'{_ONE_CONTROLLER} Found "true" in references for {controller} and {own}'
            yield invalid(path, references, detail)
        elif reference.get("controller"):
            controller = own


def finalizers(named: list[str], path: str) -> Iterator[Cause]:
    """Finalizers are qualified names, and dependents are either orphaned or waited for."""
    for finalizer in named:
        yield from each_invalid(path, finalizer, names.qualified_name_problems(finalizer))
    if "orphan" in named and "foregroundDeletion" in named:
        yield invalid(path, named, "finalizer orphan and foregroundDeletion cannot be both set")


def standard_finalizer(finalizer: str, path: str) -> Iterator[Cause]:
    """One finalizer: a standard one, or with a domain."""
    if "/" not in finalizer and finalizer not in STANDARD_FINALIZERS:
        yield invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified")


def finalizer_name(finalizer: str, path: str) -> Iterator[Cause]:
    """A finalizer of a Namespace's spec."""
    yield from each_invalid(path, finalizer, names.qualified_name_problems(finalizer))
    yield from standard_finalizer(finalizer, path)


def update(new: Object, old: Object, strict: bool = True) -> Iterator[Cause]:
    """What may change in metadata.  Upstream checks this twice, and so every cause appears twice.

    But not what is asked of the server's own kinds alone, see `create`.
    """
    causes = list(_update(new, old))
    yield from causes
    yield from causes
    if strict:
        yield from known_finalizers(new)


def _update(new: Object, old: Object) -> Iterator[Cause]:
    path = "metadata"
    if old.get("deletionTimestamp"):
        added = [name for name in new.get("finalizers") or () if name not in (old.get("finalizers") or ())]
        if added:
            listed = ", ".join(f'"{name}"' for name in sorted(added))
            yield forbidden(
                f"{path}.finalizers",
                "no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{listed}}}",
            )
    if new.get("generation", 0) < old.get("generation", 0):
        yield invalid(f"{path}.generation", new.get("generation", 0), "must not be decremented")
    for field in ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp"):
        yield from immutable(f"{path}.{field}", new.get(field, ""), old.get(field, ""))
    grace = "deletionGracePeriodSeconds"
    yield from immutable(f"{path}.{grace}", new.get(grace), old.get(grace))
    yield from common(new, path)
