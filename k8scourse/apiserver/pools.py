"""Numbers that are given out one by one: the lowest free one of a band, and who holds which."""

from __future__ import annotations


class Pool:
    """Numbers in bands; the bands are used up one after the other.

    A number may have several holders (TCP and UDP may share a port); it is free when it has none. Finding a free
    one costs nothing worth speaking of: each band remembers below which number all are taken.
    """

    def __init__(self, *bands: range) -> None:
        self._bands = bands
        self._next = [band.start for band in bands]
        self._holders: dict[int, dict[str, None]] = {}

    def __contains__(self, number: int) -> bool:
        return any(number in band for band in self._bands)

    def holders(self, number: int) -> list[str]:
        """Who holds a number."""
        return list(self._holders.get(number, ()))

    def take(self, number: int, holder: str) -> None:
        """Note that somebody holds a number."""
        self._holders.setdefault(number, {})[holder] = None

    def release(self, number: int, holder: str) -> None:
        """Note that somebody holds a number no longer."""
        holders = self._holders.get(number, {})
        holders.pop(holder, None)
        if holders:
            return
        self._holders.pop(number, None)
        for index, band in enumerate(self._bands):
            if number in band:
                self._next[index] = min(self._next[index], number)

    def free(self) -> int | None:
        """A number that nobody holds; it is not taken by asking. None when all are held."""
        for index, band in enumerate(self._bands):
            number = self._next[index]
            while number < band.stop and number in self._holders:
                number += 1
            self._next[index] = number
            if number < band.stop:
                return number
        return None

    def clear(self) -> None:
        """Forget all holders."""
        self._holders.clear()
        self._next = [band.start for band in self._bands]
