"""Perl, as far as the Job of the Kubernetes documentation needs it: it prints digits of pi."""

from __future__ import annotations

import re

from .base import Program

_PI = re.compile(r"bpi\((\d{1,5})\)")
MILLISECONDS_PER_DIGIT = 3


class Perl(Program):
    """Prints pi for a script that asks for `bpi(N)`; any other script is an error of exit code 255."""

    def start(self) -> None:
        """Work for a while, print, end."""
        found = _PI.search(" ".join(self.container.args))
        if found is None:
            self.container.log("this perl only knows print bpi(N)", "stderr")
            self.container.exit(255)
            return
        digits = max(int(found[1]), 1)
        self.container.after_ms(digits * MILLISECONDS_PER_DIGIT, self._print, digits)

    def _print(self, digits: int) -> None:
        self.container.log(pi(digits))
        self.container.exit(0)

    def terminate(self, signal: int) -> None:
        """Perl as the first process ignores SIGTERM, as any program without a handler does."""


def pi(digits: int) -> str:
    """Pi with so many significant digits, by Machin's formula in integers."""
    unit: int = 10 ** (digits + 10)

    def arctangent(inverse: int) -> int:
        total = term = unit // inverse
        divisor, sign = 1, 1
        while term:
            term //= inverse * inverse
            divisor, sign = divisor + 2, -sign
            total += sign * (term // divisor)
        return total

    text = str(4 * (4 * arctangent(5) - arctangent(239)) // 10**10)[:digits]
    return f"{text[0]}.{text[1:]}" if digits > 1 else text
