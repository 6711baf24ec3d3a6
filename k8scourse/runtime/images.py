"""Image names, and the registries of the world behind one door.

Upstream: reference grammar `distribution/reference`; pull errors as containerd words them
(`core/remotes/docker/resolver.go`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ..sim import MILLISECOND, SECOND, Machine
from .catalogue import IMAGES, Image
from .cri import CRIError, ImageStatus, NotFoundError

BYTES_PER_SECOND = 50_000_000
LATENCY_NS = 600 * MILLISECOND
DISK = "/var/lib/containerd/images"

_NAME = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"\w[\w.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Reference(NamedTuple):
    """An image's name taken apart: `repository` as people write it ("nginx"), its tag, its digest or ""."""

    repository: str
    tag: str
    digest: str

    @property
    def full(self) -> str:
        """The name in full, with registry and tag: "docker.io/library/nginx:1.27"."""
        return f"{full_repository(self.repository)}{f'@{self.digest}' if self.digest else f':{self.tag}'}"


def parse_reference(image: str) -> Reference:
    """Take an image's name apart; ValueError with upstream's words when it is not a name."""
    rest, _, digest = image.partition("@")
    head, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        head, tag = rest, ""
    host, slash, path = head.partition("/")
    is_host = bool(slash) and ("." in host or ":" in host or host == "localhost")
    name = path if is_host else head
    if name != name.lower() and _NAME.fullmatch(name.lower()):
        raise ValueError("invalid reference format: repository name must be lowercase")
    if (
        not _NAME.fullmatch(name)
        or (tag and not _TAG.fullmatch(tag))
        or (digest and not _DIGEST.fullmatch(digest))
    ):
        raise ValueError("invalid reference format")
    return Reference(_short(head), tag or ("" if digest else "latest"), digest)


def full_repository(repository: str) -> str:
    """A repository with the registry and folder that Docker's names leave out."""
    host, slash, _ = repository.partition("/")
    if slash and ("." in host or ":" in host or host == "localhost"):
        return repository
    return f"docker.io/{repository}" if slash else f"docker.io/library/{repository}"


def _short(repository: str) -> str:
    for prefix in ("docker.io/", "index.docker.io/"):
        repository = repository.removeprefix(prefix)
    return repository.removeprefix("library/")


@dataclass(frozen=True, slots=True)
class Pull:
    """What a registry answers: the image and what a pull costs in nanoseconds, or an error."""

    duration_ns: int
    status: ImageStatus | None = None
    error: CRIError | None = None


class ImageRegistry:
    """All registries that a node can reach, by repository."""

    def __init__(self, images: Iterable[Image] = IMAGES) -> None:
        self._images = {image.repository: image for image in images}

    def find(self, image: str) -> Image | None:
        """What runs in an image; None when there is no such repository or the name is not one."""
        try:
            return self._images.get(parse_reference(image).repository)
        except ValueError:
            return None

    def pull(self, image: str) -> Pull:
        """What pulling an image by this name gives, and how long it takes."""
        try:
            reference = parse_reference(image)
        except ValueError as error:
            return Pull(0, error=CRIError(f'failed to parse image reference "{image}": {error}'))
        known = self._images.get(reference.repository)
        if known is None:
            return Pull(LATENCY_NS, error=_denied(reference))
        if not reference.digest and not re.fullmatch(known.tags, reference.tag):
            return Pull(LATENCY_NS, error=_not_found(reference))
        return Pull(LATENCY_NS + known.size * SECOND // BYTES_PER_SECOND, status_of(reference, known))


def status_of(reference: Reference, image: Image) -> ImageStatus:
    """How an image lies on a disk after a pull."""
    digest = reference.digest or "sha256:" + hashlib.sha256(reference.full.encode()).hexdigest()
    ref = f"{full_repository(reference.repository)}@{digest}"
    spread = int(digest[-4:], 16) % 1000  # so that two versions do not have one size to the byte
    return ImageStatus(reference.full, ref, image.size + image.size // 1000 * spread // 100)


def images_on(machine: Machine) -> dict[str, ImageStatus]:
    """The images on a machine's disk, by full name."""
    disk: dict[str, ImageStatus] = machine.files.setdefault(DISK, {})
    return disk


def preload(machine: Machine, registry: ImageRegistry, images: Iterable[str]) -> None:
    """Put images on a machine's disk beforehand, as `kubeadm config images pull` does."""
    for image in images:
        status = registry.pull(image).status
        if status is None:
            raise ValueError(f"no such image: {image}")
        images_on(machine)[status.image] = status


def _denied(reference: Reference) -> CRIError:
    return CRIError(
        _failed(reference) + "pull access denied, repository does not exist or may require authorization: "
        "server message: insufficient_scope: authorization failed"
    )


def _not_found(reference: Reference) -> CRIError:
    return NotFoundError(_failed(reference) + f"{reference.full}: not found")


def _failed(reference: Reference) -> str:
    return (
        f'failed to pull and unpack image "{reference.full}": '
        f'failed to resolve reference "{reference.full}": '
    )
