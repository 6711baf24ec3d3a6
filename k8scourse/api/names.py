"""What may be a name: DNS labels and subdomains, label keys and values, ports, IP addresses.

Each ``*_problems`` function answers the list of upstream's sentences about a text, empty when it is good.
Upstream: ``staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go``.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_QUALIFIED})?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_PERCENT = "[0-9]+%"

_IS_LABEL = re.compile(_LABEL).fullmatch
_IS_SUBDOMAIN = re.compile(_SUBDOMAIN).fullmatch
_IS_LABEL_1035 = re.compile(_LABEL_1035).fullmatch
_IS_QUALIFIED = re.compile(_QUALIFIED).fullmatch
_IS_LABEL_VALUE = re.compile(_LABEL_VALUE).fullmatch
_IS_CONFIG_KEY = re.compile(_CONFIG_KEY).fullmatch
_IS_PERCENT = re.compile(_PERCENT).fullmatch


def too_long(limit: int, unit: str = "characters") -> str:
    """The sentence about a text of more than ``limit`` characters (upstream says bytes about labels)."""
    return f"must be no more than {limit} {unit}"


def _rule(message: str, pattern: str, *examples: str) -> str:
    """A rule with its examples and its regular expression, in upstream's form."""
    shown = ", ".join(
        f"'{example}', " if index < len(examples) - 1 else f"'{example}'"
        for index, example in enumerate(examples)
    )
    shown = shown.replace(", , ", ",  or ")
    return f"{message} (e.g. {shown}, regex used for validation is '{pattern}')"


_LABEL_RULE = _rule(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
    "start and end with an alphanumeric character",
    _LABEL,
    "my-name",
    "123-abc",
)
_SUBDOMAIN_RULE = _rule(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character",
    _SUBDOMAIN,
    "example.com",
)
_LABEL_1035_RULE = _rule(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character",
    _LABEL_1035,
    "my-name",
    "abc-123",
)
_QUALIFIED_RULE = _rule(
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character",
    _QUALIFIED,
    "MyName",
    "my.name",
    "123-abc",
)
_LABEL_VALUE_RULE = _rule(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character",
    _LABEL_VALUE,
    "MyValue",
    "my_value",
    "12345",
)
_CONFIG_KEY_RULE = _rule(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    _CONFIG_KEY,
    "key.name",
    "KEY_NAME",
    "key-name",
)
_PERCENT_RULE = _rule(
    "a valid percent string must be a numeric string followed by an ending '%'", _PERCENT, "1%", "93%"
)


def _checked(text: str, limit: int, good: bool, rule: str, unit: str = "characters") -> list[str]:
    problems = [too_long(limit, unit)] if len(text.encode("utf-8", "surrogatepass")) > limit else []
    return problems if good else [*problems, rule]


@lru_cache(maxsize=8192)
def _label(text: str) -> tuple[str, ...]:
    rule = "must not contain dots" if _IS_SUBDOMAIN(text) else _LABEL_RULE
    return tuple(_checked(text, 63, _IS_LABEL(text) is not None, rule))


def dns_label_problems(text: str) -> list[str]:
    """RFC 1123 label: names of namespaces, containers, volumes."""
    return list(_label(text))


@lru_cache(maxsize=8192)
def _subdomain(text: str) -> tuple[str, ...]:
    return tuple(_checked(text, 253, _IS_SUBDOMAIN(text) is not None, _SUBDOMAIN_RULE))


def dns_subdomain_problems(text: str) -> list[str]:
    """RFC 1123 subdomain: names of most objects."""
    return list(_subdomain(text))


_UNDERSCORE_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_UNDERSCORE_SUBDOMAIN = rf"{_UNDERSCORE_LABEL}(\.{_UNDERSCORE_LABEL})*"
_UNDERSCORE_RULE = _rule(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' "
    "or '.', and must start and end with an alphanumeric character",
    _UNDERSCORE_SUBDOMAIN,
    "example.com",
)
_IS_UNDERSCORE = re.compile(_UNDERSCORE_SUBDOMAIN).fullmatch


def underscore_subdomain_problems(text: str) -> list[str]:
    """A subdomain whose parts may hold underscores: a search path of DNS."""
    return _checked(text, 253, _IS_UNDERSCORE(text) is not None, _UNDERSCORE_RULE)


def dns_1035_problems(text: str) -> list[str]:
    """RFC 1035 label: must begin with a letter."""
    return _checked(text, 63, _IS_LABEL_1035(text) is not None, _LABEL_1035_RULE)


_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"


def domain_path_problems(text: str) -> list[tuple[str, str]]:
    """``acme.io/foo``: the parts that are wrong, each with its sentence; the text must not be empty."""
    domain, slash, rest = text.partition("/")
    if not slash or not domain or not rest:
        return [(text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    problems = [(domain, problem) for problem in dns_subdomain_problems(domain)]
    if not re.fullmatch(_HTTP_PATH, rest):
        problems.append((rest, f"Invalid path (regex used for validation is '{_HTTP_PATH}')"))
    return problems


_WILDCARD_RULE = _rule(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which "
    "must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric "
    "character",
    rf"\*\.{_SUBDOMAIN}",
    "*.example.com",
)
_IS_WILDCARD = re.compile(rf"\*\.{_SUBDOMAIN}").fullmatch


def wildcard_problems(text: str) -> list[str]:
    """``*.example.com``: the host of an Ingress may begin so."""
    return _checked(text, 253, _IS_WILDCARD(text) is not None, _WILDCARD_RULE)


@lru_cache(maxsize=8192)
def _qualified(text: str) -> tuple[str, ...]:
    parts = text.split("/")
    if len(parts) > 2:
        prefix_rule = _rule(
            "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must "
            "start and end with an alphanumeric character",
            _QUALIFIED,
            "MyName",
            "my.name",
            "123-abc",
        )
        return (f"{prefix_rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",)
    problems: list[str] = []
    if len(parts) == 2:
        if parts[0]:
            problems += [f"prefix part {problem}" for problem in dns_subdomain_problems(parts[0])]
        else:
            problems.append("prefix part must be non-empty")
    name = parts[-1]
    if not name:
        problems.append("name part must be non-empty")
    elif len(name) > 63:
        problems.append(f"name part {too_long(63, 'bytes')}")
    if not _IS_QUALIFIED(name):
        problems.append(_QUALIFIED_RULE)
    return tuple(problems)


def qualified_name_problems(text: str) -> list[str]:
    """``example.com/name``: keys of labels, annotations, finalizers, extended resources."""
    return list(_qualified(text))


@lru_cache(maxsize=8192)
def _label_value(text: str) -> tuple[str, ...]:
    return tuple(_checked(text, 63, _IS_LABEL_VALUE(text) is not None, _LABEL_VALUE_RULE, "bytes"))


def label_value_problems(text: str) -> list[str]:
    """The value of a label."""
    return list(_label_value(text))


def config_key_problems(text: str) -> list[str]:
    """A key of ``data`` in a ConfigMap or Secret."""
    problems = _checked(text, 253, _IS_CONFIG_KEY(text) is not None, _CONFIG_KEY_RULE)
    if text == ".":
        problems.append("must not be '.'")
    elif text == "..":
        problems.append("must not be '..'")
    elif text.startswith(".."):
        problems.append("must not start with '..'")
    return problems


def percent_problems(text: str) -> list[str]:
    """``25%``."""
    return [] if _IS_PERCENT(text) else [_PERCENT_RULE]


def environment_name_problems(text: str) -> list[str]:
    """The name of an environment variable: any printable ASCII except ``=``."""
    if not text:
        return ["environment variable name must be non-empty"]
    if all(" " <= character <= "~" and character != "=" for character in text):
        return []
    return [
        "a valid environment variable name must consist only of printable ASCII characters other than '='"
    ]


_HEADER_RULE = _rule(
    "a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name"
)


def header_name_problems(text: str) -> list[str]:
    """The name of an HTTP header."""
    return [] if re.fullmatch("[-A-Za-z0-9]+", text) else [_HEADER_RULE]


def port_number_problems(port: int) -> list[str]:
    """A port number, 1 to 65535."""
    return [] if 1 <= port <= 65535 else ["must be between 1 and 65535, inclusive"]


def port_name_problems(text: str) -> list[str]:
    """An IANA service name: at most 15 letters, digits and hyphens with at least one letter."""
    problems = [too_long(15)] if len(text) > 15 else []
    if not re.fullmatch(r"[-a-z0-9]+", text):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", text):
        problems.append("must contain at least one letter (a-z)")
    if "--" in text:
        problems.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        problems.append("must not begin or end with a hyphen")
    return problems


def ip_problems(text: str) -> list[str]:
    """An IPv4 or IPv6 address."""
    return (
        []
        if is_ipv4(text) or is_ipv6(text)
        else ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
    )


def is_ipv4(text: str) -> bool:
    """Whether the text is a dotted IPv4 address without leading zeros."""
    parts = text.split(".")
    return len(parts) == 4 and all(
        part.isascii()
        and part.isdigit()
        and len(part) <= 3
        and int(part) <= 255
        and (part == "0" or part[0] != "0")
        for part in parts
    )


def is_ipv6(text: str) -> bool:
    """Whether the text is an IPv6 address (without zone)."""
    if ":" not in text or not re.fullmatch(r"[0-9a-fA-F:.]+", text):
        return False
    if "." in text:
        head, _, tail = text.rpartition(":")
        if not is_ipv4(tail):
            return False
        text = f"{head}:0:0"
    halves = text.split("::")
    groups = [group for half in halves for group in half.split(":") if half]
    well_formed = all(1 <= len(group) <= 4 for group in groups)
    return well_formed and (len(groups) == 8 if len(halves) == 1 else len(halves) == 2 and len(groups) <= 7)


def cidr_problems(text: str) -> list[str]:
    """A network such as ``10.9.8.0/24``."""
    address, slash, length = text.partition("/")
    limit = 32 if is_ipv4(address) else 128 if is_ipv6(address) else -1
    good = bool(slash) and length.isascii() and length.isdigit() and int(length) <= limit
    return [] if good else ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]


def special_ip_problems(text: str) -> list[str]:
    """Addresses that no endpoint may have: unspecified, loopback, link-local."""
    if text in ("0.0.0.0", "::"):
        return [f"may not be unspecified ({text})"]
    if text.startswith("127.") or text == "::1":
        return ["may not be in the loopback range (127.0.0.0/8, ::1/128)"]
    if text.startswith("169.254.") or text.lower().startswith("fe80:"):
        return ["may not be in the link-local range (169.254.0.0/16, fe80::/10)"]
    if text.startswith("224.0.0.") or text.lower().startswith("ff02:"):
        return ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"]
    return []


def within(inner: str, outer: str) -> bool:
    """Whether a network lies in another one and is smaller; both are good networks."""
    small, large = ipaddress.ip_network(inner, strict=False), ipaddress.ip_network(outer, strict=False)
    return (
        small.version == large.version
        and large.prefixlen < small.prefixlen
        and (small.network_address in large)
    )
