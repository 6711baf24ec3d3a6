"""DefaultBinder: writes the chosen node into the Pod, through the Pod's binding subresource.

Upstream: `pkg/scheduler/framework/plugins/defaultbinder/default_binder.go`.
"""

from __future__ import annotations

from k8scourse.api.values import Object

from ..framework import BasePlugin


class DefaultBinder(BasePlugin):
    """Binds with one call."""

    name = "DefaultBinder"

    def bind(self, pod: Object, node_name: str) -> None:
        """Bind the Pod; raises what the API raises."""
        self.handle.client.bind(pod, node_name)
