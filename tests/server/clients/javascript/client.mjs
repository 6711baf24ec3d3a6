// What the JavaScript client can do with a cluster: each line of the output is one finding, as JSON.
// node client.mjs KUBECONFIG
import { Writable, Readable } from 'node:stream';
import * as k8s from '@kubernetes/client-node';

const kc = new k8s.KubeConfig();
kc.loadFromFile(process.argv[2]);
const core = kc.makeApiClient(k8s.CoreV1Api);
const apps = kc.makeApiClient(k8s.AppsV1Api);
const custom = kc.makeApiClient(k8s.CustomObjectsApi);
const namespace = 'default';
const found = (name, value) => console.log(JSON.stringify([name, value]));
const labels = { app: 'web' };
const containers = [{ name: 'c', image: 'nginx:1.27' }];

class Collector extends Writable {
  text = '';
  _write(chunk, _encoding, done) { this.text += chunk; done(); }
}

async function typed() {
  const body = { metadata: { name: 'typed' }, data: { key: '1' } };
  const made = await core.createNamespacedConfigMap({ namespace, body });
  made.data.key = '2';
  await core.replaceNamespacedConfigMap({ name: 'typed', namespace, body: made });
  const got = await core.readNamespacedConfigMap({ name: 'typed', namespace });
  found('typed', [got.data, got.metadata.creationTimestamp instanceof Date]);
  await core.deleteNamespacedConfigMap({ name: 'typed', namespace });
  const error = await core.readNamespacedConfigMap({ name: 'typed', namespace }).catch((each) => each);
  found('missing', [error.code, JSON.parse(error.body).reason]);
}

async function patches() {
  const name = 'patched';
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name } } });
  const types = {
    JsonPatch: [{ op: 'add', path: '/data', value: { a: '1' } }],
    MergePatch: { data: { b: '2' } },
    StrategicMergePatch: { data: { c: '3' } },
    ServerSideApply: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { d: '4' } },
  };
  let got;
  for (const [type, body] of Object.entries(types)) {
    const media = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy[type]);
    got = await core.patchNamespacedConfigMap({ name, namespace, body, fieldManager: 'js' }, media);
  }
  found('patches', got.data);
}

async function informer() {
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const one = k8s.makeInformer(kc, path, () => core.listNamespacedSecret({ namespace }));
  const seen = [];
  const done = new Promise((resolve) => {
    for (const verb of ['add', 'update', 'delete']) {
      one.on(verb, (each) => {
        seen.push([verb, each.metadata.name]);
        if (verb === 'delete') resolve();
      });
    }
  });
  await one.start();
  const name = 'informed';
  await core.createNamespacedSecret({ namespace, body: { metadata: { name } } });
  const media = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch);
  await core.patchNamespacedSecret({ name, namespace, body: { stringData: { a: '1' } } }, media);
  await core.deleteNamespacedSecret({ name, namespace });
  await done;
  await one.stop();
  found('informer', seen);
}

async function pods() {
  const spec = { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } };
  await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: 'web' }, spec } });
  let ready = 0;
  const watch = new k8s.Watch(kc);
  await new Promise((resolve, reject) => {
    const request = watch.watch(`/apis/apps/v1/namespaces/${namespace}/deployments`, {}, (_type, each) => {
      ready = each.status?.readyReplicas ?? 0;
      if (ready === 2) request.then((controller) => controller.abort());
    }, (error) => (ready === 2 ? resolve() : reject(error)));
  });
  const list = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
  found('deployment', [ready, list.items.map((each) => each.status.phase)]);
  return list.items[0].metadata.name;
}

async function exec(name) {
  const [out, err] = [new Collector(), new Collector()];
  const status = await new Promise((resolve) => {
    const stdin = Readable.from(['echo $((6*7)); echo bad >&2; exit 3\n']);
    new k8s.Exec(kc).exec(namespace, name, 'c', ['sh'], out, err, stdin, false, resolve);
  });
  found('exec', [out.text, err.text, status.reason, status.details.causes[0].message]);
}

async function logs() {
  const name = 'talker';
  const talker = { name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'echo one; sleep 5; echo two'] };
  await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec: { containers: [talker] } } });
  for (let phase = ''; phase !== 'Running';) {
    ({ status: { phase } } = await core.readNamespacedPod({ name, namespace }));
  }
  const out = new Collector();
  const ended = new Promise((resolve) => out.on('finish', resolve));
  await new k8s.Log(kc).log(namespace, name, 'c', out, { follow: true });
  await ended;
  found('log', out.text);
}

async function widgets() {
  const where = { group: 'example.com', version: 'v1', namespace, plural: 'widgets' };
  const body = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size: 3 } };
  await custom.createNamespacedCustomObject({ ...where, body });
  const list = await custom.listNamespacedCustomObject(where);
  found('widgets', list.items.map((each) => each.spec.size));
  body.spec.size = 10;
  const error = await custom.createNamespacedCustomObject({ ...where, body }).catch((each) => each);
  found('invalid', error.code);
}

await typed();
await patches();
await informer();
await exec(await pods());
await logs();
await widgets();
process.exit(0);
