"""create, run, expose, delete, scale, set image, label, annotate, patch, replace: what they do and what they say."""

from __future__ import annotations

import pytest
import yaml

from .conftest import WEB, Lab


def test_create_makes_the_common_kinds_from_flags(lab: Lab) -> None:
    assert ["namespace/demo created"] == lab.said("create namespace demo")
    assert ["deployment.apps/d created"] == lab.said("create deployment d --image=nginx --replicas=0")
    assert ["configmap/c created"] == lab.said("create cm c --from-literal=a=b")
    assert ["secret/s created"] == lab.said("create secret generic s --from-literal=a=b")
    assert ["service/s created"] == lab.said("create service clusterip s --tcp=80:8080")
    assert ["serviceaccount/robot created"] == lab.said("create sa robot -n demo")
    assert lab.refused("create cm c --from-literal=a=b") == (
        'error: failed to create configmap: configmaps "c" already exists'
    )


def test_a_client_side_dry_run_prints_what_would_be_sent(lab: Lab) -> None:
    printed = yaml.safe_load(
        lab("create deployment x --image=nginx --port=80 --dry-run=client -o yaml").stdout
    )
    container = printed["spec"]["template"]["spec"]["containers"][0]
    assert {"image": "nginx", "name": "nginx", "ports": [{"containerPort": 80}], "resources": {}} == container
    assert ("status" in printed, "creationTimestamp" in printed["metadata"]) == (False, False)
    assert lab.cluster.find("deployments", "x") is None


def test_run_and_expose(lab: Lab) -> None:
    assert ["pod/p created"] == lab.said("run p --image=nginx --port=80 -l app=p,tier=x")
    assert ["service/p exposed"] == lab.said("expose pod p --target-port=8080")
    service = lab.cluster.find("services", "p")
    assert service is not None
    assert {"app": "p", "tier": "x"} == service["spec"]["selector"]
    assert (80, 8080) == (service["spec"]["ports"][0]["port"], service["spec"]["ports"][0]["targetPort"])


def test_delete_waits_until_the_object_is_gone(web: Lab) -> None:
    name = web.pods()[0]
    assert [f'pod "{name}" deleted from default namespace'] == web.said(f"delete pod {name}")
    assert name not in [pod["metadata"]["name"] for pod in web.cluster.objects("pods")]
    assert f'Error from server (NotFound): pods "{name}" not found' == web.refused(f"delete pod {name}")
    assert [] == web.said(f"delete pod {name} --ignore-not-found")


def test_a_forced_delete_warns_and_does_not_ask_the_kubelet(web: Lab) -> None:
    result = web(f"delete pod {web.pods()[0]} --force --grace-period=0")
    assert "force deleted" in result.stdout
    assert result.stderr.startswith("Warning: Immediate deletion does not wait for confirmation")


def test_a_refused_delete_waits_for_nothing(lab: Lab) -> None:
    before = lab.cluster.now
    assert "Forbidden" in lab.refused("delete namespace default")
    assert before == lab.cluster.now


def test_scale_says_scaled_and_minds_the_current_number(web: Lab) -> None:
    assert ["deployment.apps/web scaled"] == web.said("scale deployment/web --replicas=2")
    assert "error: Expected replicas to be 7, was 2" == web.refused(
        "scale deploy/web --current-replicas=7 --replicas=1"
    )
    assert 'Error from server (NotFound): deployments.apps "ghost" not found' == web.refused(
        "scale deploy/ghost --replicas=1"
    )
    assert 'error: required flag(s) "replicas" not set' == web.refused("scale deploy web")


def test_labels_are_set_kept_changed_and_removed(web: Lab) -> None:
    assert ["deployment.apps/web labeled"] == web.said("label deploy web b=2")
    assert ["deployment.apps/web not labeled"] == web.said("label deploy web b=2")
    assert "error: 'b' already has a value (2), and --overwrite is false" == web.refused(
        "label deploy web b=3"
    )
    assert ["deployment.apps/web labeled"] == web.said("label deploy web b=3 --overwrite")
    assert ["deployment.apps/web unlabeled"] == web.said("label deploy web b-")
    assert ['label "zz" not found.', "deployment.apps/web not labeled"] == web.said("label deploy web zz-")
    assert ["deployment.apps/web annotated"] == web.said("annotate deploy web note=hello")


def test_patch_tells_when_nothing_changed(web: Lab) -> None:
    command = """patch deployment web -p '{"spec":{"minReadySeconds":1}}'"""
    assert ["deployment.apps/web patched"] == web.said(command)
    assert ["deployment.apps/web patched (no change)"] == web.said(command)
    assert ["deployment.apps/web patched"] == web.said(
        """patch deployment web --type=json -p '[{"op":"remove","path":"/spec/minReadySeconds"}]'"""
    )


def test_replace_puts_one_object_in_the_place_of_another(lab: Lab) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: r}\ndata: {a: b}\n"
    assert lab.refused("replace -f -", text) == (
        'Error from server (NotFound): error when replacing "STDIN": configmaps "r" not found'
    )
    lab.said("create -f -", text)
    assert ["configmap/r replaced"] == lab.said("replace -f -", text.replace("a: b", "c: d"))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("delete pods", "error: resource(s) were provided, but no name was specified"),
        ("delete cm x --cascade=sideways", 'error: invalid cascade value (sideways). '
         'Must be "background", "foreground", or "orphan"'),
        ("scale deploy/web --replicas=-1", "error: The --replicas=COUNT flag is required, "
         "and COUNT must be greater than or equal to 0"),
        ("label pods", "error: at least one label update is required"),
        ("label", "error: one or more resources must be specified as <resource> <name> or <resource>/<name>"),
        ("create deployment x", 'error: required flag(s) "image" not set'),
        ("create namespace", "error: exactly one NAME is required, got 0\n"
         "See 'kubectl create namespace -h' for help and examples"),
        ("create cm x --from-literal=a", "error: invalid literal source a, expected key=value"),
        ("create svc clusterip w", "error: at least one tcp port specifier must be provided"),
        ("run --image=nginx", "error: NAME is required for run\nSee 'kubectl run -h' for help and examples"),
        ("run web --image=nginx --restart=bad", "error: invalid restart policy: bad\n"
         "See 'kubectl run -h' for help and examples"),
        ("set image deploy/web zz=x:1", 'error: unable to find container named "zz"'),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_as_the_real_one_refuses_it(
    web: Lab, command: str, message: str
) -> None:
    assert message == web.refused(command)


def test_create_from_a_file(lab: Lab) -> None:
    lab.files["new.yaml"] = WEB.replace("name: web", "name: new").replace("replicas: 2", "replicas: 0")
    assert ["deployment.apps/new created"] == lab.said("create -f new.yaml")
    assert lab.refused("create -f new.yaml") == (
        'Error from server (AlreadyExists): error when creating "new.yaml": deployments.apps "new" already exists'
    )
    assert ['deployment.apps "new" deleted from default namespace'] == lab.said("delete -f new.yaml")
