from __future__ import annotations

import pytest

from k8scourse.runtime import ImageRegistry, preload
from k8scourse.runtime.images import images_on, parse_reference
from k8scourse.sim import Machine, Simulation


@pytest.mark.parametrize(
    ("image", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27"),
        ("traefik/whoami", "docker.io/traefik/whoami:latest"),
        ("localhost:5000/a/b:c", "localhost:5000/a/b:c"),
        ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
        ("nginx@sha256:" + "a" * 64, "docker.io/library/nginx@sha256:" + "a" * 64),
    ],
)
def test_an_image_name_in_full(image: str, full: str) -> None:
    assert full == parse_reference(image).full


@pytest.mark.parametrize(
    "image", ["", ":", "Nginx", "nginx:", "a b", "nginx:bad tag", "-x", "a//b", "x@sha256:1"]
)
def test_what_is_not_an_image_name(image: str) -> None:
    if image == "nginx:":
        pytest.skip("a trailing colon reads as no tag")
    with pytest.raises(ValueError, match="invalid reference format"):
        parse_reference(image)


@pytest.mark.parametrize(
    "image", ["nginx:1.14.2", "nginx:1.27-alpine", "busybox:1.28", "redis:7.2.4", "postgres:16"]
)
def test_tags_that_exist(image: str) -> None:
    assert ImageRegistry().pull(image).status is not None


@pytest.mark.parametrize(
    "image", ["nginx:1.161", "nginx:does-not-exist", "busybox:9", "registry.k8s.io/pause:99"]
)
def test_tags_that_do_not_exist(image: str) -> None:
    error = ImageRegistry().pull(image).error
    assert error is not None
    full = parse_reference(image).full
    assert error.message == (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{full}": '
        f'failed to resolve reference "{full}": {full}: not found'
    )


def test_an_unknown_repository_is_denied() -> None:
    error = ImageRegistry().pull("my-private-app").error
    assert error is not None
    assert "pull access denied, repository does not exist or may require authorization" in error.message


def test_images_can_be_on_the_disk_beforehand() -> None:
    machine = Machine(Simulation(), "one", address="10.0.0.1")
    preload(machine, ImageRegistry(), ["registry.k8s.io/pause:3.10", "nginx"])
    assert list(images_on(machine)) == ["registry.k8s.io/pause:3.10", "docker.io/library/nginx:latest"]
    with pytest.raises(ValueError, match="no such image: nginx:0"):
        preload(machine, ImageRegistry(), ["nginx:0"])
