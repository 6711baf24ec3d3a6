"""Command lines that the real kubectl and the Python one are both given, by what they are about.

Each row is one command line. `!settle` lets the cluster come to rest; what begins with `+` is
done by the real one for both, because the Python one cannot. `%` stands for the namespace, `&` for a Node.
"""

MANIFESTS = {
    "web.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{containerPort: 80}]
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
        env: [{name: A, value: b}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue, size: "3"}
""",
    "web2.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: red, size: "3"}
""",
    "bad.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: Bad_Name}
data: {colour: blue}
""",
    "unknown.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: ok}
dada: {colour: blue}
""",
    "nokind.yaml": "metadata: {name: x}\n",
    "nosuch.yaml": "apiVersion: example.com/v1\nkind: Gizmo\nmetadata: {name: x}\n",
    "broken.yaml": "a: [\n",
    "crd.yaml": """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets-%.%.example.com}
spec:
  group: "%.example.com"
  scope: Namespaced
  names: {plural: widgets-%, singular: widget-%, kind: Widget, shortNames: [wd-%]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer}}}
""",
    "widget.yaml": """
apiVersion: "%.example.com/v1"
kind: Widget
metadata: {name: one}
spec: {size: 3}
""",
}

LINES = {
    "what_cannot_be_read": """
kubectl get
kubectl get gizmos
kubectl get pods --bogus
kubectl get pods -q
kubectl get pods -o bogus
kubectl get pods -o jsonpath
kubectl get pods -o custom-columns
kubectl get pods -l 'a in b'
kubectl get pods --field-selector spec.bogus=1
kubectl get pod ghost
kubectl get pod/ghost cm/ghost
kubectl get pods ghost1 ghost2
kubectl get pod/a b
kubectl bogus
kubectl gt pods
kubectl describe
kubectl describe pod ghost
kubectl describe gizmo
kubectl delete
kubectl delete pods
kubectl delete pod ghost
kubectl delete pod ghost --ignore-not-found
kubectl delete -f missing.yaml
kubectl create
kubectl create deployment
kubectl create deployment x
kubectl create bogus
kubectl create configmap
kubectl create -f missing.yaml
kubectl apply
kubectl apply -f missing.yaml
kubectl apply -f broken.yaml
kubectl apply -f nokind.yaml
kubectl apply -f nosuch.yaml
kubectl apply -f unknown.yaml
kubectl apply -f bad.yaml
kubectl scale deployment ghost --replicas=2
kubectl scale deployment web
kubectl rollout bogus
kubectl rollout status
kubectl rollout status deployment ghost
kubectl rollout restart pod x
kubectl logs
kubectl logs ghost
kubectl label pod
kubectl label pod ghost a=b
kubectl label pod ghost
kubectl annotate pod ghost a=b
kubectl expose deployment ghost --port=80
kubectl run
kubectl run x
kubectl set image deployment/ghost a=b
kubectl set image
kubectl taint nodes ghost a=b:NoSchedule
kubectl cordon
kubectl cordon ghost
kubectl drain
kubectl drain ghost
kubectl wait pod/ghost --for=condition=Ready
kubectl wait pod/ghost
kubectl wait
kubectl patch
kubectl patch cm ghost
kubectl patch cm ghost -p '{}'
kubectl explain
kubectl explain gizmo
kubectl explain pod.spec.bogus
kubectl auth can-i
kubectl auth can-i get
kubectl replace
kubectl replace -f web2.yaml
""",
    "one_deployment_from_file_to_end": """
kubectl apply -f web.yaml --dry-run=client
kubectl apply -f web.yaml --dry-run=server
kubectl apply -f web.yaml
!settle
kubectl apply -f web.yaml
kubectl apply -f web2.yaml
kubectl create -f web2.yaml
kubectl get all
kubectl get deployments
kubectl get deploy web -o wide
kubectl get deploy,svc,cm
kubectl get pods
kubectl get pods -o wide
kubectl get pods --show-labels
kubectl get pods -L app
kubectl get pods -l app=web --no-headers
kubectl get pods -l app=none
kubectl get pods -o name
kubectl get rs -o wide
kubectl get svc web -o wide
kubectl get endpointslices
kubectl get cm settings -o yaml
kubectl get cm settings -o json
kubectl get cm settings -o jsonpath='{.data.colour}'
kubectl get cm settings -o custom-columns=NAME:.metadata.name,C:.data.colour
kubectl get pods --sort-by=.metadata.name
kubectl get deploy web -o yaml
kubectl get events --field-selector involvedObject.kind=Deployment
kubectl describe deployment web
kubectl describe rs
kubectl describe service web
kubectl describe pods -l app=web
kubectl rollout status deployment web
kubectl rollout history deployment web
kubectl scale deployment web --replicas=3
!settle
kubectl get deploy web
kubectl set image deployment/web nginx=nginx:1.28
kubectl rollout status deployment/web --timeout=60s
!settle
kubectl rollout history deployment web --revision=2
kubectl rollout undo deployment web
!settle
kubectl rollout pause deployment web
kubectl rollout pause deployment web
kubectl rollout resume deployment web
kubectl rollout restart deployment web
!settle
kubectl label deployment web tier=front
kubectl label deployment web tier=front
kubectl label deployment web tier=back
kubectl label deployment web tier=back --overwrite
kubectl label deployment web tier-
kubectl label deployment web tier-
kubectl annotate deployment web note=hello
kubectl annotate deployment web note-
kubectl patch deployment web -p '{"spec":{"minReadySeconds":1}}'
kubectl patch deployment web -p '{"spec":{"minReadySeconds":1}}'
kubectl patch deployment web --type=merge -p '{"spec":{"replicas":-1}}'
kubectl patch deployment web --type=bogus -p '{}'
kubectl get hpa
kubectl expose deployment web --name=again --port=80
kubectl expose deployment web --name=again --port=80
kubectl wait deployment web --for=condition=Available --timeout=30s
kubectl delete service again
kubectl delete cm settings --dry-run=client
kubectl delete cm settings --dry-run=server
kubectl delete -f web.yaml
!settle
kubectl get all
kubectl get pods
""",
    "small_objects": """
kubectl create configmap c --from-literal=a=b
kubectl create configmap c --from-literal=a=b
kubectl describe cm c
kubectl create configmap d --from-literal=a=b --dry-run=client -o yaml
kubectl create configmap d --from-literal=a
kubectl create secret generic s --from-literal=a=b
kubectl get secret s
kubectl get secret s -o yaml
kubectl describe secret s
kubectl create serviceaccount robot
kubectl get sa
kubectl describe sa robot
+kubectl create quota q --hard=pods=30,configmaps=20
!settle
kubectl get quota
kubectl describe quota q
+kubectl create role r --verb=get,list --resource=pods
+kubectl create rolebinding b --role=r --serviceaccount=%:robot
kubectl get role,rolebinding
kubectl describe role r
kubectl describe rolebinding b
kubectl auth can-i list pods --as=system:serviceaccount:%:robot
kubectl auth can-i delete pods --as=system:serviceaccount:%:robot
kubectl get pods --as=nobody
+kubectl create pdb p --selector=app=web --min-available=1
kubectl get pdb
kubectl describe pdb p
+kubectl create job j --image=busybox -- true
+kubectl create cronjob cj --image=busybox --schedule='@hourly' -- true
kubectl get cronjob
+kubectl create ingress i --rule=a.example.com/*=front:80
kubectl get ingress
kubectl create service clusterip front --tcp=80:8080
kubectl create service nodeport np --tcp=80
kubectl get svc
+kubectl create priorityclass % --value=5
kubectl get priorityclass %
kubectl delete priorityclass %
kubectl create deployment two --image=nginx --replicas=0
kubectl delete deployment two --cascade=orphan
kubectl delete cm c s
kubectl delete cm/d secret/s
kubectl delete pdb,cronjob,job,ingress --all
kubectl delete cm --all --dry-run=client
""",
    "a_pod": """
kubectl run p --image=nginx:1.27 --port=80 --labels=a=b
kubectl run p --image=nginx:1.27
kubectl run q --image=nginx --dry-run=client -o yaml
kubectl run p --image=nginx --restart=Sometimes
!settle
kubectl get pod p
kubectl get pod p -o jsonpath='{.status.phase}'
kubectl describe pod p
kubectl logs p
kubectl logs p -c nope
kubectl logs p --tail=1
kubectl logs p --previous
kubectl wait pod p --for=condition=Ready --timeout=30s
kubectl wait pod p --for=jsonpath='{.status.phase}'=Running --timeout=5s
kubectl wait pod p --for=condition=Bogus --timeout=1s
kubectl expose pod p
kubectl label pod p c=d --dry-run=client
kubectl label pods --all x=y
kubectl get pods --show-labels
kubectl patch pod p -p '{"spec":{"nodeName":"x"}}'
kubectl get events --field-selector reason=Scheduled
kubectl events --for pod/p
kubectl delete pod p --grace-period=1
kubectl get pods
kubectl delete pod p
""",
    "custom_kinds": """
kubectl apply -f crd.yaml
!settle
kubectl apply -f widget.yaml
kubectl get widgets-%
kubectl get wd-% one
kubectl get widgets-%.%.example.com one -o yaml
kubectl get widgets-% -o name
kubectl describe widget-% one
kubectl patch widget-% one --type=merge -p '{"spec":{"size":4}}'
kubectl patch widget-% one -p '{"spec":{"size":4}}'
kubectl patch widget-% one --type=merge -p '{"spec":{"size":"four"}}'
kubectl label widget-% one a=b
kubectl get widgets-% -l a=b
kubectl scale widget-% one --replicas=2
kubectl get crd widgets-%.%.example.com
kubectl explain widget-%.spec
kubectl delete widget-% one
kubectl get widgets-%
kubectl delete wd-% ghost
kubectl delete crd widgets-%.%.example.com
""",
    "the_cluster": """
kubectl get nodes
kubectl get nodes -o wide
kubectl get node ghost
kubectl get ns % -o yaml
kubectl describe ns %
kubectl get pods -n kube-system
kubectl get leases -n kube-node-lease
kubectl get priorityclasses
kubectl get clusterroles view edit
kubectl describe clusterrole view
kubectl get storageclass
kubectl describe node &
kubectl api-versions
kubectl api-resources
kubectl api-resources --namespaced=false -o name
kubectl api-resources --api-group=apps
kubectl cluster-info
kubectl auth whoami
kubectl auth can-i list nodes
kubectl auth can-i '*' '*'
kubectl auth can-i get /healthz --as=nobody
kubectl auth can-i create gizmos
kubectl get --raw /healthz
kubectl get --raw /nothing
kubectl explain configmap
kubectl explain deployment.spec.strategy
kubectl explain pod.spec.containers.image
kubectl explain service --recursive
kubectl taint node & k=v:NoSchedule
kubectl taint node & k=v:NoSchedule
kubectl taint node & k=v:Bogus
kubectl taint node & k-
kubectl taint node & k-
kubectl cordon &
kubectl cordon &
kubectl uncordon &
kubectl uncordon &
kubectl drain & --dry-run=client --ignore-daemonsets --force
kubectl version
kubectl create ns other-%
kubectl create ns other-%
kubectl delete ns other-%
kubectl get ns other-%
""",
}
