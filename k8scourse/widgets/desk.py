"""What a board's buttons do: the past and the present of one cluster, and the acts upon it.

A desk answers messages with plain dicts and knows no widget, so that it can be tested, and served elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from k8scourse import words
from k8scourse.diagrams import narration
from k8scourse.diagrams.export import frame_of
from k8scourse.diagrams.history import Recorder, Snapshot, recorder, recorder_of_fork
from k8scourse.diagrams.packer import LAYOUTS, WIDE, Packer
from k8scourse.diagrams.reading import pod_id
from k8scourse.sim import Record

IDLE_SECONDS = 330
LAST_ACTS = 5
LOOK_BACK = 20_000
FAULTS = ("crash", "stop", "restart", "cut", "heal", "power_off", "power_on", "drain", "cordon", "uncordon")
Reply = dict[str, Any]


class Desk:
    """One cluster being looked at. `cursor` is the step that is shown, None while it follows the present."""

    def __init__(self, cluster: Any, *, system: bool = True) -> None:
        self.system = system
        self.layout = WIDE
        self.cursor: int | None = None
        self._lingers: int | None = None
        self.road: int | None = None
        self._use(cluster, recorder(cluster))

    def _use(self, cluster: Any, kept: Recorder) -> None:
        self.cluster = cluster
        self.recorder = kept
        self._packers = {layout: Packer(layout) for layout in LAYOUTS}

    @property
    def step(self) -> int:
        """The number of the step that is shown."""
        steps = self.recorder.steps
        return steps if self.cursor is None or self._moved_on() else min(self.cursor, steps)

    def _moved_on(self) -> bool:
        """After an act its first step is shown, with the later ones to come; the present lets go of it."""
        return self._lingers is not None and self.recorder.steps > self._lingers

    @property
    def follows(self) -> bool:
        """Whether the present is shown."""
        return self.step >= self.recorder.steps

    def snapshot(self) -> Snapshot:
        """What is shown."""
        return self.recorder.present() if self.follows else self.recorder.at(self.step)

    def frame(self) -> dict[str, Any]:
        """The frame of what is shown."""
        packer = self._packers[self.layout]
        frame = frame_of(self.snapshot(), packer, self.recorder, system=self.system)
        if self._lingers is not None and not self.follows:
            frame["lingers"] = 1
        return frame if self.road is None else {**frame, "road": self.road}

    def ticks(self) -> str:
        """One letter per step, for the timeline."""
        return self.recorder.ticks()

    def answer(self, message: Mapping[str, Any]) -> Reply:
        """Do what a message asks; what cannot be done is an answer too, never an exception."""
        handler = self._COMMANDS.get(str(message.get("command")))
        if handler is None:
            return {"ok": False, "error": f"unknown command: {message.get('command')}"}
        try:
            return {"ok": True, **(handler(self, message) or {})}
        except Exception as error:
            return {"ok": False, "error": str(error) or type(error).__name__}

    # --- time -----------------------------------------------------------------------------------------------

    def _step(self, _: Mapping[str, Any]) -> Reply:
        if not self.follows:
            self._go(self.step + 1)
            return {}
        self.cursor = self._lingers = None
        before = self.recorder.steps
        kept = self.recorder
        self.cluster.run(IDLE_SECONDS, until=lambda _: kept.steps > before)
        return {} if kept.steps > before else {"ended": True, "seconds": IDLE_SECONDS}

    def _back(self, _: Mapping[str, Any]) -> None:
        self._go(self.step - 1)

    def _seek(self, message: Mapping[str, Any]) -> None:
        self._go(int(message["step"]))

    def _go(self, step: int) -> None:
        step = max(0, step)
        self.cursor = None if step >= self.recorder.steps else step
        self._lingers = None

    # --- acts -----------------------------------------------------------------------------------------------

    def _action(self, message: Mapping[str, Any]) -> None:
        verb, part = str(message["verb"]), str(message["part"])
        if message.get("road") is not None:
            self._fork(int(message["road"]))
        before = self.recorder.steps
        self._act(verb, part)
        self._lingers = self.recorder.steps
        self.cursor = before + 1 if self._lingers > before + 1 else None

    def _act(self, verb: str, part: str) -> None:
        if verb == "delete":
            _, namespace, name = part.split("/")
            output = self.cluster.kubectl(f"delete pod {name} --namespace={namespace} --wait=false")
        elif verb in FAULTS:
            output = getattr(self.cluster, verb)(part)
        else:
            raise ValueError(f"unknown verb: {verb}")
        if getattr(output, "code", 0):
            raise ValueError(str(output))

    def _fork(self, step: int) -> None:
        """The other road: a copy of the cluster with the history up to `step`; this desk follows the copy."""
        twin = self.cluster.rewind(step=step)
        self._use(twin, recorder_of_fork(twin, self.recorder, step))
        self.road = step
        self.cursor = None

    # --- looking --------------------------------------------------------------------------------------------

    def _layout(self, message: Mapping[str, Any]) -> None:
        if message["layout"] in self._packers:
            self.layout = message["layout"]

    def _system(self, message: Mapping[str, Any]) -> None:
        self.system = bool(message["shown"])

    def _select(self, message: Mapping[str, Any]) -> Reply:
        part = str(message["part"])
        obj = self._object(part)
        sees = self.cluster.inspect(part) if "@" in part and self.follows else None
        return {
            "sees": {language: _yaml(_named(sees, language)) for language in words.LANGUAGES} if sees else {},
            "yaml": _yaml(obj) if obj else "",
            "acts": [narration.sentences(record) for record in self._acts(part)],
        }

    def _object(self, part: str) -> Mapping[str, Any] | None:
        shown = self.snapshot()
        component, at, node = part.partition("@")
        wanted = f"pods/kube-system/{component}-{node}" if at else part
        for pod in shown.pods:
            if pod_id(pod) == wanted:
                return pod
        return next((node for node in shown.nodes if node["metadata"]["name"] == part), None)

    def _acts(self, part: str) -> list[Record]:
        """The last steps that a part did, or that were about a Pod or node, up to what is shown."""
        records = self.cluster.trace.records
        end = len(records) if self.follows else self.cluster.steps[self.step].sequence
        found: list[Record] = []
        for record in reversed(records[max(0, end - LOOK_BACK) : end]):
            about = (record.source, record.target, record.subject, record.subject.rpartition("//")[2])
            if part in about and self.cluster.is_step(record):
                found.append(record)
            if len(found) == LAST_ACTS:
                break
        return found

    def _nothing(self, _: Mapping[str, Any]) -> None:
        """Play and pause are the browser's: it asks for one step after the other."""

    _COMMANDS: Mapping[str, Callable[..., Reply | None]] = {
        "step": _step, "back": _back, "seek": _seek, "action": _action, "layout": _layout, "system": _system,
        "select": _select, "play": _nothing, "pause": _nothing, "speed": _nothing,
    }  # fmt: skip


def _named(rows: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What a part sees, with the rows' names in a language."""
    return {words.text(f"fact.{name}", language): value for name, value in rows.items()}


def _yaml(value: Any) -> str:
    text: str = yaml.dump(_plain(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


class _Dumper(yaml.SafeDumper):
    """YAML without anchors: shared parts of a value are written out."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _plain(value: Any) -> Any:
    """Plain dicts, lists and scalars of anything that a component tells of itself."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if key != "managedFields"}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
