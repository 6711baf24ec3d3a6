"""Whatever is typed: an answer in Kubernetes' words or a sentence, no traceback, and nothing has changed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from cluster.stories import WEB
from hypothesis import given, settings
from hypothesis import strategies as st

from k8scourse import words
from k8scourse.cluster import Cluster, LearnerError, Output


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster(workers=1)


def revision(cluster: Cluster) -> int:
    """etcd's revision without what the components themselves write: only requests by kubectl count here."""
    written = [
        record
        for record in cluster.trace.records
        if record.kind == "request" and record.source == "kubectl" and record.detail["changed"]
    ]
    return len(written)


def refused(cluster: Cluster, manifest: object) -> str:
    """What apply answers to a manifest that must not change anything."""
    before = revision(cluster)
    output = cluster.apply(manifest)
    assert isinstance(output, Output)
    assert not output.ok
    assert before == revision(cluster)
    assert "Traceback" not in output
    return output


def edited(**changes: Any) -> dict[str, Any]:
    """The Deployment of the lesson with some paths of it changed; None removes."""
    deployment: dict[str, Any] = next(iter(yaml.safe_load_all(WEB)))
    for path, value in changes.items():
        node: Any = deployment
        *parents, last = path.split("__")
        for key in parents:
            node = node[int(key) if key.isdigit() else key]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return deployment


def test_an_unknown_kind(cluster: Cluster) -> None:
    answer = refused(cluster, edited(kind="Deploymnet"))
    assert 'no matches for kind "Deploymnet" in version "apps/v1"' in answer
    assert "ensure CRDs are installed first" in answer


def test_a_misspelt_field(cluster: Cluster) -> None:
    assert 'strict decoding error: unknown field "spec.replcas"' in refused(cluster, edited(spec__replcas=3))


def test_a_wrong_type(cluster: Cluster) -> None:
    answer = refused(cluster, edited(spec__replicas="three"))
    assert "cannot be handled as a Deployment" in answer
    assert "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32" in answer


def test_a_missing_name(cluster: Cluster) -> None:
    answer = refused(cluster, edited(metadata__name=None))
    assert (
        "error: error when retrieving current configuration" in answer
        or "resource name may not be empty" in answer
    )


def test_a_bad_quantity(cluster: Cluster) -> None:
    bad = edited(spec__template__spec__containers__0__resources={"requests": {"cpu": "lots"}})
    assert "quantities must match the regular expression" in refused(cluster, bad)


def test_a_selector_that_does_not_match_its_template(cluster: Cluster) -> None:
    answer = refused(cluster, edited(spec__selector={"matchLabels": {"app": "other"}}))
    assert "`selector` does not match template `labels`" in answer


def test_yaml_that_does_not_parse(cluster: Cluster) -> None:
    assert refused(cluster, "kind: [Pod\nmetadata: }\n").startswith(
        "error: error parsing STDIN: error converting YAML"
    )


def test_a_file_that_is_not_there(cluster: Cluster) -> None:
    assert 'error: the path "ghost.yaml" does not exist' in refused(cluster, "ghost.yaml")


@pytest.mark.parametrize("manifest", [None, 7, 3.14, {"a", "b"}, object(), b"kind: Pod", (1, 2)])
def test_something_that_is_no_manifest_at_all(cluster: Cluster, manifest: object) -> None:
    assert "apply() takes a path, YAML text, a dict" in refused(cluster, manifest)


def test_a_dict_that_is_not_json(cluster: Cluster) -> None:
    assert "not JSON serializable" in refused(cluster, {"kind": "Pod", "spec": object()})


def test_applying_while_the_api_server_is_down() -> None:
    cluster = Cluster(workers=1)
    cluster.stop("kube-apiserver")
    cluster.run(seconds=1)
    answer = refused(cluster, WEB)
    assert (
        "The connection to the server 10.0.0.10:6443 was refused - did you specify the right host or port?"
        in answer
    )
    cluster.restart("kube-apiserver")
    cluster.run(seconds=30)
    assert cluster.apply(WEB).ok


def test_a_manifest_with_thousands_of_replicas_leaves_the_rest_pending_and_the_cluster_well() -> None:
    cluster = Cluster(workers=1)
    cluster.apply(edited(spec__replicas=2000))
    cluster.run(seconds=3)
    cluster.kubectl("scale deployment web --replicas=1")
    cluster.run(seconds=120)
    assert 1 == len([pod for pod in cluster.objects("pods") if pod["metadata"]["namespace"] == "default"])


@pytest.mark.parametrize(
    "command",
    [
        "get pods --flavour=sweet",
        "gett pods",
        "get",
        "get dragons",
        "scale deployment web",
        "logs",
        'get "pods',
        "",
    ],
)
def test_a_command_that_kubectl_does_not_know(cluster: Cluster, command: str) -> None:
    output = cluster.kubectl(command)
    assert "Traceback" not in output
    assert output.strip()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_faults_on_things_that_do_not_exist_are_refused_in_both_languages(
    cluster: Cluster, language: str
) -> None:
    words.use(language)
    before = len(cluster.trace.records)
    for act in (
        cluster.crash,
        cluster.restart,
        cluster.stop,
        cluster.cut,
        cluster.power_off,
        cluster.power_on,
    ):
        with pytest.raises(LearnerError, match="dragon"):
            act("dragon")
    assert before == len(cluster.trace.records)


def test_a_name_that_fits_several_parts_is_refused_with_their_list(cluster: Cluster) -> None:
    with pytest.raises(LearnerError, match="kubelet@control-plane-1, kubelet@worker-1"):
        cluster.crash("kubelet")


def test_healing_what_is_not_cut_is_refused(cluster: Cluster) -> None:
    with pytest.raises(LearnerError, match="Nothing is cut"):
        cluster.heal("worker-1")


@pytest.mark.parametrize(
    "options",
    [{"control_planes": 3}, {"workers": -1}, {"workers": "many"}, {"cloud": "simulated"}, {"runtime": "x"}],
)
def test_a_cluster_that_this_version_cannot_build_is_refused_with_a_sentence(options: dict[str, Any]) -> None:
    with pytest.raises(LearnerError):
        Cluster(**options)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
PATHS = st.sampled_from(
    ["kind", "apiVersion", "metadata", "metadata__name", "metadata__labels", "spec", "spec__replicas", "spec__selector",
     "spec__template", "spec__template__metadata", "spec__template__spec", "spec__template__spec__containers",
     "spec__template__spec__containers__0", "spec__template__spec__containers__0__image",
     "spec__template__spec__containers__0__ports"]
)  # fmt: skip


@settings(max_examples=150)
@given(path=PATHS, value=JSON_VALUES)
def test_a_manifest_with_anything_anywhere_is_answered(path: str, value: Any) -> None:
    cluster = SHARED[0]
    parents, _, last = path.rpartition("__")
    manifest = edited()
    node: Any = manifest
    for key in parents.split("__") if parents else []:
        node = node[int(key) if key.isdigit() else key]
    node[int(last) if last.isdigit() else last] = value
    output = cluster.apply(manifest)
    assert isinstance(output, Output)
    assert "Traceback" not in output
    cluster.delete("deployment/web")


@settings(max_examples=150)
@given(text=st.text(max_size=60) | st.text(alphabet="kind: Podmetadata{}[]-\n'\"&*!|>%@`\t", max_size=80))
def test_any_text_is_answered(text: str) -> None:
    output = SHARED[0].apply(text + "\n")
    assert isinstance(output, Output)
    assert "Traceback" not in output


SHARED = [Cluster(workers=1)]


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "a", None])
def test_a_number_of_steps_that_is_none(cluster: Cluster, count: Any) -> None:
    with pytest.raises(LearnerError, match=r"step\(\) takes a whole number"):
        cluster.step(count)
