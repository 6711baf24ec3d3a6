"""OpenAPI: the server's own description of what it serves, for programs. `kubectl explain` is read out of it.

    documents.py     which documents there are, hashes, negotiation
    version3.py      a document of OpenAPI v3               version2.py   the one of v2
    operations.py    what can be done with a kind           parameters.py what can be asked beside it
    schemas.py       the built-in types, out of the table of fields
    custom.py        the types of custom kinds, out of their definitions
    descriptions.py  sentences of our own about kinds and fields

Left out: protobuf as a form of the documents, the deprecated paths below /watch/, and most descriptions.
Upstream: ``kube-openapi``, ``apiserver/pkg/endpoints/openapi``.
"""

from k8scourse.apiserver.openapi.documents import Publisher

__all__ = ["Publisher"]
