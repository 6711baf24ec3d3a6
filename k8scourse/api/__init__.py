"""What the wire says, pure: kinds, names, selectors, quantities, schema, defaults, validation, patches, tables.

The real thing is spread over ``k8s.io/api``, ``k8s.io/apimachinery`` and ``pkg/apis`` of Kubernetes.  Ours
keeps one version per kind (no conversion), knows the kinds listed in :mod:`k8scourse.api.kinds`, and leaves
out protobuf.  Nothing here does I/O or knows the time: functions from values to values.
Lesson 00 shows its objects; the lesson on the API server teaches what each part is for.
"""
