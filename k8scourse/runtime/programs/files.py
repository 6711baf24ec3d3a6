"""A container's file system: its own writable layer, and what is mounted over it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, MutableMapping

from ..cri import Mount


class ReadOnly(OSError):
    """A write to a read-only mount."""


class ContainerFiles(MutableMapping[str, str]):
    """Absolute paths to text. Directories are those that hold something, mount points, and those made.

    A path below a mount belongs to the mount's own files (a volume), which other containers may share.
    """

    def __init__(self, mounts: Iterable[Mount] = (), own: MutableMapping[str, str] | None = None) -> None:
        self._own: MutableMapping[str, str] = own if own is not None else {}
        self._mounts = sorted(mounts, key=lambda mount: len(mount.path), reverse=True)
        self._directories: dict[str, None] = {"/": None, "/tmp": None, "/etc": None, "/dev": None}

    def _place(self, path: str) -> tuple[MutableMapping[str, str], str, bool]:
        for mount in self._mounts:
            base = mount.path.rstrip("/")
            if path == base and "" in mount.files:
                return mount.files, "", mount.read_only  # one file mounted as such (subPath)
            if path.startswith(base + "/"):
                return mount.files, path[len(base) + 1 :], mount.read_only
        return self._own, path, False

    def __getitem__(self, path: str) -> str:
        files, inner, _ = self._place(path)
        return files[inner]

    def __setitem__(self, path: str, text: str) -> None:
        files, inner, read_only = self._place(path)
        if read_only:
            raise ReadOnly(path)
        files[inner] = text

    def __delitem__(self, path: str) -> None:
        files, inner, read_only = self._place(path)
        if read_only:
            raise ReadOnly(path)
        del files[inner]

    def __iter__(self) -> Iterator[str]:
        yield from (path for path in self._own if self._place(path)[0] is self._own)
        for mount in self._mounts:
            base = mount.path.rstrip("/")
            yield from (f"{base}/{inner}" if inner else base for inner in mount.files)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def make_directory(self, path: str) -> None:
        """Remember a directory, and those above it."""
        while path not in self._directories:
            self._directories[path] = None
            path = posixpath.dirname(path)

    def is_directory(self, path: str) -> bool:
        """Whether a path is a directory."""
        if path in self._directories or any(mount.path.rstrip("/") == path for mount in self._mounts):
            return path not in self
        return any(name.startswith(path.rstrip("/") + "/") for name in self)

    def entries(self, path: str) -> list[str]:
        """The names in a directory, sorted."""
        base = path.rstrip("/") + "/"
        below = [*self, *self._directories, *(mount.path.rstrip("/") for mount in self._mounts)]
        return sorted(
            {name[len(base) :].split("/")[0] for name in below if name.startswith(base) and name != base}
        )
