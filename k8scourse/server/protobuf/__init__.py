"""Protobuf in request bodies, made readable: client-go sends `create KIND`, reviews and others this way.

Only decoding: an answer may always be JSON (but one, in `openapi.py`). A table says which number is which field
(`core.txt`, `groups.txt`); `table.py` reads it, `decode.py` turns bytes into the JSON that the same client would
have sent.

Upstream: ``apimachinery/pkg/runtime/serializer/protobuf``; wire format: https://protobuf.dev/programming-guides/encoding/
"""

from .decode import Malformed, decode
from .openapi import OPENAPI_V2, old_openapi, wants_old_openapi

__all__ = ["OPENAPI_V2", "Malformed", "decode", "old_openapi", "wants_old_openapi"]
