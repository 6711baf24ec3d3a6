"""The programs that run inside containers: small Python objects that behave like the real ones, seen from outside.

A factory takes a `Container` and builds what runs in it. `DEFAULT_PROGRAMS` holds those of public images, by
repository; the composition root adds the control plane's own.
"""

from collections.abc import Mapping

from .base import SIGKILL, SIGTERM, Container, Program, ProgramFactory
from .perl import Perl
from .servers import Agnhost, Echo, Nginx, Pause, Server
from .shell_program import ShellProgram

DEFAULT_PROGRAMS: Mapping[str, ProgramFactory] = {
    "nginx": Nginx,
    "nginxinc/nginx-unprivileged": Nginx,
    "registry.k8s.io/nginx-slim": Nginx,
    "httpd": Nginx,
    "traefik/whoami": Echo,
    "hashicorp/http-echo": Echo,
    "ghcr.io/stefanprodan/podinfo": Echo,
    "gcr.io/google-samples/hello-app": Echo,
    "gcr.io/google-samples/node-hello": Echo,
    "gcr.io/google-samples/kubernetes-bootcamp": Echo,
    "wordpress": Echo,
    "php": Echo,
    "tomcat": Echo,
    "registry.k8s.io/echoserver": Echo,
    "registry.k8s.io/hpa-example": Echo,
    "perl": Perl,
    "registry.k8s.io/pause": Pause,
    "registry.k8s.io/e2e-test-images/agnhost": Agnhost,
}

__all__ = [
    "DEFAULT_PROGRAMS",
    "SIGKILL",
    "SIGTERM",
    "Agnhost",
    "Container",
    "Echo",
    "Nginx",
    "Pause",
    "Program",
    "ProgramFactory",
    "Server",
    "ShellProgram",
]
