"""What a learner reads when a call cannot be done: one sentence that says what to do next."""

from __future__ import annotations

from typing import Any

from .. import words


class LearnerError(ValueError):
    """A mistake of the caller's, told in the learner's language. Nothing was changed.

    Notebooks show the sentence alone: IPython asks an exception for its own rendering.
    """

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(words.text(f"error.{key}", **values))
        self.key = key

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Output(str):
    """What a command printed; shown as it is. `code` is its exit code, `ok` whether it went well."""

    code: int

    def __new__(cls, text: str, code: int = 0) -> Output:
        """Text as printed, without the final newline."""
        output = super().__new__(cls, text.rstrip("\n"))
        output.code = code
        return output

    def __repr__(self) -> str:
        return str(self)

    @property
    def ok(self) -> bool:
        """Whether the exit code was 0."""
        return self.code == 0
