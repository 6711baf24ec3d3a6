"""What an import does inside a notebook: the magics, and the language of the folder the notebook lies in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import PurePath

from . import magics, words

VARIABLE = "K8SCOURSE_LANG"


def arrive() -> None:
    """Register the magics and choose the language, when this runs inside IPython; else do nothing."""
    if magics.register():
        words.use(language_of(os.environ, os.getcwd()))


def language_of(environment: Mapping[str, str], folder: str) -> str:
    """The language to speak: the one that `K8SCOURSE_LANG` names, else that of the folder (`…/zh-TW/…`)."""
    asked = environment.get(VARIABLE, "")
    if asked in words.LANGUAGES:
        return asked
    return next(
        (part for part in reversed(PurePath(folder).parts) if part in words.LANGUAGES), words.LANGUAGES[0]
    )
