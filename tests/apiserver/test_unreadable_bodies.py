"""Bodies of which the server cannot even tell the kind: Go's words, and the beginning of the body."""

from __future__ import annotations

import pytest
from apiserver.support import Api

PATH = "/api/v1/namespaces/default/configmaps"
KEY = "looking for beginning of object key string"
TYPE = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
WORDS = [
    (b"", "unexpected end of JSON input", "<empty>"),
    (b"{", "unexpected end of JSON input", "{"),
    (b'{"a":"x', "unexpected end of JSON input", '{"a":"x'),
    (b'{"a":1,}', f"invalid character '}}' {KEY}", '{"a":1,}'),
    (b"{a:1}", f"invalid character 'a' {KEY}", "{a:1}"),
    (b"{'a':1}", rf"invalid character '\'' {KEY}", "{'a':1}"),
    (b'{"a" 1}', "invalid character '1' after object key", '{"a" 1}'),
    (b'{"a":1 "b":2}', "invalid character '\"' after object key:value pair", '{"a":1 "b":2}'),
    (b'{"a":[1 2]}', "invalid character '2' after array element", '{"a":[1 2]}'),
    (b'{"a":[1,]}', "invalid character ']' looking for beginning of value", '{"a":[1,]}'),
    (b"{} x", "invalid character 'x' after top-level value", "{} x"),
    (b'{"a":tru}', "invalid character '}' in literal true (expecting 'e')", '{"a":tru}'),
    (b"nope", "invalid character 'o' in literal null (expecting 'u')", "6e6f7065"),
    (
        b"kind: ConfigMap",
        "invalid character 'k' looking for beginning of value",
        "6b696e643a20436f6e6669674d6170",
    ),
    (b"[]", f"json: cannot unmarshal array into Go value of type {TYPE}", "5b5d"),
    (b'{"kind":5}', "json: cannot unmarshal number into Go struct field .kind of type string", '{"kind":5}'),
]


@pytest.mark.parametrize(("body", "words", "start"), WORDS)
def test_a_body_without_a_kind_is_shown_from_its_beginning(
    api: Api, body: bytes, words: str, start: str
) -> None:
    assert api.send("POST", PATH, body).body["message"] == (
        "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; "
        f"json parse error: {words} ({start})"
    )


def test_of_a_long_body_thirty_bytes_are_shown(api: Api) -> None:
    assert api.send("POST", PATH, b"{" * 31).body["message"].endswith(f" ({'{' * 30} ...)")
    assert api.send("POST", PATH, b"x" * 31).body["message"].endswith(f" ({'78' * 30} ...)")


def test_yaml_that_does_not_parse_is_shown_too(api: Api) -> None:
    assert api.send("POST", PATH, b"a: [", content_type="application/yaml").body["message"] == (
        "the object provided is unrecognized (must be of type ConfigMap): error converting YAML to JSON: yaml: "
        "did not find expected node content (613a205b)"
    )


def test_null_is_an_object_with_nothing_in_it(api: Api) -> None:
    message = api.send("POST", PATH, b"null").body["message"]
    assert (
        message == 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'
    )


def test_options_of_a_deletion_may_be_missing_and_are_readable(api: Api) -> None:
    api.post(PATH, {"metadata": {"name": "c"}})
    answer = api.send("DELETE", f"{PATH}/c", b"propagationPolicy=Orphan")
    assert (answer.code, answer.body["message"]) == (
        400,
        "the object provided is unrecognized (must be of type DeleteOptions): couldn't get version/kind; json parse "
        "error: invalid character 'p' looking for beginning of value "
        "(70726f7061676174696f6e506f6c6963793d4f727068616e)",
    )
    assert api.send("DELETE", f"{PATH}/c", b"").code == 200


@pytest.mark.parametrize("kind", ["ConfigMapList", "List", "DeleteOptions"])
def test_a_kind_beside_the_resources_is_known_and_yet_another(api: Api, kind: str) -> None:
    assert api.send("POST", PATH, {"apiVersion": "v1", "kind": kind}).body["message"] == (
        f'{kind} in version "v1" cannot be handled as a ConfigMap: converting (v1.{kind}) to (core.ConfigMap): '
        "unknown conversion"
    )


def test_an_object_that_is_replaced_has_its_name(api: Api) -> None:
    api.post(PATH, {"metadata": {"name": "c"}})
    assert api.send("PUT", f"{PATH}/c", {"data": {}}).body["message"] == (
        "the name of the object (c based on URL) was undeterminable: name must be provided"
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0"),
        ("limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=0", "sinceSeconds: Invalid value: 0: must be greater than 0"),
    ],
)
def test_options_of_a_log_have_bounds(api: Api, query: str, message: str) -> None:
    pods = "/api/v1/namespaces/default/pods"
    api.post(pods, {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}})
    answer = api.send("GET", f"{pods}/p/log?{query}")
    assert (answer.code, answer.body["message"]) == (422, f'PodLogOptions "p" is invalid: {message}')


@pytest.mark.parametrize("media", ["json", "merge-patch+json", "strategic-merge-patch+json"])
def test_half_a_letter_is_never_sent_back(api: Api, media: str) -> None:
    api.post(PATH, {"metadata": {"name": "a"}})
    answer = api.send("PATCH", f"{PATH}/a", "\ud800", content_type=f"application/{media}")
    assert answer.code in (400, 415)
    assert answer.body["message"].encode()
