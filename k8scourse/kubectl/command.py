"""What a kubectl command is: a path of words, the flags it knows, and the function that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .flags import Flag, left_out, switch
from .session import Session


@dataclass(frozen=True, slots=True)
class Command:
    """One verb. `path` is "get" or "rollout status"; `usage` what follows it on the line."""

    path: str
    run: Callable[[Session], None]
    flags: tuple[Flag, ...] = ()
    summary: str = ""
    usage: str = ""
    aliases: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


#: Flags of every command. Those that choose another server or another
#: kubeconfig are refused: there is one cluster here.
GLOBAL = (
    Flag("namespace", "n", help="the namespace to work in"),
    Flag("v", "v", "int", 0, help="how much to log: nothing is logged here"),
    Flag("request-timeout", default="0", help="calls take no time here"),
    Flag("cache-dir", help="nothing is cached here"),
    switch("disable-compression"),
    switch("match-server-version"),
    Flag("as", help="act as this user, or as system:serviceaccount:<namespace>:<name>"),
    Flag("as-group", kind="array", default=[], help="act as a member of this group; may be repeated"),
    Flag("as-uid", help="act as the user with this uid"),
    Flag("as-user-extra", kind="array", default=[], help="key=value that is known of the user; may be repeated"),
    *(
        left_out(name)
        for name in (
            "certificate-authority", "client-certificate", "client-key", "cluster",
            "context", "kubeconfig", "password", "profile", "tls-server-name", "token", "user", "username",
        )
    ),
    left_out("server", "s"),
    left_out("insecure-skip-tls-verify", kind="bool"),
    left_out("warnings-as-errors", kind="bool"),
)  # fmt: skip

FILENAME = Flag("filename", "f", "array", [], help="a file that describes the objects; - is standard input")
SELECTOR = Flag("selector", "l", help="only objects with these labels: key=value, key in (a,b), !key")
FIELDS = Flag("field-selector", help="only objects with these fields: key=value, key!=value")
ALL_NAMESPACES = switch("all-namespaces", "A", help="look in all namespaces")
OUTPUT = Flag("output", "o", help="json, yaml, name, wide, jsonpath=…, custom-columns=…")
DRY_RUN = Flag("dry-run", default="none", implied="unchanged", help="client, server or none")
MANAGER = Flag("field-manager")
VALIDATE = Flag("validate", default="strict", implied="strict", help="strict, warn or ignore unknown fields")
SUBRESOURCE = Flag("subresource", help="work on a part of the object that has a path of its own")
RECURSIVE = switch("recursive", "R")
NO_HEADERS = switch("no-headers", help="leave out the headings")
SHOW_MANAGED_FIELDS = switch("show-managed-fields")
SELECTING = (FILENAME, SELECTOR, switch("all"), FIELDS, RECURSIVE)
PRINTING = (
    OUTPUT,
    SHOW_MANAGED_FIELDS,
    Flag("template"),
    switch("allow-missing-template-keys", default=True),
)
