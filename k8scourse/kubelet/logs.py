"""Reading a container's log for the API server. Upstream: `pkg/kubelet/kubelet_pods.go` GetKubeletContainerLogs."""

from __future__ import annotations

from ..api.errors import BadRequest, NotFound
from ..api.times import format_time
from ..runtime import ContainerState, ContainerStatus, RuntimeService
from ..sim import SECOND
from .config import Pod
from .services import records_of

PULL_PROBLEMS = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


def read(
    runtime: RuntimeService,
    pod: Pod | None,
    name: str,
    container: str,
    now_ns: int,
    *,
    waiting: str = "",
    previous: bool = False,
    timestamps: bool = False,
    tail_lines: int | None = None,
    since_seconds: int | None = None,
    since_time: int | None = None,
    limit_bytes: int | None = None,
) -> str:
    """The log as text, each line ended. Raises `NotFound` or `BadRequest` in upstream's words; `waiting` is why
    the container has not begun, by its status."""
    if pod is None:
        raise NotFound(f'pods "{name}" not found')
    records = records_of(runtime, pod["metadata"]["uid"]).containers.get(container) or []
    status = _wanted(records, name, container, previous, waiting)
    lines = runtime.container_log(status.id)
    if since_time is not None:
        lines = [line for line in lines if line.time >= since_time]
    if since_seconds is not None:
        lines = [line for line in lines if line.time >= now_ns - since_seconds * SECOND]
    if tail_lines is not None:
        lines = lines[-tail_lines:] if tail_lines > 0 else []
    text = "".join(f"{_stamp(line.time) if timestamps else ''}{line.text}\n" for line in lines)
    return text if limit_bytes is None else text.encode()[:limit_bytes].decode(errors="ignore")


def _stamp(time_ns: int) -> str:
    return f"{format_time(time_ns)[:-1]}.{time_ns % SECOND:09d}Z "


def _wanted(
    records: list[ContainerStatus], pod: str, container: str, previous: bool, waiting: str
) -> ContainerStatus:
    if previous:
        ended = [one for one in records if one.state is ContainerState.EXITED]
        older = [one for one in ended if one is not records[-1]] or ended
        if not older:
            raise BadRequest(f'previous terminated container "{container}" in pod "{pod}" not found')
        return older[-1]
    begun = [one for one in records if one.state is not ContainerState.CREATED]
    if not begun:
        why = PULL_PROBLEMS.get(waiting, waiting)
        raise BadRequest(f'container "{container}" in pod "{pod}" is waiting to start: {why}')
    return begun[-1]
