"""kubectl explain: printed from the server's own documents, as the real one prints it."""

from __future__ import annotations

import pytest
from kubectl.conftest import Lab

from k8scourse.api import kinds
from k8scourse.api.kind import Kind

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        description: Something to try.
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              colour: {type: string, enum: [red, blue, green, "", white], description: How it looks.}
              parts: {type: array, items: {type: object, properties: {name: {type: string}}}}
              sizes: {type: object, additionalProperties: {type: integer}}
              size: {type: integer}
"""


def explained(lab: Lab, words: str) -> str:
    lab_said = lab(f"explain {words}")
    assert (lab_said.stderr, lab_said.code) == ("", 0)
    return lab_said.stdout


def test_a_field_with_a_list_of_values_shows_them_and_the_description_of_the_server(lab: Lab) -> None:
    assert explained(lab, "pod.spec.restartPolicy") == (
        "KIND:       Pod\nVERSION:    v1\n\n"
        "FIELD: restartPolicy <string>\nENUM:\n    Always\n    Never\n    OnFailure\n\n"
        "DESCRIPTION:\n    Whether containers that have ended are started again.\n    \n"
        "    Possible enum values:\n"
        '     - `"Always"`\n     - `"Never"`\n     - `"OnFailure"`\n    \n\n'
    )


def test_an_empty_value_is_shown_as_two_quotation_marks(lab: Lab) -> None:
    text = explained(lab, "pod.spec.volumes.hostPath")
    assert '  type\t<string>\n  enum: "", BlockDevice, CharDevice, Directory, ....\n' in text
    assert 'ENUM:\n    ""\n    BlockDevice\n' in explained(lab, "pod.spec.volumes.hostPath.type")


def test_a_kind_shows_its_group_its_fields_and_which_of_them_are_required(lab: Lab) -> None:
    text = explained(lab, "rolebindings")
    head = (
        "GROUP:      rbac.authorization.k8s.io\nKIND:       RoleBinding\nVERSION:    v1\n\nDESCRIPTION:\n    "
    )
    assert text.startswith(head)
    assert "  roleRef\t<RoleRef> -required-\n    " in text
    assert "  subjects\t<[]Subject>\n    <no description>\n\n" in text


def test_a_structure_shows_its_own_description_and_that_of_its_type(lab: Lab) -> None:
    text = explained(lab, "deployment.spec.strategy")
    assert "FIELD: strategy <DeploymentStrategy>\n\n\nDESCRIPTION:\n" in text
    assert text.index("How old Pods are replaced") < text.index("How a Deployment replaces old Pods")
    assert "  type\t<string>\n  enum: Recreate, RollingUpdate\n    All at once" in text


def test_types_are_named_as_people_read_them(lab: Lab) -> None:
    assert "FIELD: maxSurge <IntOrString>" in explained(
        lab, "deployment.spec.strategy.rollingUpdate.maxSurge"
    )
    assert "FIELD: limits <map[string]Quantity>" in explained(lab, "pod.spec.containers.resources.limits")
    assert "FIELD: creationTimestamp <string>" in explained(lab, "cm.metadata.creationTimestamp")
    assert "FIELD: containers <[]Container>" in explained(lab, "pod.spec.containers")


def test_a_path_leads_through_lists_and_maps(lab: Lab) -> None:
    assert "FIELD: containerPort <integer>" in explained(lab, "pods.spec.containers.ports.containerPort")
    lab.files["crd.yaml"] = CRD
    lab("apply -f crd.yaml")
    lab.cluster.run(1)
    assert "FIELD: name <string>" in explained(lab, "widgets.spec.parts.name")


def test_recursive_shows_all_fields_below_without_descriptions_and_stops_where_types_repeat(lab: Lab) -> None:
    text = explained(lab, "deployments --recursive")
    assert "          containers\t<[]Container> -required-\n            args\t<[]string>\n" not in text
    assert "        containers\t<[]Container> -required-\n          args\t<[]string>\n" in text
    assert "no description" not in text
    repeating = explained(lab, "crd.spec.versions.schema.openAPIV3Schema --recursive")
    assert "\n  properties\t<map[string]JSONSchemaProps>\n" in repeating
    deepest = max(len(line) - len(line.lstrip()) for line in repeating.splitlines())
    assert 4 <= deepest <= 8


@pytest.mark.parametrize("kind", kinds.ALL, ids=lambda kind: kind.resource_name)
def test_every_kind_can_be_explained(lab: Lab, kind: Kind) -> None:
    word = kind.plural if kind == kinds.EVENT_VIEW else kind.resource_name
    version = f" --api-version={kind.api_version}"
    text = explained(lab, f"{word}{version}")
    assert f"KIND:       {kind.kind}\nVERSION:    {kind.version}\n" in text
    assert "  metadata\t<ObjectMeta>" in text


def test_a_custom_kind_is_explained_from_its_definition(lab: Lab) -> None:
    lab.files["crd.yaml"] = CRD
    lab("apply -f crd.yaml")
    lab.cluster.run(1)
    text = explained(lab, "widget")
    head = (
        "GROUP:      example.com\nKIND:       Widget\nVERSION:    v1\n\nDESCRIPTION:\n    Something to try.\n"
    )
    assert text.startswith(head)
    spec = explained(lab, "wd.spec --api-version=example.com/v1")
    assert "FIELD: spec <Object>\n\n\nDESCRIPTION:\n    <empty>\nFIELDS:\n" in spec
    assert '  colour\t<string>\n  enum: red, blue, green, "", ....\n    How it looks.\n' in spec
    assert "  parts\t<[]Object>\n" in spec
    assert "  sizes\t<map[string]integer>\n" in spec
    assert "  size\t<integer> -required-\n" in spec
    assert explained(lab, "widgets.example.com.spec") == explained(lab, "widgets.spec")


def test_the_group_may_be_named_and_the_core_group_takes_the_rest_as_a_path(lab: Lab) -> None:
    assert explained(lab, "deployments.apps.spec.replicas") == explained(lab, "deploy.spec.replicas")
    result = lab("explain events.events.k8s.io")
    assert (result.stdout, result.stderr) == (
        "KIND:       Event\nVERSION:    v1\n\n",
        'error: field "io" does not exist\n',
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", 'error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list '
             "of supported resources."),
        ("a b", "error: We accept only this format: explain RESOURCE"),
        ("gizmo", 'the server doesn\'t have a resource type "gizmo"'),
        (".pods", "error: invalid jsonpath syntax, first node must be field node"),
        ("pods.spec.bogus", 'error: field "bogus" does not exist'),
        ("pods.metadata.name.more", 'error: field "more" does not exist'),
        ("svc --api-version=v7", 'error: couldn\'t find resource for "/v7, Resource=services"'),
        ("deploy --api-version=v1", "error: GVR (/v1, Resource=deployments) not found in OpenAPI schema"),
        ("hpa --api-version=autoscaling/v1",
         'error: couldn\'t find resource for "autoscaling/v1, Resource=horizontalpodautoscalers"'),
        ("pods --output=xml", "error: unrecognized format: xml"),
    ],
)  # fmt: skip
def test_what_cannot_be_explained_is_refused_as_the_real_one_refuses_it(
    lab: Lab, words: str, message: str
) -> None:
    assert lab.refused(f"explain {words}").strip() == message


def test_an_explanation_asks_the_server(lab: Lab) -> None:
    asked: list[str] = []
    end = lab.cluster.trace.subscribe(
        lambda record: asked.append(record.subject) if record.kind == "request" else None
    )
    lab.said("explain cm")
    end()
    assert asked == ["/openapi/v3", "/openapi/v3/api/v1"]
