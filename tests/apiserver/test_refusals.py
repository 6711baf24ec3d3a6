"""What the server does not take, kind by kind, each with the causes it answers.

The cases stand in ``refusals/*.yaml``: an object of the file's kind with ``merge`` laid over it is refused when it
is created, or taken and then refused when ``change`` (a merge patch) is laid over it; ``accepted`` ones are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from apiserver.support import MERGE_PATCH, Api

FOLDER = Path(__file__).parent / "refusals"


def merged(base: Any, over: Any) -> Any:
    """`base` with `over` laid on it: dicts are merged, everything else is replaced, null takes away."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    keys = [*base, *(key for key in over if key not in base)]
    values = {key: merged(base.get(key), over[key]) if key in over else base[key] for key in keys}
    return {key: value for key, value in values.items() if key not in over or over[key] is not None}


def cases() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            for case in document["cases"]:
                kind = document["path"].rpartition("/")[2]
                yield pytest.param(document, case, id=f"{kind}: {case['says']}")


def answered(api: Api, document: Any, case: Any) -> Any:
    body = merged(document["base"], case.get("merge") or {})
    if "change" not in case:
        return api.send("POST", document["path"], body)
    made = api.post(document["path"], body)
    path = "/".join(filter(None, [document["path"], made["metadata"]["name"], case.get("subresource")]))
    if case.get("status"):
        api.patch(f"{path}/status", {"status": case["status"]})
    return api.send("PATCH", path, case["change"], content_type=MERGE_PATCH)


@pytest.mark.parametrize(("document", "case"), [*cases()])
def test_the_server_says_what_is_wrong(api: Api, document: Any, case: Any) -> None:
    answer = answered(api, document, case)
    if case.get("accepted"):
        assert answer.code in (200, 201), answer.body["message"]
        return
    assert answer.code == 422, answer.body
    assert [f"{cause['field']}: {cause['message']}" for cause in answer.body["details"]["causes"]] == case[
        "causes"
    ]
