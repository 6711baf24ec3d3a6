"""Pods that the server does not take, each with the sentence it answers."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import MERGE_PATCH, PODS, Api, pod

C = "spec.containers[0]"
V = "spec.volumes[0]"
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
    "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)


def container(**fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "image": "i", **fields}]}


def volume(**fields: Any) -> dict[str, Any]:
    return {"volumes": [{"name": "v", **fields}]}


def causes(api: Api, spec: dict[str, Any]) -> list[str]:
    status = api.expect(422, "POST", PODS, pod("p", **spec))
    return [f"{cause['field']}: {cause['message']}" for cause in status["details"]["causes"]]


CONTAINERS = [
    (
        "a variable names its resource",
        {"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {}}}]},
        [f"{C}.env[0].valueFrom.resourceFieldRef.resource: Required value"],
    ),
    (
        "a divisor fits the resource",
        {
            "env": [
                {"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "2"}}}
            ]
        },
        [
            f'{C}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 '
            "are supported with the cpu resource"
        ],
    ),
    (
        "a field must be one that variables can read",
        {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels"}}}]},
        [
            f'{C}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: '
            '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", '
            '"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'
        ],
    ),
    (
        "only labels and annotations are asked for one by one",
        {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP['x']"}}}]},
        [
            f"{C}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"status.podIP['x']\": error converting fieldPath: "
            "field label does not support subscript: status.podIP['x']"
        ],
    ),
    (
        "a key reference names its key",
        {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "m"}}}]},
        [f"{C}.env[0].valueFrom.configMapKeyRef.key: Required value"],
    ),
    (
        "a value comes from one place",
        {
            "env": [
                {
                    "name": "A",
                    "valueFrom": {
                        "configMapKeyRef": {"name": "m", "key": "k"},
                        "secretKeyRef": {"name": "s", "key": "k"},
                    },
                }
            ]
        },
        [f'{C}.env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
    ),
    (
        "an empty source of variables is filed under the list",
        {"envFrom": [{"prefix": "P"}]},
        [f'{C}.envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'],
    ),
    (
        "a source of variables has a name",
        {"envFrom": [{"secretRef": {}}]},
        [f"{C}.envFrom[0].secretRef.name: Required value"],
    ),
    (
        "a headers name is a header's name",
        {"livenessProbe": {"httpGet": {"port": 80, "httpHeaders": [{"name": "a b", "value": "c"}]}}},
        [
            f'{C}.livenessProbe.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of alphanumeric '
            "characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
        ],
    ),
    (
        "a hook sleeps no longer than the Pod has to end",
        {"lifecycle": {"preStop": {"sleep": {"seconds": 31}}}},
        [
            f"{C}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than "
            "terminationGracePeriodSeconds (30)"
        ],
    ),
    (
        "a probe's own grace is above zero",
        {"livenessProbe": {"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 0}},
        [f"{C}.livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0"],
    ),
    (
        "readiness ends nothing and has no grace",
        {"readinessProbe": {"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 5}},
        [
            f"{C}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes"
        ],
    ),
    (
        "restart rules need a policy",
        {"restartPolicyRules": [{"action": "Restart", "exitCodes": {"operator": "In"}}]},
        [f"{C}.restartPolicy: Required value: must specify restartPolicy when restart rules are used"],
    ),
    (
        "a restart rule says on which codes",
        {"restartPolicy": "Never", "restartPolicyRules": [{"action": "Stop"}]},
        [
            f'{C}.restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", '
            '"RestartAllContainers"',
            f"{C}.restartPolicyRules[0].exitCodes: Required value: must be specified",
        ],
    ),
    (
        "huge pages come in whole pages and with memory",
        {"resources": {"limits": {"hugepages-2Mi": "3Mi"}}},
        [
            f'{C}.resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of '
            "hugepages-2Mi",
            f'{C}.resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of '
            "hugepages-2Mi",
            f"{C}.resources: Forbidden: HugePages require cpu or memory",
        ],
    ),
    (
        "extended resources are not overcommitted",
        {"resources": {"limits": {"example.com/gpu": 2}, "requests": {"example.com/gpu": 1}}},
        [f'{C}.resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2'],
    ),
    (
        "a claim must be one of the Pod's",
        {"resources": {"claims": [{"name": "gpu"}]}},
        [
            f'{C}.resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is '
            "empty"
        ],
    ),
    (
        "a resize policy is about cpu or memory",
        {"resizePolicy": [{"resourceName": "disk", "restartPolicy": "NotRequired"}]},
        [f'{C}.resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"'],
    ),
    (
        "a container runs as somebody who can be",
        {"securityContext": {"runAsUser": -1}},
        [f"{C}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"],
    ),
    (
        "a local seccomp profile has a name",
        {"securityContext": {"seccompProfile": {"type": "Localhost"}}},
        [
            f"{C}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is "
            "Localhost"
        ],
    ),
    (
        "a seccomp profile is of a known type",
        {"securityContext": {"seccompProfile": {"type": "Mine"}}},
        [
            f'{C}.securityContext.seccompProfile.type: Unsupported value: "Mine": supported values: "Localhost", '
            '"RuntimeDefault", "Unconfined"'
        ],
    ),
    (
        "only users of its own see all of /proc",
        {"securityContext": {"procMount": "Unmasked"}},
        [
            f'{C}.securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`'
        ],
    ),
    (
        "privilege and no escalation exclude each other",
        {"securityContext": {"privileged": True, "allowPrivilegeEscalation": False}},
        [
            f'{C}.securityContext: Invalid value: {{"Capabilities":null,"Privileged":true,"SELinuxOptions":null,'
            '"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,'
            '"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: '
            "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
        ],
    ),
    (
        "a sub-path stays in its volume",
        {"volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": "../x"}]},
        [f"{C}.volumeMounts.subPath: Invalid value: \"../x\": must not contain '..'"],
    ),
    (
        "two-way mounts are for the privileged",
        {"volumeMounts": [{"name": "v", "mountPath": "/v", "mountPropagation": "Bidirectional"}]},
        [
            f"{C}.volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to "
            "privileged containers"
        ],
    ),
    (
        "recursive read-only is read-only",
        {"volumeMounts": [{"name": "v", "mountPath": "/v", "recursiveReadOnly": "Enabled"}]},
        [f"{C}.volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true"],
    ),
    (
        "a device is a claim",
        {"volumeDevices": [{"name": "v", "devicePath": "/dev/x"}]},
        [
            f'{C}.volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or '
            "Ephemeral for block mode"
        ],
    ),
]


@pytest.mark.parametrize(
    ("fields", "expected"), [row[1:] for row in CONTAINERS], ids=[row[0] for row in CONTAINERS]
)
def test_a_container_is_refused(api: Api, fields: dict[str, Any], expected: list[str]) -> None:
    assert causes(api, {**container(**fields), **volume(emptyDir={})}) == expected


VOLUMES = [
    (
        "a file's name does not begin with two dots",
        {"configMap": {"name": "m", "items": [{"key": "k", "path": "..a"}]}},
        [f"{V}.configMap.items[0].path: Invalid value: \"..a\": must not start with '..'"],
    ),
    (
        "a mode is one of nine bits",
        {"secret": {"secretName": "s", "defaultMode": 512}},
        [
            f"{V}.secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive"
        ],
    ),
    (
        "a host path has a type that is known",
        {"hostPath": {"path": "/a", "type": "Disk"}},
        [
            f'{V}.hostPath.type: Unsupported value: "Disk": supported values: "", "BlockDevice", "CharDevice", "Directory", '
            '"DirectoryOrCreate", "File", "FileOrCreate", "Socket"'
        ],
    ),
    (
        "a downward file says what is in it",
        {"downwardAPI": {"items": [{"path": "a"}]}},
        [f"{V}.downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"],
    ),
    (
        "files read fewer fields than variables",
        {"downwardAPI": {"items": [{"path": "a", "fieldRef": {"fieldPath": "status.podIP"}}]}},
        [
            f'{V}.downwardAPI.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: '
            '"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"'
        ],
    ),
    (
        "a file names the container whose resources it shows",
        {"downwardAPI": {"items": [{"path": "a", "resourceFieldRef": {"resource": "limits.cpu"}}]}},
        [f"{V}.downwardAPI.resourceFieldRef.containerName: Required value"],
    ),
    (
        "a token lives for ten minutes at least",
        {"projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 60}}]}},
        [
            f"{V}.projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration "
            "less than 10 minutes"
        ],
    ),
    (
        "projected files do not fall on each other",
        {
            "projected": {
                "sources": [
                    {"configMap": {"name": "a", "items": [{"key": "k", "path": "f"}]}},
                    {"secret": {"name": "b", "items": [{"key": "k", "path": "f"}]}},
                ]
            }
        },
        [f'{V}.projected: Invalid value: "b": conflicting duplicate paths'],
    ),
    (
        "one source of a projected volume is one thing",
        {"projected": {"sources": [{"configMap": {"name": "a"}, "secret": {"name": "b"}}]}},
        [f"{V}.projected.sources[0]: Forbidden: may not specify more than 1 volume type per source"],
    ),
    (
        "NFS wants a server and an absolute path",
        {"nfs": {"path": "data"}},
        [f"{V}.nfs.server: Required value", f'{V}.nfs.path: Invalid value: "data": must be an absolute path'],
    ),
    (
        "a disk of Google's is filed under its old name",
        {"gcePersistentDisk": {}},
        [f"{V}.persistentDisk.pdName: Required value"],
    ),
    (
        "an ephemeral claim is a claim",
        {"ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
        [
            f"{V}.ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required",
            f"{V}.ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value",
        ],
    ),
    ("an image has a reference", {"image": {}}, [f"{V}.image.reference: Required value"]),
    (
        "a negative size is no size",
        {"emptyDir": {"sizeLimit": "-1"}},
        [f"{V}.emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"],
    ),
]


@pytest.mark.parametrize(
    ("fields", "expected"), [row[1:] for row in VOLUMES], ids=[row[0] for row in VOLUMES]
)
def test_a_volume_is_refused(api: Api, fields: dict[str, Any], expected: list[str]) -> None:
    assert causes(api, volume(**fields)) == expected


AFFINITY = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
SPREAD = "spec.topologySpreadConstraints[0]"
SPECS = [
    (
        "DNS of one's own needs a server",
        {"dnsPolicy": "None", "dnsConfig": {}},
        [
            "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"
        ],
    ),
    (
        "a name server is an address",
        {"dnsConfig": {"nameservers": ["here"]}},
        [
            'spec.dnsConfig.nameservers[0]: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or '
            "2001:db8::ffff)"
        ],
    ),
    (
        "an alias is an address",
        {"hostAliases": [{"ip": "x", "hostnames": ["a"]}]},
        [
            'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
        ],
    ),
    ("a host's name is a label", {"hostname": "a_b"}, [f'spec.hostname: Invalid value: "a_b": {LABEL}']),
    (
        "sysctls have names, once each",
        {
            "securityContext": {
                "sysctls": [{"name": "kernel.sem", "value": "1"}, {"name": "kernel.sem", "value": "2"}]
            }
        },
        ['spec.securityContext.sysctls[1].name: Duplicate value: "kernel.sem"'],
    ),
    (
        "the host's network keeps its own settings",
        {"hostNetwork": True, "securityContext": {"sysctls": [{"name": "net.core.somaxconn", "value": "1"}]}},
        [
            'spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when '
            "'hostNetwork' is true"
        ],
    ),
    (
        "groups are numbered from zero",
        {"securityContext": {"supplementalGroups": [-5]}},
        [
            "spec.securityContext.supplementalGroups[0]: Invalid value: -5: must be between 0 and 2147483647, inclusive"
        ],
    ),
    (
        "how a group is given is a choice",
        {"securityContext": {"fsGroupChangePolicy": "Sometimes"}},
        [
            'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Sometimes": supported values: "Always", '
            '"OnRootMismatch"'
        ],
    ),
    (
        "its own processes and the host's exclude each other",
        {"hostPID": True, "shareProcessNamespace": True},
        [
            "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both "
            "be enabled"
        ],
    ),
    (
        "users of its own and the host's network exclude each other",
        {"hostUsers": False, "hostNetwork": True},
        ["spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false"],
    ),
    (
        "there are two systems",
        {"os": {"name": "plan9"}},
        ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
    ),
    (
        "Windows knows no Linux fences",
        {"os": {"name": "windows"}, "securityContext": {"fsGroup": 5}},
        ["spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod"],
    ),
    (
        "a gated Pod has no node",
        {"nodeName": "n", "schedulingGates": [{"name": "a.b/c"}]},
        ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
    ),
    (
        "gates differ",
        {"schedulingGates": [{"name": "a"}, {"name": "a"}]},
        ['spec.schedulingGates[1]: Duplicate value: "a"'],
    ),
    (
        "what nodes must have is a label's value",
        {
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [
                            {"matchExpressions": [{"key": "a", "operator": "In", "values": ["no!"]}]}
                        ]
                    }
                }
            }
        },
        [
            f'{AFFINITY}.matchExpressions[0].values[0]: Invalid value: "no!": a valid label must be an empty string or '
            "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
            "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
            "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
        ],
    ),
    (
        "namespaces of a term are filed under one name",
        {
            "affinity": {
                "podAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        {"topologyKey": "zone", "namespaces": ["A"]}
                    ]
                }
            }
        },
        [
            "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace: Invalid value: "
            f'"A": {LABEL}'
        ],
    ),
    (
        "spreading the same way twice is one too many",
        {
            "topologySpreadConstraints": [
                {"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}},
                {"maxSkew": 2, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}},
            ]
        },
        [f'{SPREAD}.{{topologyKey, whenUnsatisfiable}}: Duplicate value: "{{z, DoNotSchedule}}"'],
    ),
    (
        "a least number of domains is for what is a must",
        {
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "z",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "minDomains": 2,
                    "labelSelector": {},
                }
            ]
        },
        [
            f"{SPREAD}.minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not "
            "ScheduleAnyway"
        ],
    ),
    (
        "a Pod's own claim is from somewhere",
        {"resourceClaims": [{"name": "gpu"}]},
        [
            'spec.resourceClaims[0]: Invalid value: {"Name":"gpu","ResourceClaimName":null,'
            '"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
        ],
    ),
    (
        "containers share what the Pod as a whole asks for",
        {"resources": {"requests": {"cpu": "1"}}, **container(resources={"requests": {"cpu": "2"}})},
        [
            'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container '
            "requests of 2"
        ],
    ),
]


@pytest.mark.parametrize(("spec", "expected"), [row[1:] for row in SPECS], ids=[row[0] for row in SPECS])
def test_a_spec_is_refused(api: Api, spec: dict[str, Any], expected: list[str]) -> None:
    assert causes(api, spec) == expected


def test_what_a_pod_costs_to_delete_is_a_number(api: Api) -> None:
    body = pod("p")
    body["metadata"]["annotations"] = {"controller.kubernetes.io/pod-deletion-cost": "much"}
    assert api.refused(422, "POST", PODS, body) == (
        'Pod "p" is invalid: metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "much": '
        "must be a 32bit integer"
    )


def test_a_gated_pods_choice_of_nodes_may_only_grow(api: Api) -> None:
    api.post(PODS, pod("p", schedulingGates=[{"name": "a.b/c"}], nodeSelector={"disk": "ssd"}))
    api.patch(f"{PODS}/p", {"spec": {"nodeSelector": {"zone": "a"}}})
    message = api.refused(
        422, "PATCH", f"{PODS}/p", {"spec": {"nodeSelector": {"disk": "hdd"}}}, content_type=MERGE_PATCH
    )
    assert message == (
        'Pod "p" is invalid: spec.nodeSelector: Invalid value: {"disk":"hdd","zone":"a"}: only additions to '
        "spec.nodeSelector are allowed (no mutations or deletions)"
    )


def test_a_pods_class_of_service_never_changes(api: Api) -> None:
    api.post(PODS, pod("p"))
    message = api.refused(
        422, "PATCH", f"{PODS}/p/status", {"status": {"qosClass": "Guaranteed"}}, content_type=MERGE_PATCH
    )
    assert message == 'Pod "p" is invalid: status.qosClass: Invalid value: "Guaranteed": field is immutable'


def test_a_container_that_has_ended_for_good_stays_so(api: Api) -> None:
    api.post(PODS, pod("p", restartPolicy="Never"))
    ended = {
        "name": "c",
        "image": "i",
        "imageID": "",
        "ready": False,
        "restartCount": 0,
        "state": {"terminated": {"exitCode": 0}},
    }
    api.patch(f"{PODS}/p/status", {"status": {"containerStatuses": [ended]}})
    again = {**ended, "state": {"running": {}}}
    message = api.refused(
        422, "PATCH", f"{PODS}/p/status", {"status": {"containerStatuses": [again]}}, content_type=MERGE_PATCH
    )
    assert message == (
        'Pod "p" is invalid: status.containerStatuses[0].state: Forbidden: may not be transitioned to '
        "non-terminated state"
    )
