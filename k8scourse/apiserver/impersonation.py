"""Acting as somebody else: `Impersonate-User` and its companions, for those who may.

Two ways lead there, and the newer one is tried first. Constrained impersonation asks twice: may they do this very
thing while acting as somebody (`impersonate-on:user-info:list` on pods), and may they act as that one
(`impersonate:user-info` on users). The older way asks once, for `impersonate`, and then everything is open. When
both say no, the refusal is that of the first.

A header that comes several times has its values joined by line ends here, which no value can hold.

Upstream: ``apiserver/pkg/endpoints/filters/impersonation/{constrained_impersonation,mode}.go``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from k8scourse.api import names
from k8scourse.api.errors import BadRequest, Forbidden
from k8scourse.apiserver.authentication import header
from k8scourse.apiserver.authorization import Decision, refusal
from k8scourse.apiserver.rbac import Question
from k8scourse.apiserver.routes import unquote
from k8scourse.apiserver.users import (
    ALL_AUTHENTICATED,
    ALL_UNAUTHENTICATED,
    ANONYMOUS,
    MASTERS,
    NODE_PREFIX,
    NODES,
    Extra,
    UserInfo,
    account_groups,
    split_account,
)

Decide = Callable[[UserInfo, Question], Decision]
_USER, _UID, _GROUP, _EXTRA = "Impersonate-User", "Impersonate-Uid", "Impersonate-Group", "impersonate-extra-"
_AUTHENTICATION = "authentication.k8s.io"
_NODE_NAME = "authentication.kubernetes.io/node-name"


class _Mode(NamedTuple):
    """One way: its name in the verbs ("" for the older one), and whether it is for this user at all."""

    name: str
    fits: Callable[[UserInfo, UserInfo], bool]

    @property
    def verb(self) -> str:
        return f"impersonate:{self.name}" if self.name else "impersonate"


def wanted(headers: Mapping[str, str]) -> UserInfo | None:
    """Whom a request wants to act as, as it says it; None when it does not. Raises `BadRequest`."""
    for name in headers:
        if name[:1] in ("I", "i") and name[:12].lower() == "impersonate-":
            break
    else:
        return None
    name, uid = header(headers, _USER), header(headers, _UID)
    groups = tuple(header(headers, _GROUP).split("\n")) if header(headers, _GROUP) else ()
    extra = tuple(sorted(_extra(headers)))
    if name:
        return UserInfo(name, groups, uid, extra)
    if not (uid or groups or extra):
        return None
    shown = f'Name:"", UID:{_go(uid)}, Groups:{_go_list(groups)}, Extra:{_go_map(extra)}'
    raise BadRequest(f"requested &user.DefaultInfo{{{shown}}} without impersonating a user name")


def _extra(headers: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, text in headers.items():
        if name.lower().startswith(_EXTRA):
            yield unquote(name[len(_EXTRA) :].lower()), tuple(text.split("\n"))


def impersonated(decide: Decide, actor: UserInfo, user: UserInfo, question: Question) -> UserInfo:
    """The user that the request goes on as. Raises `Forbidden`."""
    first: Forbidden | None = None
    for mode in _MODES:
        if not mode.fits(user, actor):
            continue
        try:
            if mode.name:
                asked = question._replace(verb=f"impersonate-on:{mode.name}:{question.verb}")
                _check(decide, actor, asked)
            return _checked(decide, actor, user, mode)
        except Forbidden as error:
            first = first or error
    assert first is not None, "the older way fits everybody"
    raise first


def _checked(decide: Decide, actor: UserInfo, user: UserInfo, mode: _Mode) -> UserInfo:
    """The user with the groups that belong to it, if the actor may be all that it is asked to be."""
    group = _AUTHENTICATION if mode.name else ""
    groups, asked = user.groups, Question(mode.verb, group, "users", "", user.name)
    account, node = split_account(user.name), _node_name(user)
    if mode.name and node:
        groups, asked = (NODES,), asked._replace(resource="nodes", name=node)
        if mode.name == "associated-node":
            asked = asked._replace(name="*")
    if account is not None:
        asked = asked._replace(resource="serviceaccounts", namespace=account[0], name=account[1])
        groups = groups or account_groups(account[0])
    _check(decide, actor, asked)
    if user.uid:
        _check(decide, actor, Question(mode.verb, _AUTHENTICATION, "uids", "", user.uid))
    for one in user.groups:
        _check_group(decide, actor, mode, Question(mode.verb, group, "groups", "", one))
    for key, values in user.extra:
        for value in values:
            extra = Question(mode.verb, _AUTHENTICATION, f"userextras/{key}", "", value)
            _check(decide, actor, extra)
    return user._replace(groups=_completed(user.name, groups))


def _check_group(decide: Decide, actor: UserInfo, mode: _Mode, question: Question) -> None:
    if mode.name and question.name == MASTERS:
        raise refusal(actor, question, f"impersonating the {MASTERS} group is not allowed")
    if mode.name and not question.name:
        raise refusal(actor, question, "impersonating the empty string group is not allowed")
    _check(decide, actor, question)


def _completed(name: str, groups: tuple[str, ...]) -> tuple[str, ...]:
    everybody = ALL_UNAUTHENTICATED if name == ANONYMOUS.name else ALL_AUTHENTICATED
    if everybody in groups or ALL_UNAUTHENTICATED in groups:
        return groups
    return (*groups, everybody)


def _check(decide: Decide, actor: UserInfo, question: Question) -> None:
    decision = decide(actor, question)
    if not decision.allowed:
        raise refusal(actor, question, decision.reason)


# -- the ways -----------------------------------------------------------------------------------------


def _node_name(user: UserInfo) -> str:
    name = user.name.removeprefix(NODE_PREFIX)
    return name if name != user.name and not names.dns_subdomain_problems(name) else ""


def _only_name(user: UserInfo) -> bool:
    return not (user.groups or user.uid or user.extra)


def _is_own_node(user: UserInfo, actor: UserInfo) -> bool:
    at_home = split_account(actor.name) is not None and actor.values(_NODE_NAME) == (_node_name(user),)
    return bool(_only_name(user) and _node_name(user) and at_home)


def _is_node(user: UserInfo, actor: UserInfo) -> bool:
    return bool(_only_name(user) and _node_name(user))


def _is_account(user: UserInfo, actor: UserInfo) -> bool:
    return _only_name(user) and split_account(user.name) is not None


def _is_other(user: UserInfo, actor: UserInfo) -> bool:
    return not _node_name(user) and split_account(user.name) is None


_MODES = (
    _Mode("associated-node", _is_own_node),
    _Mode("arbitrary-node", _is_node),
    _Mode("serviceaccount", _is_account),
    _Mode("user-info", _is_other),
    _Mode("", lambda user, actor: True),
)


# -- values as Go's %#v shows them ------------------------------------------------------------------------


def _go(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _go_list(texts: tuple[str, ...]) -> str:
    return f"[]string{{{', '.join(map(_go, texts))}}}" if texts else "[]string(nil)"


def _go_map(extra: Extra) -> str:
    if not extra:
        return "map[string][]string(nil)"
    return f"map[string][]string{{{', '.join(f'{_go(key)}:{_go_list(values)}' for key, values in extra)}}}"
