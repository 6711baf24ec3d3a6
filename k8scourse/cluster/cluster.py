"""`Cluster`: what a learner holds in the hand."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from .. import words
from ..api import kinds
from ..kubectl import Kubectl
from ..sim import SECOND, Record, Simulation, Trace, seconds
from . import at_rest, faults, until
from .door import Door
from .errors import LearnerError, Output
from .files import read_text
from .history import History, Input, Instant
from .manifests import VERSION
from .presenter import Story, presenter
from .serving import Servable
from .steps import is_step
from .targets import MachineView, Part
from .walks import Walk, source_of, take
from .world import World

BOOT_LIMIT_NS = seconds(180)
RUN_LIMIT_SECONDS = 1800.0


class Cluster(Door, Servable):
    """A Kubernetes cluster: it boots, settles, and then waits for you.

    `workers` machines run your Pods (0: the control-plane machine does). `seed` chooses one of many possible
    histories; equal seeds and equal acts give equal histories. `boot=False` leaves the machines just switched
    on, so that the boot itself can be watched. `encryption=True` lets the API server encrypt Secrets before etcd
    stores them; an EncryptionConfiguration (a dict) says more exactly what is encrypted, and with which keys.
    """

    version = VERSION

    def __init__(
        self,
        control_planes: int = 1,
        workers: int = 3,
        *,
        seed: int = 0,
        name: str = "my-cluster",
        cloud: str | None = None,
        runtime: str = "containerd",
        encryption: bool | Mapping[str, Any] = False,
        tie_break: int | None = None,
        boot: bool = True,
    ) -> None:
        _check_options(control_planes, workers, cloud, runtime)
        configuration = at_rest.configuration(encryption)
        super().__init__()
        self._options: dict[str, Any] = {
            "workers": workers,
            "seed": seed,
            "name": name,
            "encryption": encryption,
            "tie_break": tie_break,
        }
        self.name = name
        self.guard: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
        self.listeners: list[Callable[[], None]] = []
        self.history = History()
        self.sim = Simulation(seed, tie_break=tie_break)
        self.ready_at = 0
        self._marks: list[tuple[Record, Instant]] = []
        self._first_step = 0
        self.sim.trace.subscribe(self._mark)
        self.world = World(self.sim, workers=workers, encryption=configuration)
        presenter().attach(self)
        self._kubectl = Kubectl(
            self.world.outside_client(self.history),
            read_file=read_text,
            clock=lambda: self.sim.now,
            wait=self._wait,
        )
        self.world.power_on_all()
        if boot:
            self._boot()

    # --- what there is to see -------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Nanoseconds of virtual time since the machines were switched on."""
        return self.sim.now

    @property
    def seconds(self) -> float:
        """Seconds of virtual time since the machines were switched on."""
        return self.sim.now / SECOND

    @property
    def trace(self) -> Trace:
        """Everything that happened, as records."""
        return self.sim.trace

    @property
    def steps(self) -> list[Record]:
        """The records worth a sentence, since the cluster was ready."""
        return [record for record, _ in self._marks[self._first_step :]]

    @property
    def last_step_at(self) -> int:
        """When the last step happened, in nanoseconds; 0 before the first."""
        return self._marks[-1][0].time if self._marks else 0

    def objects(self, resource: str) -> list[dict[str, Any]]:
        """All objects of a resource ("pods"), straight from the store: looking leaves no trace."""
        return self.world.objects(resource)

    def find(self, resource: str, name: str, namespace: str = "default") -> dict[str, Any] | None:
        """One object, straight from the store; None when it is not there. Cluster-wide kinds have no namespace."""
        if not kinds.resource(resource).namespaced:
            namespace = ""
        for obj in self.objects(resource):
            metadata = obj["metadata"]
            if metadata["name"] == name and namespace in ("", metadata.get("namespace", "")):
                return obj
        return None

    def stored(self, resource: str, name: str, namespace: str = "default") -> str:
        """What etcd really holds of an object, as text: JSON, or what nobody reads without the key; "" if nothing."""
        return at_rest.stored(self.world, resource, name, namespace)

    def parts(self) -> list[Part]:
        """Every component, wherever it runs, with its state."""
        return self.world.parts()

    def machines(self) -> list[MachineView]:
        """Every machine, the control plane first."""
        return self.world.machine_views()

    def inspect(self, part: str) -> dict[str, Any]:
        """What a part knows and does right now: its cache, its queue, its lease, its rules, its last acts."""
        return self.world.inspect(part)

    is_step = staticmethod(is_step)

    # --- time -----------------------------------------------------------------------------------------------

    def step(self, count: int = 1) -> Story:
        """Run until the next thing worth a sentence (or the next `count` of them) has happened."""
        if type(count) is not int or count < 1:
            raise LearnerError("step_count", asked=count)
        with self.guard:
            self._check_idle()
            told = len(self._marks)
            limit = self.sim.now + seconds(RUN_LIMIT_SECONDS)
            while (
                len(self._marks) < told + count and (due := self.sim.next_time) is not None and due <= limit
            ):
                self.sim.step()
            return self._told_since(told)

    def run(self, seconds: float | None = None, *, until: object = None, namespace: str = "default") -> Story:
        """Run for a number of seconds, or until something holds (at most `seconds`, or half an hour).

        `until` is "deployment/web available", "pod/web gone", "node/worker-1 notready", "settled", or a
        function of the cluster. With neither, run until the cluster is settled.
        """
        with self.guard:
            return self._run(seconds, "settled" if seconds is None and until is None else until, namespace)

    def _run(self, amount: float | None, goal: object, namespace: str) -> Story:
        self._check_idle()
        limit = RUN_LIMIT_SECONDS if amount is None else _duration(amount)
        told, end = len(self._marks), self.sim.now + seconds(limit)
        if goal is None:
            self.sim.run(end)
            return self._told_since(told)
        holds = until.parse_until(self, goal, namespace)
        while not (done := holds()) and (due := self.sim.next_time) is not None and due <= end:
            self.sim.step()
        note = "" if done else words.text("error.not_reached", seconds=limit, until=goal)
        return self._told_since(told, note)

    def rewind(self, to: float | None = None, *, step: int | None = None) -> Cluster:
        """A new cluster with this one's history up to `to` seconds, or up to its step number `step`.

        This cluster stays as it is: what comes back is a fork, and may go another road.
        """
        with self.guard:
            if step is not None:
                return self._fork(self._instant_of(step))
            if not isinstance(to, int | float) or not 0 <= to * SECOND <= self.sim.now + 1:
                raise LearnerError("past", now=self.seconds, asked=to)
            return self._fork(Instant(min(seconds(to), self.sim.now)))

    def fork(self) -> Cluster:
        """A second cluster with the same past, free to have another future."""
        with self.guard:
            return self._fork(Instant(self.sim.now, self.sim.steps, len(self.history.inputs)))

    # --- what one may do ------------------------------------------------------------------------------------

    def kubectl(self, command: str, stdin: str = "") -> Output:
        """Type a kubectl command, without the word kubectl."""
        with self.guard:
            self._check_idle()
            self._dial()
            result = self._kubectl.run(command, stdin)
            self._changed()
            notes = "".join(f"{note}\n" for note in self.world.hooks.told())
            return Output(result.stdout + result.stderr + notes, result.code)

    def apply(self, manifest: object, namespace: str = "default") -> Output:
        """`kubectl apply` a path, YAML text, a dict or a list of dicts."""
        return self._with_manifest("apply", manifest, namespace)

    def delete(self, manifest: object, namespace: str = "default") -> Output:
        """`kubectl delete` what a manifest describes, or "deployment/web"."""
        if isinstance(manifest, str) and "\n" not in manifest and "/" in manifest and not _is_path(manifest):
            return self.kubectl(f"delete {manifest} --namespace={namespace}")
        return self._with_manifest("delete", manifest, namespace)

    def drain(self, node: str) -> Output:
        """`kubectl drain`: cordon the node and evict its Pods, DaemonSets' excepted."""
        return self.kubectl(f"drain {node} --ignore-daemonsets --delete-emptydir-data --force")

    def cordon(self, node: str) -> Output:
        """`kubectl cordon`: no new Pods for this node."""
        return self.kubectl(f"cordon {node}")

    def uncordon(self, node: str) -> Output:
        """`kubectl uncordon`: new Pods may come again."""
        return self.kubectl(f"uncordon {node}")

    def crash(self, name: str) -> None:
        """Kill a part: a component ("kube-scheduler", "kubelet@worker-1") or a Pod's containers ("web-abc")."""
        self._act("crash", name)

    def stop(self, name: str) -> None:
        """Stop a component and keep it down until `restart`, as if its manifest had been moved away."""
        self._act("stop", name)

    def restart(self, name: str) -> None:
        """Start a part that is down, at once; one that runs is ended first."""
        self._act("restart", name)

    def cut(self, one: str, other: str = "*") -> None:
        """Cut the network between two parts or nodes; with one name, between it and everything else."""
        self._act("cut", one, other)

    def heal(self, one: str | None = None, other: str = "*") -> None:
        """Undo a cut; without names, all cuts."""
        self._act("heal", one, other)

    def power_off(self, node: str) -> None:
        """Pull a machine's plug."""
        self._act("power_off", node)

    def power_on(self, node: str) -> None:
        """Switch a machine on again."""
        self._act("power_on", node)

    def walk(self, source: str, to: str, port: int = 80) -> Walk:
        """Follow one packet from a node or a Pod to a name or an address, hop by hop."""
        if type(port) is not int or not 0 < port < 65536:
            raise LearnerError("walk_port", port=port)
        with self.guard:
            start = source_of(self.world, source)
            self.history.note(self.sim, "walk", start, str(to), port)
            taken = take(self.world, start, str(to), port)
            self._changed()
            return taken

    # --- display --------------------------------------------------------------------------------------------

    def view(self, name: str = "board", **options: Any) -> Any:
        """The live board (or another view) of this cluster."""
        return presenter().view(self, name, **options)

    def __repr__(self) -> str:
        return presenter().summary(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        with self.guard:
            return presenter().bundle(self, live=False)

    # --- inside ---------------------------------------------------------------------------------------------

    def _boot(self) -> None:
        while not self.world.is_ready() and self.sim.now < BOOT_LIMIT_NS:
            self.sim.run(self.sim.now + SECOND // 4)
        assert self.world.is_ready(), "the cluster did not boot"
        while self.sim.now - self.last_step_at < 2 * SECOND:
            self.sim.run(self.sim.now + SECOND // 4)
        self.ready_at, self._first_step = self.sim.now, len(self._marks)

    def _mark(self, record: Record) -> None:
        if is_step(record):
            instant = Instant(record.time, self.sim.steps, len(self.history.inputs))
            self._marks.append((record, instant))

    def _told_since(self, count: int, note: str = "") -> Story:
        self._changed()
        notes = [*self.world.hooks.told(), *([note] if note else [])]
        return Story([record for record, _ in self._marks[count:]], "\n".join(notes))

    def _changed(self) -> None:
        for listener in list(self.listeners):
            listener()

    def _wait(self, done: Callable[[], bool], limit_ns: int) -> bool:
        """Run virtual time until `done()` or for `limit_ns`: what a waiting kubectl does."""
        end = self.sim.now + limit_ns
        while not done():
            if (due := self.sim.next_time) is None or due > end:
                return False
            self.sim.step()
        return True

    def _with_manifest(self, verb: str, manifest: object, namespace: str) -> Output:
        if isinstance(manifest, str) and _is_path(manifest):
            return self.kubectl(f"{verb} --namespace={namespace} -f {json.dumps(manifest)}")
        if isinstance(manifest, list):
            manifest = {"apiVersion": "v1", "kind": "List", "items": manifest}
        if isinstance(manifest, dict):
            try:
                manifest = json.dumps(manifest)
            except (TypeError, ValueError, RecursionError) as error:
                return Output(f"error: {error}", 1)
        if not isinstance(manifest, str):
            return Output(words.text("error.manifest", kind=type(manifest).__name__), 1)
        return self.kubectl(f"{verb} --namespace={namespace} -f -", manifest)

    def _act(self, verb: str, *arguments: Any) -> None:
        with self.guard:
            self._check_idle()
            act = faults.prepare(self.world, verb, arguments)
            self.history.note(self.sim, verb, *arguments)
            act()
            self._changed()

    def _replay(self, entry: Input) -> None:
        self.history.inputs.append(entry)
        if self._replayed(entry):
            return
        if entry.verb == "request":
            self.world.send_from_outside(*entry.arguments)
        elif entry.verb == "walk":
            take(self.world, *entry.arguments)
        else:
            faults.prepare(self.world, entry.verb, entry.arguments)()

    def _instant_of(self, step: int) -> Instant:
        marks = [instant for _, instant in self._marks[self._first_step :]]
        if type(step) is not int or not 0 <= step <= len(marks):
            raise LearnerError("past_step", steps=len(marks), asked=step)
        return marks[step - 1] if step else Instant(self.ready_at, None, 0)

    def _fork(self, instant: Instant) -> Cluster:
        self._check_idle()
        twin = Cluster(**self._options, boot=False)
        twin.ready_at, twin._first_step = min(self.ready_at, instant.time), self._first_step
        self.history.replay(twin.sim, instant, twin._replay)
        return twin


def _check_options(control_planes: object, workers: object, cloud: object, runtime: object) -> None:
    if control_planes != 1:
        raise LearnerError("control_planes", asked=control_planes)
    if type(workers) is not int or not 0 <= workers <= 200:
        raise LearnerError("workers", asked=workers)
    if cloud is not None:
        raise LearnerError("option", option="cloud", value=cloud)
    if runtime != "containerd":
        raise LearnerError("option", option="runtime", value=runtime)


def _is_path(text: str) -> bool:
    return "\n" not in text and text.endswith((".yaml", ".yml", ".json"))


def _duration(amount: object) -> float:
    if isinstance(amount, int | float) and not isinstance(amount, bool) and 0 <= amount < 1e9:
        return float(amount)
    raise LearnerError("duration", asked=amount)
