"""The client certificates that kubeadm makes: who the components are.

The common name is the user, the organizations are its groups; the cluster's own authority has signed them all.
Upstream: `cmd/kubeadm/app/phases/kubeconfig/kubeconfig.go`.
"""

from __future__ import annotations

from ..apiserver import Certificate, user_info
from ..apiserver.users import ALL_AUTHENTICATED


def certificate_of(user: str, groups: tuple[str, ...] = ()) -> Certificate:
    """The certificate of a user: its groups are those given and those that its name brings."""
    known = (group for group in user_info(user).groups if group != ALL_AUTHENTICATED)
    return Certificate(user, tuple(dict.fromkeys((*groups, *known))))
