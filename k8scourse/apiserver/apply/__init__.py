"""Server-side apply: who wrote which field, and what follows from it.

Every object carries in `metadata.managedFields` one entry per manager with the fields that it set. A plain write
takes what it changes away from everybody else; an apply says "these fields shall be mine with these values" and is
refused when another manager owns one of them with another value. What an applier does not mention any more is
removed, unless somebody else owns it too.

The real component is the library structured-merge-diff with ``apimachinery/pkg/util/managedfields`` around it. Ours
has one version per kind, so nothing is ever converted between versions, and no unions. Later lessons teach it.
"""
