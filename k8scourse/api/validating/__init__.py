"""What may be stored: one module per family of kinds, driven by :mod:`k8scourse.api.validation`.

Every function takes a decoded, defaulted object (or a part of it and the part's path) and yields what is wrong
with it, in the order in which the real API server finds it.  Paths and sentences are upstream's
(``pkg/apis/<group>/validation/validation.go``).
"""
