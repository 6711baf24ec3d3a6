"""What the published documents say about kinds and fields, in short sentences of our own.

Upstream publishes its reference manual with every field. Here are sentences for the kinds, for the fields that all
objects share and for those that a learner meets first; the others have none, and ``kubectl explain`` says so.
A place is ``Kind``, ``Kind.field``, ``*.field`` for a field of any type, or ``*List.field`` for one of any list.
"""

from __future__ import annotations

from functools import cache

_KINDS = """
APIGroup: The name and the versions of one API group.
APIGroupList: All API groups but the core group.
APIResourceList: The resources of one group version.
APIVersions: The versions of the core group.
Binding: Says on which Node a Pod is to run.
CSIDriver: Tells the cluster what a storage driver can do.
CSINode: The storage drivers that run on a Node.
CertificateSigningRequest: Asks a signer for a certificate.
ClusterRole: A set of rights, for all namespaces or for what is in none.
ClusterRoleBinding: Gives the rights of a ClusterRole to users, groups or service accounts, in all namespaces.
ComponentStatus: How a part of the control plane feels; deprecated.
ConfigMap: Configuration for programs, as keys and values that are no secrets.
ControllerRevision: One past state of a StatefulSet or DaemonSet.
CronJob: Makes a Job again and again, at the times of a schedule.
CustomResourceDefinition: Adds a kind of your own to the API.
DaemonSet: Keeps one Pod on every Node, or on some of them.
DeleteOptions: How an object is to be deleted.
Deployment: Keeps a number of like Pods running and replaces them step by step when they change.
EndpointSlice: Addresses of the Pods behind a Service.
Endpoints: Addresses behind a Service in one object; EndpointSlices have taken its place.
Event: A report of something that happened to an object.
Eviction: Asks politely for the end of a Pod; a PodDisruptionBudget may refuse.
FlowSchema: Says which requests belong to which priority level.
HorizontalPodAutoscaler: Changes the number of replicas by what is measured.
Ingress: Rules that lead HTTP from outside to Services.
IngressClass: Names the controller that works on Ingresses of a class.
Job: Runs Pods until enough of them have succeeded.
Lease: A claim with an end, which its holder renews: a heartbeat, or who leads.
LimitRange: Smallest, largest and default amounts of resources in a namespace.
LocalSubjectAccessReview: Asks whether somebody may do something in a namespace.
MutatingAdmissionPolicy: A rule in CEL that changes requests.
MutatingAdmissionPolicyBinding: Says where a MutatingAdmissionPolicy counts.
MutatingWebhookConfiguration: Programs that are asked about requests and may change them.
Namespace: A room of names; most objects live in one.
NetworkPolicy: Says who may talk to the Pods that it selects.
Node: A machine that runs Pods.
PersistentVolume: A piece of storage in the cluster.
PersistentVolumeClaim: Asks for storage; a PersistentVolume is bound to it.
Pod: One or more containers that run together on a Node, the smallest thing that is scheduled.
PodDisruptionBudget: How many Pods of an application may be missing when Pods are evicted.
PodTemplate: A pattern from which Pods are made.
PriorityClass: A name for how important a Pod is.
PriorityLevelConfiguration: How many requests of one importance are worked on at a time, and how others queue.
ReplicaSet: Keeps a number of like Pods running.
ReplicationController: Keeps a number of like Pods running; Deployments have taken its place.
ResourceQuota: How much a namespace may use altogether.
Role: A set of rights in one namespace.
RoleBinding: Gives the rights of a Role or ClusterRole to somebody, in one namespace.
RuntimeClass: Names a way in which containers are run on a Node.
Scale: How many replicas there are and should be, the same for every kind that has replicas.
Secret: Keys and values that not everybody should read.
SelfSubjectAccessReview: Asks whether you may do something.
SelfSubjectReview: Asks who you are.
SelfSubjectRulesReview: Asks what you may do in a namespace.
Service: One name and address for a changing set of Pods.
ServiceAccount: Who a program is when it talks to the API server.
StatefulSet: Keeps Pods that have names and storage of their own.
Status: How a call ended, when it does not end with an object.
StorageClass: Names a way in which volumes are made.
SubjectAccessReview: Asks whether somebody may do something.
TokenRequest: Asks for a token of a ServiceAccount.
TokenReview: Asks whose token this is.
ValidatingAdmissionPolicy: A rule in CEL that requests must fulfil.
ValidatingAdmissionPolicyBinding: Says where a ValidatingAdmissionPolicy counts.
ValidatingWebhookConfiguration: Programs that are asked about requests and may refuse them.
VolumeAttachment: Says that a volume is to be attached to a Node.
VolumeAttributesClass: Names attributes of volumes that may change later.
WatchEvent: One change that a watch tells of.
"""

_EVERYWHERE = """
*.apiVersion: Group and version of the kind, by which all other fields are understood.
*.kind: The name of the kind.
*.metadata: Name, namespace, labels and what else every object has.
*.spec: What is wanted. You write it.
*.status: What is the case. The cluster writes it.
*.items: The objects.
*List.metadata: The version that the list shows, and where its next page begins.
*.conditions: The current state as a list of statements with reasons.
*.observedGeneration: The generation of the spec that this status is about.
*.selector: Which objects are meant, by their labels.
*.template: The pattern from which Pods are made.
*.replicas: How many Pods there are or should be.
*.lastTransitionTime: When the statement last became true or false.
*.reason: Why, in one word for programs.
*.message: Why, in words for people.
ObjectMeta: What every object has, whatever its kind.
ObjectMeta.annotations: Notes of tools about the object; nothing is selected by them.
ObjectMeta.creationTimestamp: When the object was made. The server writes it.
ObjectMeta.deletionGracePeriodSeconds: How many seconds the object has to end. The server writes it.
ObjectMeta.deletionTimestamp: From when on the object is gone as soon as no finalizer holds it. The server writes it.
ObjectMeta.finalizers: Who still has something to tidy up before the object may go.
ObjectMeta.generateName: The beginning of the name; the server adds five letters.
ObjectMeta.generation: Counts the changes of the spec.
ObjectMeta.labels: Keys and values by which objects are found and selected.
ObjectMeta.managedFields: Who owns which field. The server writes it.
ObjectMeta.name: The name, which is unique for its kind within a namespace.
ObjectMeta.namespace: The namespace that the object lives in.
ObjectMeta.ownerReferences: The objects that this one belongs to; without them it is collected as garbage.
ObjectMeta.resourceVersion: Which version this is. The server writes it, and refuses a change of an older one.
ObjectMeta.uid: A name that no other object ever had. The server writes it.
OwnerReference: Which object another one belongs to.
LabelSelector: Chooses objects by their labels; all of its requirements must be met.
LabelSelector.matchExpressions: Requirements with an operator.
LabelSelector.matchLabels: Labels that must be there with these values.
Condition: A statement about an object: true, false or unknown.
Quantity: A number with a unit, such as 100m, 1.5, 64Mi or 2Gi.
IntOrString: A number, or a text such as 25%.
Time: A point in time, as 2026-01-31T08:00:00Z.
FieldsV1: A set of fields, as keys that are nested like the object.
"""

_PODS = """
PodSpec.activeDeadlineSeconds: After how many seconds the Pod is ended, whatever it does.
PodSpec.affinity: Which Nodes, and which other Pods nearby, the Pod needs or likes.
PodSpec.automountServiceAccountToken: Whether the containers get a token of the ServiceAccount.
PodSpec.containers: The containers that run together.
PodSpec.initContainers: Containers that run one by one before the others start.
PodSpec.ephemeralContainers: Containers that were put into the running Pod to look around.
PodSpec.nodeName: The Node that the Pod runs on. The scheduler writes it.
PodSpec.nodeSelector: Labels that the Node must have.
PodSpec.priority: How important the Pod is; the priority class says it.
PodSpec.priorityClassName: The PriorityClass of the Pod.
PodSpec.restartPolicy: Whether containers that have ended are started again.
PodSpec.schedulerName: The scheduler that is to place the Pod.
PodSpec.schedulingGates: As long as one is left, the Pod is not scheduled.
PodSpec.serviceAccountName: The ServiceAccount that the Pod's programs act as.
PodSpec.terminationGracePeriodSeconds: How many seconds the containers have to end by themselves.
PodSpec.tolerations: Taints of Nodes that the Pod puts up with.
PodSpec.topologySpreadConstraints: How evenly Pods are spread over zones or Nodes.
PodSpec.volumes: The storage that the containers can mount.
PodStatus.containerStatuses: How each container is doing.
PodStatus.hostIP: The address of the Node.
PodStatus.phase: Where in its life the Pod is.
PodStatus.podIP: The address of the Pod.
PodStatus.qosClass: Who has to go first when the Node runs out of memory.
PodStatus.startTime: When the kubelet took the Pod on.
PodTemplateSpec: The metadata and the spec of the Pods that are made.
Container: One program with its image, its environment and its limits.
Container.args: The arguments of the command.
Container.command: The program to start; without it the image's own.
Container.env: Variables of the environment.
Container.envFrom: ConfigMaps and Secrets whose keys become variables.
Container.image: The image that the container is made from.
Container.imagePullPolicy: When the image is pulled.
Container.lifecycle: What is done after the start and before the end.
Container.livenessProbe: Is it alive? When not, it is started again.
Container.name: The name of the container, unique within the Pod.
Container.ports: Ports that the program listens on; they are open without being listed, too.
Container.readinessProbe: Is it ready? When not, Services leave it out.
Container.resources: How much it asks for and how much it may take.
Container.restartPolicy: Always makes an init container run beside the others, for as long as they do.
Container.securityContext: Who the program runs as and what it may.
Container.startupProbe: Has it started? Until then the other probes wait.
Container.volumeMounts: Where volumes appear in its file system.
ContainerPort.containerPort: The number of the port.
ContainerPort.name: A name by which Services can mean the port.
EnvVar.value: The value, as text.
EnvVar.valueFrom: Where the value comes from.
ResourceRequirements: How much of the Node's resources a container asks for, and how much it may take.
ResourceRequirements.limits: The most it may take.
ResourceRequirements.requests: What is reserved for it; the scheduler counts this.
Probe: A question that the kubelet asks a container again and again.
Probe.failureThreshold: How many failures in a row count as failed.
Probe.initialDelaySeconds: How long to wait before the first question.
Probe.periodSeconds: How long to wait between two questions.
Probe.successThreshold: How many successes in a row count as passed.
Probe.timeoutSeconds: How long an answer may take.
Taint: A mark on a Node that keeps Pods away which do not tolerate it.
Toleration: A taint that a Pod puts up with.
Volume: Storage with a name that containers of a Pod can mount.
"""

_OTHERS = """
ConfigMap.binaryData: Values that are no text, in base64.
ConfigMap.data: The keys with their values.
ConfigMap.immutable: When true, the values can never change.
Secret.data: The keys with their values in base64, which hides nothing.
Secret.immutable: When true, the values can never change.
Secret.stringData: Values in plain text, for writing only; the server puts them into data.
Secret.type: What the Secret is for, and so which keys it must have.
DeploymentSpec.minReadySeconds: How long a new Pod must be ready before it counts as available.
DeploymentSpec.paused: When true, changes of the template wait.
DeploymentSpec.progressDeadlineSeconds: After how long without progress the rollout counts as failed.
DeploymentSpec.revisionHistoryLimit: How many old ReplicaSets are kept for an undo.
DeploymentSpec.strategy: How old Pods are replaced by new ones.
DeploymentStrategy: How a Deployment replaces old Pods by new ones.
DeploymentStrategy.rollingUpdate: How fast, when it is done step by step.
DeploymentStrategy.type: All at once (Recreate), or step by step (RollingUpdate).
RollingUpdateDeployment: The speed of a rolling update.
RollingUpdateDeployment.maxSurge: How many Pods more than wanted there may be meanwhile, as a number or a percentage.
RollingUpdateDeployment.maxUnavailable: How many Pods may be missing meanwhile, as a number or a percentage.
DeploymentStatus.availableReplicas: Pods that have been ready for long enough.
DeploymentStatus.readyReplicas: Pods that are ready.
DeploymentStatus.unavailableReplicas: Pods that are still missing.
DeploymentStatus.updatedReplicas: Pods of the newest template.
JobSpec.backoffLimit: How many failures the Job puts up with.
JobSpec.completions: How many Pods must succeed.
JobSpec.parallelism: How many Pods run at a time.
CronJobSpec.concurrencyPolicy: What happens when the time has come and the last Job still runs.
CronJobSpec.schedule: When, in the five fields of cron.
CronJobSpec.suspend: When true, no new Jobs are made.
ServiceSpec.clusterIP: The address of the Service within the cluster; None for a Service without one.
ServiceSpec.externalName: Another name that this one stands for.
ServiceSpec.ports: The ports that the Service listens on.
ServiceSpec.sessionAffinity: Whether a client always gets to the same Pod.
ServiceSpec.type: From where the Service can be reached.
ServicePort.nodePort: The port that every Node opens.
ServicePort.port: The port of the Service.
ServicePort.targetPort: The port of the Pods, as a number or a name.
NodeSpec.podCIDR: The addresses of the Pods on this Node.
NodeSpec.taints: Marks that keep Pods away.
NodeSpec.unschedulable: When true, no new Pods come here.
NodeStatus.allocatable: What is left for Pods.
NodeStatus.capacity: What the machine has.
NamespaceStatus.phase: Active, or Terminating while it is emptied.
PolicyRule: Some verbs on some resources.
PolicyRule.apiGroups: The API groups; "" is the core group.
PolicyRule.nonResourceURLs: Paths that are not about resources.
PolicyRule.resourceNames: Only objects of these names.
PolicyRule.resources: The resources, with their subresources as pods/log.
PolicyRule.verbs: What may be done.
RoleRef: The Role or ClusterRole whose rights are given.
Subject: Somebody who gets rights: a user, a group or a service account.
LeaseSpec.acquireTime: When the present holder got it.
LeaseSpec.holderIdentity: Who holds it.
LeaseSpec.leaseDurationSeconds: How long it holds after it was renewed.
LeaseSpec.renewTime: When it was last renewed.
PersistentVolumeClaimSpec.accessModes: How the volume is to be mounted, and by how many Nodes.
PersistentVolumeClaimSpec.storageClassName: The StorageClass that is to make the volume.
PersistentVolumeClaimSpec.volumeName: The PersistentVolume that is bound to the claim.
ResourceQuotaSpec.hard: The limits, by resource.
PodDisruptionBudgetSpec.maxUnavailable: How many Pods may be missing.
PodDisruptionBudgetSpec.minAvailable: How many Pods must stay.
"""


@cache
def _sentences() -> dict[str, str]:
    found = {}
    for line in "".join((_KINDS, _EVERYWHERE, _PODS, _OTHERS)).splitlines():
        place, _, sentence = line.partition(": ")
        if place:
            found[place] = sentence
    return found


def of(place: str) -> str:
    """The sentence about a place, "" when there is none."""
    return _sentences().get(place, "")


def places() -> list[str]:
    """Every place that has a sentence."""
    return list(_sentences())


def with_values(description: str, values: list[str]) -> str:
    """A description followed by the values that a field may have, as upstream lists them."""
    listed = "\n".join(["Possible enum values:", *(f' - `"{value}"`' for value in values)])
    return f"{description}\n\n{listed}" if description else listed
