"""The kinds that are about the API itself: more kinds, more admission, and questions that are never stored.

Upstream: ``apiextensions-apiserver/pkg/registry/customresourcedefinition``,
``pkg/registry/{admissionregistration,authentication,authorization}``.
"""

from __future__ import annotations

from k8scourse.api.kind import Kind

ADMISSION = "admissionregistration.k8s.io"
AUTHENTICATION, AUTHORIZATION = "authentication.k8s.io", "authorization.k8s.io"
CUSTOM_RESOURCE_DEFINITION = Kind(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    subresources=("status",),
    storage_prefix="/registry/apiextensions.k8s.io/customresourcedefinitions",
    generation=True,
    unconditional_update=False,
    returns_deleted=True,
)


def _admission(kind: str, *, subresources: tuple[str, ...] = (), plural: str = "") -> Kind:
    plural = plural or f"{kind.lower()}s"
    return Kind(
        ADMISSION,
        "v1",
        kind,
        plural,
        namespaced=False,
        categories=("api-extensions",),
        subresources=subresources,
        storage_prefix=f"/registry/{plural}",
        generation=True,
        unconditional_update=False,
    )


MUTATING_WEBHOOK_CONFIGURATION = _admission("MutatingWebhookConfiguration")
VALIDATING_ADMISSION_POLICY = _admission(
    "ValidatingAdmissionPolicy", subresources=("status",), plural="validatingadmissionpolicies"
)
VALIDATING_ADMISSION_POLICY_BINDING = _admission("ValidatingAdmissionPolicyBinding")
VALIDATING_WEBHOOK_CONFIGURATION = _admission("ValidatingWebhookConfiguration")


def _question(group: str, kind: str, *, namespaced: bool = False) -> Kind:
    return Kind(group, "v1", kind, f"{kind.lower()}s", namespaced=namespaced, verbs=("create",))


SELF_SUBJECT_REVIEW = _question(AUTHENTICATION, "SelfSubjectReview")
TOKEN_REVIEW = _question(AUTHENTICATION, "TokenReview")
LOCAL_SUBJECT_ACCESS_REVIEW = _question(AUTHORIZATION, "LocalSubjectAccessReview", namespaced=True)
SELF_SUBJECT_ACCESS_REVIEW = _question(AUTHORIZATION, "SelfSubjectAccessReview")
SELF_SUBJECT_RULES_REVIEW = _question(AUTHORIZATION, "SelfSubjectRulesReview")
SUBJECT_ACCESS_REVIEW = _question(AUTHORIZATION, "SubjectAccessReview")
#: A body only: POST serviceaccounts/x/token.
TOKEN_REQUEST = Kind(AUTHENTICATION, "v1", "TokenRequest", "", verbs=())

API_KINDS: tuple[Kind, ...] = (
    CUSTOM_RESOURCE_DEFINITION,
    MUTATING_WEBHOOK_CONFIGURATION,
    VALIDATING_ADMISSION_POLICY,
    VALIDATING_ADMISSION_POLICY_BINDING,
    VALIDATING_WEBHOOK_CONFIGURATION,
    SELF_SUBJECT_REVIEW,
    TOKEN_REVIEW,
    LOCAL_SUBJECT_ACCESS_REVIEW,
    SELF_SUBJECT_ACCESS_REVIEW,
    SELF_SUBJECT_RULES_REVIEW,
    SUBJECT_ACCESS_REVIEW,
)
