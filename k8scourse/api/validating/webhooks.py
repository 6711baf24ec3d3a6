"""ValidatingWebhookConfiguration and MutatingWebhookConfiguration, and the rules that they share with policies.

Upstream: ``pkg/apis/admissionregistration/validation/validation.go``,
``staging/src/k8s.io/apiserver/pkg/util/webhook/validation.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from k8scourse.api import names
from k8scourse.api.cel.types import BOOL
from k8scourse.api.errors import Cause
from k8scourse.api.expressions import Invalid, admission_variables, compiled
from k8scourse.api.fielderrors import duplicate, each_invalid, invalid, not_supported, required
from k8scourse.api.validating.scheduling import label_selector

Object = dict[str, Any]
FAILURE_POLICIES = ("Fail", "Ignore")
MATCH_POLICIES = ("Equivalent", "Exact")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_REINVOCATIONS = ("IfNeeded", "Never")
_REVIEW_VERSIONS = ("v1", "v1beta1")
_SCOPES = ("*", "Cluster", "Namespaced")
_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?:(?P<user>[^/?#@]*)@)?(?P<host>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
_FORM = "; desired format: https://host[/path]"


def validating(obj: Object) -> Iterator[Cause]:
    """A ValidatingWebhookConfiguration."""
    yield from _webhooks(obj, mutating=False)


def mutating(obj: Object) -> Iterator[Cause]:
    """A MutatingWebhookConfiguration."""
    yield from _webhooks(obj, mutating=True)


def _webhooks(obj: Object, mutating: bool) -> Iterator[Cause]:
    seen: list[str] = []
    for index, hook in enumerate(obj.get("webhooks") or ()):
        path, name = f"webhooks[{index}]", hook.get("name", "")
        yield from _webhook(hook, path, mutating)
        yield from _review_versions(
            hook.get("admissionReviewVersions") or (), f"{path}.admissionReviewVersions"
        )
        if name and name in seen:
            yield duplicate(f"{path}.name", name)
        seen.append(name)


def _webhook(hook: Object, path: str, mutating: bool) -> Iterator[Cause]:
    yield from _domain(hook.get("name", ""), f"{path}.name")
    for index, rule in enumerate(hook.get("rules") or ()):
        yield from rule_with_operations(rule, f"{path}.rules[{index}]")
    yield from choice(hook, "failurePolicy", FAILURE_POLICIES, path)
    yield from choice(hook, "matchPolicy", MATCH_POLICIES, path)
    if hook.get("sideEffects") is None:
        yield required(f"{path}.sideEffects", f"must specify one of {', '.join(_SIDE_EFFECTS)}")
    yield from choice(hook, "sideEffects", _SIDE_EFFECTS, path)
    timeout = hook.get("timeoutSeconds")
    if timeout is not None and not 1 <= timeout <= 30:
        yield invalid(f"{path}.timeoutSeconds", timeout, "the timeout value must be between 1 and 30 seconds")
    for field in ("namespaceSelector", "objectSelector"):
        if hook.get(field) is not None:
            yield from label_selector(hook[field], f"{path}.{field}")
    if mutating:
        yield from choice(hook, "reinvocationPolicy", _REINVOCATIONS, path)
    yield from _client(hook.get("clientConfig") or {}, f"{path}.clientConfig")
    yield from match_conditions(hook.get("matchConditions") or (), f"{path}.matchConditions")


def _domain(name: str, path: str) -> Iterator[Cause]:
    problems = names.dns_subdomain_problems(name) if name else []
    if not name:
        yield required(path)
    elif problems:
        yield invalid(path, name, ",".join(problems))
    elif name.count(".") < 2:
        yield invalid(path, name, "should be a domain with at least three segments separated by dots")


def choice(obj: Object, field: str, supported: Sequence[str], path: str) -> Iterator[Cause]:
    """A field that, where it is given, is one of a few words."""
    if obj.get(field) is not None and obj[field] not in supported:
        yield not_supported(f"{path}.{field}", obj[field], supported)


def _review_versions(versions: Sequence[str], path: str) -> Iterator[Cause]:
    listed = ", ".join(_REVIEW_VERSIONS)
    if not versions:
        yield required(path, f"must specify one of {listed}")
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid(f"{path}[{index}]", version, "duplicate version")
            continue
        yield from each_invalid(f"{path}[{index}]", version, names.dns_1035_problems(version))
    if not any(version in _REVIEW_VERSIONS for version in versions):
        yield invalid(path, list(versions), f"must include at least one of {listed}")


# -- whom to call -------------------------------------------------------------------------------------


def _client(config: Object, path: str) -> Iterator[Cause]:
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from _url(url, f"{path}.url")
    else:
        yield from _service(service or {}, f"{path}.service")


def _url(url: str, path: str) -> Iterator[Cause]:
    problem = _unparsable(url)
    if problem:
        yield required(path, f'url must be a valid URL: parse "{url}": {problem}{_FORM}')
        return
    found = _URL.fullmatch(url)
    assert found is not None
    scheme, host = (found["scheme"] or "").lower(), found["host"] or ""
    if scheme != "https":
        yield invalid(path, scheme, f"'https' is the only allowed URL scheme{_FORM}")
    if not host:
        yield invalid(path, host, f"host must be provided{_FORM}")
    if found["user"] is not None:
        yield invalid(path, found["user"], "user information is not permitted in the URL")
    if found["fragment"]:
        yield invalid(path, found["fragment"], "fragments are not permitted in the URL")
    if found["query"]:
        yield invalid(path, found["query"], "query parameters are not permitted in the URL")


def _unparsable(url: str) -> str:
    """What Go's parser of URLs has against a text, "" for nothing."""
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in url):
        return "net/url: invalid control character in URL"
    if url.startswith(":"):
        return "missing protocol scheme"
    found = _URL.fullmatch(url)
    bad = next((letter for letter in ((found and found["host"]) or "") if letter in ' "<>\\^`{|}'), "")
    return f'invalid character "{bad}" in host name' if bad else ""


def _service(service: Object, path: str) -> Iterator[Cause]:
    # Upstream hands name and namespace over in the wrong order; so the one is missed under the other's name.
    if not service.get("namespace"):
        yield required(f"{path}.name", "service name is required")
    if not service.get("name"):
        yield required(f"{path}.namespace", "service namespace is required")
    port = service.get("port", 0)
    problems = names.port_number_problems(port)
    if problems:
        yield invalid(f"{path}.port", port, f"port is not valid: {', '.join(problems)}")
    yield from _url_path(service.get("path") or "", f"{path}.path")


def _url_path(url_path: str, path: str) -> Iterator[Cause]:
    if url_path in ("", "/"):
        return
    if url_path == "//":
        yield invalid(path, url_path, "segment[0] may not be empty")
        return
    if not url_path.startswith("/"):
        yield invalid(path, url_path, "must start with a '/'")
    for index, step in enumerate(url_path[1:].removesuffix("/").split("/")):
        if not step:
            yield invalid(path, url_path, f"segment[{index}] may not be empty")
            continue
        for problem in names.dns_subdomain_problems(step):
            yield invalid(path, url_path, f"segment[{index}]: {problem}")


# -- which requests -----------------------------------------------------------------------------------


def rule_with_operations(rule: Object, path: str) -> Iterator[Cause]:
    """Operations, groups, versions and resources of a webhook's or a policy's rule."""
    operations = rule.get("operations") or ()
    if not operations:
        yield required(f"{path}.operations")
    if len(operations) > 1 and "*" in operations:
        yield invalid(
            f"{path}.operations", list(operations), "if '*' is present, must not specify other operations"
        )
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            yield not_supported(f"{path}.operations[{index}]", operation, _OPERATIONS)
    for field, words in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        listed = rule.get(field) or ()
        if not listed:
            yield required(f"{path}.{field}")
        if len(listed) > 1 and "*" in listed:
            yield invalid(
                f"{path}.{field}", list(listed), f"if '*' is present, must not specify other {words}"
            )
    for index, version in enumerate(rule.get("apiVersions") or ()):
        if not version:
            yield required(f"{path}.apiVersions[{index}]")
    yield from _resources(rule.get("resources") or (), f"{path}.resources")
    yield from choice(rule, "scope", _SCOPES, path)


def _resources(resources: Sequence[str], path: str) -> Iterator[Cause]:
    if not resources:
        yield required(path)
    whole: list[str] = []  # x/*
    parts: list[str] = []  # */x
    plain = False
    for index, each in enumerate(resources):
        if not each:
            yield required(f"{path}[{index}]")
            continue
        resource, slash, part = each.partition("/")
        if not slash:
            plain = each != "*"
            continue
        if resource in whole:
            why = f"if '{resource}/*' is present, must not specify {each}"
            yield invalid(f"{path}[{index}]", each, why)
        if part in parts:
            yield invalid(f"{path}[{index}]", each, f"if '*/{part}' is present, must not specify {each}")
        whole += [resource] if part == "*" else []
        parts += [part] if resource == "*" else []
    if len(resources) > 1 and "*/*" in resources:
        yield invalid(path, list(resources), "if '*/*' is present, must not specify other resources")
    if "*" in resources and plain:
        why = "if '*' is present, must not specify other resources without subresources"
        yield invalid(path, list(resources), why)


# -- conditions ---------------------------------------------------------------------------------------

_MOST_CONDITIONS = 64


def match_conditions(conditions: Sequence[Object], path: str, has_params: bool = False) -> Iterator[Cause]:
    """The matchConditions of a webhook or a policy."""
    if len(conditions) > _MOST_CONDITIONS:
        detail = f"Too many: {len(conditions)}: must have at most {_MOST_CONDITIONS} items"
        yield Cause(path, "FieldValueTooMany", detail)
    seen: list[str] = []
    for index, condition in enumerate(conditions):
        here, name = f"{path}[{index}]", condition.get("name", "")
        expression = condition.get("expression", "").strip()
        if not expression:
            yield required(f"{here}.expression")
        else:
            try:
                compiled(expression, admission_variables(has_params), (BOOL,))
            except Invalid as problem:
                yield invalid(f"{here}.expression", expression, str(problem))
        if not name:
            yield required(f"{here}.name")
        else:
            yield from each_invalid(f"{here}.name", name, names.qualified_name_problems(name))
        if name and name in seen:
            yield duplicate(f"{here}.name", name)
        seen.append(name)
