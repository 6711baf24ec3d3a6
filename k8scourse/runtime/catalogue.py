"""The public images that this world knows, as data: name, tags that exist, size, and what runs inside.

A repository or tag that is not described here cannot be pulled, exactly as one that a registry does not have:
`nginx:1.161`, the misprint of the Deployment page, must fail. Sizes are the compressed bytes of linux/amd64,
rounded; `tags` is a regular expression for the whole tag.
"""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000
KUBERNETES = r"v1\.(2\d|3[0-6])\.\d{1,2}"
_FLAVOUR = r"(-alpine(3\.\d+)?|-slim|-bookworm|-trixie)?"


@dataclass(frozen=True, slots=True)
class Image:
    """One repository.

    `entrypoint` and `arguments` are the image's own command; `binaries` what else it can run besides them
    (an image with a shell also has busybox' commands); `ports` where its program listens, `start_ms` how long
    after its start. `component` marks a program of the control plane or of every node: its process bears the
    container's own name. `needs` is an environment variable without which the program refuses to start.
    """

    repository: str
    tags: str
    size: int
    entrypoint: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    start_ms: int = 200
    binaries: tuple[str, ...] = ()
    shell: bool = True
    component: bool = False
    needs: tuple[str, ...] = ()


def _component(name: str, size: float) -> Image:
    return Image(
        f"registry.k8s.io/{name}", KUBERNETES, int(size * MEGABYTE), (name,), shell=False, component=True
    )


IMAGES: tuple[Image, ...] = (
    Image(
        "nginx",
        rf"(latest|stable|mainline|alpine|1|1\.(\d|1\d|2\d)(\.\d{{1,2}})?){_FLAVOUR}",
        72 * MEGABYTE,
        ("/docker-entrypoint.sh",),
        ("nginx", "-g", "daemon off;"),
        (80,),
        100,
        ("nginx",),
    ),
    Image(
        "nginxinc/nginx-unprivileged",
        r"latest|stable|1(\.\d\d?){0,2}",
        72 * MEGABYTE,
        ("nginx",),
        (),
        (8080,),
    ),
    Image(
        "busybox",
        r"latest|stable|glibc|musl|1|1\.(2\d|3[0-7])(\.\d)?(-glibc|-musl)?",
        2_156_000,
        (),
        ("sh",),
    ),
    Image("alpine", r"latest|edge|3(\.\d{1,2}){0,2}", 3_650_000, (), ("/bin/sh",)),
    Image(
        "debian",
        r"latest|stable(-slim)?|1[0-3](-slim)?|bookworm(-slim)?|trixie(-slim)?",
        48_500_000,
        (),
        ("bash",),
    ),
    Image("ubuntu", r"latest|rolling|(18|20|22|24)\.04|jammy|noble", 29_700_000, (), ("/bin/bash",)),
    Image("bash", r"latest|5(\.\d){0,2}", 6_600_000, ("docker-entrypoint.sh",), ("bash",)),
    Image(
        "perl", rf"latest|5(\.\d\d?){{0,2}}{_FLAVOUR}", 371_000_000, (), ("perl5.42.0",), (), 200, ("perl",)
    ),
    Image(
        "httpd", rf"(latest|2|2\.4(\.\d\d?)?){_FLAVOUR}", 60 * MEGABYTE, (), ("httpd-foreground",), (80,), 150
    ),
    Image(
        "redis",
        rf"(latest|alpine|[4-8](\.\d){{0,2}}){_FLAVOUR}",
        45 * MEGABYTE,
        ("docker-entrypoint.sh",),
        ("redis-server",),
        (6379,),
        200,
        ("redis-server", "redis-cli"),
    ),
    Image(
        "memcached",
        rf"(latest|alpine|1(\.\d){{0,2}}){_FLAVOUR}",
        31 * MEGABYTE,
        ("docker-entrypoint.sh",),
        ("memcached",),
        (11211,),
    ),
    Image(
        "postgres",
        rf"(latest|alpine|9\.[456]|1[0-8](\.\d\d?)?){_FLAVOUR}",
        155 * MEGABYTE,
        ("docker-entrypoint.sh",),
        ("postgres",),
        (5432,),
        1500,
        ("postgres", "psql", "pg_isready"),
        needs=("POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD"),
    ),
    Image(
        "mysql",
        r"latest|lts|oracle|5\.[67](\.\d\d)?|8(\.\d){0,2}|9(\.\d){0,2}",
        233 * MEGABYTE,
        ("docker-entrypoint.sh",),
        ("mysqld",),
        (3306,),
        3000,
        ("mysqld", "mysql", "mysqladmin"),
        needs=("MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"),
    ),
    Image(
        "mongo",
        r"latest|[4-8](\.\d){0,2}",
        310 * MEGABYTE,
        ("docker-entrypoint.sh",),
        ("mongod",),
        (27017,),
        1500,
    ),
    Image(
        "rabbitmq",
        r"(latest|[34](\.\d\d?){0,2})(-management)?(-alpine)?",
        105 * MEGABYTE,
        ("docker-entrypoint.sh",),
        ("rabbitmq-server",),
        (5672,),
        4000,
    ),
    Image(
        "mariadb",
        r"latest|lts|1[01](\.\d\d?){0,2}",
        120 * MEGABYTE,
        ("docker-entrypoint.sh",),
        ("mariadbd",),
        (3306,),
        2500,
        needs=("MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD"),
    ),
    Image(
        "wordpress",
        r"latest|[56](\.\d\d?){0,2}(-php8\.\d)?(-apache)?",
        250 * MEGABYTE,
        ("docker-entrypoint.sh",),
        ("apache2-foreground",),
        (80,),
        600,
    ),
    Image(
        "php",
        r"[78](\.\d){0,2}-apache",
        170 * MEGABYTE,
        ("docker-php-entrypoint.sh",),
        ("apache2-foreground",),
        (80,),
        200,
    ),
    Image(
        "tomcat",
        r"latest|(8|9|1[01])(\.\d+){0,2}(-jdk\d\d|-jre\d\d)?(-temurin)?",
        180 * MEGABYTE,
        (),
        ("catalina.sh", "run"),
        (8080,),
        2000,
    ),
    Image("curlimages/curl", r"latest|[78]\.\d\d?\.\d", 9 * MEGABYTE, (), ("curl",)),
    Image("nicolaka/netshoot", r"latest|v0\.\d\d", 180 * MEGABYTE, (), ("sh",)),
    Image("gcr.io/google-samples/node-hello", r"1\.0", 240 * MEGABYTE, (), ("node",), (8080,), 300),
    Image("gcr.io/google-samples/kubernetes-bootcamp", r"v1|v2", 80 * MEGABYTE, (), ("node",), (8080,), 300),
    Image(
        "registry.k8s.io/e2e-test-images/jessie-dnsutils", r"1\.\d", 120 * MEGABYTE, (), ("sleep", "infinity")
    ),
    Image("minio/minio", r"latest|RELEASE\..+", 61 * MEGABYTE, ("minio",), ("server", "/data"), (9000,)),
    Image("traefik/whoami", r"latest|v1\.1\d(\.\d)?", 3 * MEGABYTE, ("/whoami",), (), (80,), 30, (), False),
    Image(
        "hashicorp/http-echo",
        r"latest|0\.2\.3|1(\.0){0,2}",
        5 * MEGABYTE,
        ("/http-echo",),
        (),
        (5678,),
        30,
        (),
        False,
    ),
    Image(
        "ghcr.io/stefanprodan/podinfo",
        r"latest|[56](\.\d\d?){0,2}",
        34 * MEGABYTE,
        (),
        ("./podinfo",),
        (9898,),
        300,
        ("podinfo", "podcli"),
    ),
    Image(
        "dockersamples/examplevotingapp_vote", r"latest|before|after", 60 * MEGABYTE, (), ("gunicorn",), (80,)
    ),
    Image(
        "dockersamples/examplevotingapp_result", r"latest|before|after", 75 * MEGABYTE, (), ("node",), (80,)
    ),
    Image("dockersamples/examplevotingapp_worker", r"latest", 80 * MEGABYTE, (), ("dotnet",)),
    Image(
        "gcr.io/google-samples/hello-app",
        r"1\.0|2\.0",
        5 * MEGABYTE,
        (),
        ("./hello-app",),
        (8080,),
        50,
        (),
        False,
    ),
    Image(
        "gcr.io/google_samples/gb-frontend",
        r"v[3-6]",
        330 * MEGABYTE,
        (),
        ("apache2-foreground",),
        (80,),
        500,
    ),
    Image("gcr.io/google_samples/gb-redisslave", r"v[123]", 40 * MEGABYTE, (), ("/run.sh",), (6379,), 300),
    Image("registry.k8s.io/redis", r"v1|e2e", 40 * MEGABYTE, (), ("/run.sh",), (6379,), 300),
    Image("registry.k8s.io/guestbook", r"v3", 20 * MEGABYTE, (), ("./guestbook",), (3000,), 300),
    Image(
        "registry.k8s.io/e2e-test-images/agnhost",
        r"2\.\d\d",
        53 * MEGABYTE,
        ("/agnhost",),
        ("pause",),
        (),
        50,
    ),
    Image("registry.k8s.io/echoserver", r"1\.(4|10)", 45 * MEGABYTE, ("nginx",), (), (8080,)),
    Image("registry.k8s.io/hpa-example", r"latest", 480 * MEGABYTE, (), ("apache2-foreground",), (80,), 400),
    Image("registry.k8s.io/nginx-slim", r"0\.(8|2[1-7])", 55 * MEGABYTE, ("nginx",), (), (80,)),
    Image("registry.k8s.io/pause", r"latest|3\.(\d|10)(\.\d)?", 320_000, ("/pause",), (), (), 5, (), False),
    Image("registry.k8s.io/busybox", r"latest|1\.24|1\.27(\.2)?", 700_000, (), ("sh",)),
    Image(
        "registry.k8s.io/coredns/coredns",
        r"v1\.(8|9|1[0-4])\.\d{1,2}",
        20_900_000,
        ("/coredns",),
        (),
        (),
        300,
        (),
        False,
    ),
    Image("registry.k8s.io/etcd", r"3\.[56]\.\d{1,2}-\d", 58_900_000, ("etcd",), shell=False, component=True),
    Image(
        "registry.k8s.io/metrics-server/metrics-server",
        r"v0\.[678]\.\d",
        21 * MEGABYTE,
        ("/metrics-server",),
        (),
        (10250,),
        500,
        (),
        False,
    ),
    _component("kube-apiserver", 28.6),
    _component("kube-controller-manager", 24.1),
    _component("kube-scheduler", 18.7),
    _component("kube-proxy", 26.4),
)
