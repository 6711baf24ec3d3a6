"""Client certificates: what TLS has found out about a caller before the first byte of its request.

A certificate is no header. Whoever writes a request can write any header into it; a certificate is put on the
`Request` by the transport, which has seen that the caller holds the key: here that is the cluster itself, over
HTTP it is the TLS library. The common name is the user, the organizations are its groups.

Upstream: ``apiserver/pkg/authentication/request/x509/x509.go``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from k8scourse.api.times import format_time
from k8scourse.apiserver.users import Authenticated, Credentials, Rejected, UserInfo, with_everybody

#: The common name of kubeadm's certificate authority.
CLUSTER_CA = "kubernetes"
YEAR_NS = 365 * 24 * 3600 * 1_000_000_000
CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"


class Certificate(NamedTuple):
    """The certificate of a client, as far as it counts here; times in nanoseconds of virtual time.

    `issuer` is the common name of the authority that signed it, `uid` an optional part of the subject.
    """

    common_name: str
    organizations: tuple[str, ...] = ()
    issuer: str = CLUSTER_CA
    not_before: int = 0
    not_after: int = YEAR_NS
    uid: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the certificate says, in hexadecimal digits."""
        return hashlib.sha256("\n".join(map(str, self)).encode()).hexdigest()


class ClientCertificates:
    """Takes a caller for who its certificate says, when a trusted authority signed it and it is in force."""

    def __init__(self, now: Callable[[], int], trusted: Sequence[str] = (CLUSTER_CA,)) -> None:
        self._now, self._trusted = now, tuple(trusted)
        self._known: dict[Certificate, Authenticated] = {}

    def authenticate(self, credentials: Credentials) -> Authenticated | None:
        """The user of the certificate; None without one. Raises `Rejected`."""
        certificate = credentials.certificate
        if not isinstance(certificate, Certificate):
            return None
        known = self._known.get(certificate)
        if known is None:
            known = self._known[certificate] = self._read(certificate)
        now = self._now()
        if now > certificate.not_after or now < certificate.not_before:
            raise self._out_of_force(certificate, now)
        return known if known.user.name else None

    def _read(self, certificate: Certificate) -> Authenticated:
        name, groups = certificate.common_name, certificate.organizations
        if certificate.issuer not in self._trusted:
            why = "x509: certificate signed by unknown authority"
            raise Rejected(why, "unknown_authority", name=name, issuer=certificate.issuer)
        extra = ((CREDENTIAL_ID, (f"X509SHA256={certificate.fingerprint}",)),)
        user = with_everybody(UserInfo(name, groups, certificate.uid, extra))
        details = {"name": name, "groups": ", ".join(groups), "issuer": certificate.issuer}
        return Authenticated(user, "certificate" if groups else "certificate_alone", details)

    def _out_of_force(self, certificate: Certificate, now: int) -> Rejected:
        late = now > certificate.not_after
        when = format_time(certificate.not_after if late else certificate.not_before)
        why = f"current time {format_time(now)} is {'after' if late else 'before'} {when}"
        message = f"x509: certificate has expired or is not yet valid: {why}"
        key = "certificate_expired" if late else "certificate_too_new"
        return Rejected(message, key, name=certificate.common_name, when=when)
