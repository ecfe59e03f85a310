import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, shellQuote } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { flagVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { binaryPath } from './files.ts';
import { probeName, probePod } from './manifests.ts';
import { NodeWatch } from './node-watch.ts';
import { waitSeconds } from './settings.ts';

const kubectl = `${binaryPath} kubectl`;

/**
 * Moves the pods of a node elsewhere. Where they cannot leave in five minutes (a disruption budget), the node works again as before.
 * @throws ProvisionError
 */
export async function drainNode(api: HostRun, run: Run, name: string): Promise<void> {
  const node = shellQuote(name);
  const script = `
if ! timeout 360 ${kubectl} drain ${node} --ignore-daemonsets --delete-emptydir-data --force --timeout=300s >&2; then
  timeout 60 ${kubectl} uncordon ${node} >&2
  exit 1
fi
`;
  await runScript(connectionOf(api), script, { label: `drain ${name} of k3s`, sudo: true, signal: run.signal, timeoutSeconds: 480 });
}

/** Lets the cluster forget a node, with the password by which it knew the machine. One that it does not know is no error. */
export async function deleteNode(api: Connection, run: Pick<Run, 'signal'>, name: string): Promise<void> {
  const script = `timeout 120 ${kubectl} delete node ${shellQuote(name)} --ignore-not-found >&2`;
  await runScript(api, script, { label: `delete ${name} of k3s`, sudo: true, signal: run.signal, timeoutSeconds: 180 });
}

/** How long etcd may take to let a member go. */
const memberSeconds = 120;

const removal = 'etcd.k3s.cattle.io/remove';
const removed = String.raw`{.metadata.annotations.etcd\.k3s\.cattle\.io/removed-node-name}`;

/**
 * Takes a server out of etcd while it still runs: a member that is stopped first counts on for the majority. May be repeated.
 * @throws ProvisionError when etcd has not let it go in two minutes
 */
export async function leaveEtcd(api: Connection, run: Pick<Run, 'signal'>, name: string): Promise<void> {
  const node = shellQuote(name);
  const script = `
timeout 60 ${kubectl} annotate node ${node} ${removal}=true --overwrite >&2 || exit 1
end=$(($(date +%s) + ${memberSeconds}))
until [ -n "$(timeout 60 ${kubectl} get node ${node} -o 'jsonpath=${removed}' 2>/dev/null)" ]; do
  if [ "$(date +%s)" -ge $end ]; then echo "etcd has not let it go after ${memberSeconds} s; read there: journalctl -u k3s" >&2; exit 1; fi
  sleep 1
done
`;
  const options = { label: `take ${name} out of etcd`, sudo: true, signal: run.signal, timeoutSeconds: memberSeconds + 180 };
  await runScript(api, script, options);
}

/** So long Kubernetes believes in a node that says nothing more, and a little longer. */
const unseenSeconds = 60;

/**
 * A machine that was made anew has not the password by which the cluster knows its name, and would be refused. The node of before is
 * forgotten, unless it is alive: then two machines have one name. @throws ProvisionError
 */
export async function forgetFormer(api: HostRun, run: Run, host: HostRun): Promise<void> {
  if (host.k3s?.version !== '') return;
  const { name } = host.host;
  const watch = new NodeWatch(connectionOf(api), run.signal);
  const endMs = performance.now() + Math.min(waitSeconds(host.host), unseenSeconds) * 1000;
  do {
    const node = (await watch.nodes()).get(name);
    if (node === undefined) return;
    if (!node.isReady) {
      await deleteNode(connectionOf(api), run, name);
      return;
    }
    await sleep(500, undefined, { signal: run.signal });
  } while (performance.now() < endMs);
  throw new ProvisionError(
    `k3s has a node ${name} that is Ready, and this host has no k3s: another machine has that name. Name one of them otherwise, or take the other out.`,
  );
}

/** Lets a node take pods again. */
export async function uncordonNode(api: HostRun, run: Run, name: string): Promise<void> {
  const options = { label: `uncordon ${name} of k3s`, sudo: true, signal: run.signal };
  await runScript(connectionOf(api), `timeout 60 ${kubectl} uncordon ${shellQuote(name)} >&2`, options);
}

/** Marks a node as one with cards, which its configuration does at its first registration only. */
export async function labelNode(api: HostRun, run: Run, { name, label }: { name: string; label: string }): Promise<void> {
  const script = `timeout 60 ${kubectl} label node ${shellQuote(name)} ${shellQuote(label)} --overwrite >&2`;
  await runScript(connectionOf(api), script, { label: `label ${name} of k3s`, sudo: true, signal: run.signal });
}

/** The image of a pod that only has to end: busybox is among those that k3s brings for itself, and takes in after its start. */
const findImage = `
end=$(($(date +%s) + 120))
while :; do
  image=$(timeout 60 ${binaryPath} ctr images ls -q | grep -E '/mirrored-library-busybox:|/busybox:' | head -n 1)
  if [ -n "$image" ] || [ "$(date +%s)" -ge $end ]; then break; fi
  sleep 2
done
printf '%s\\n' "$image"
`;

/** Runs the pod of standard input and waits for its end; it is taken away whatever became of it. */
const podScript = (pod: string, seconds: number): string => `
name=${shellQuote(pod)}
run() { timeout 60 ${kubectl} --namespace kube-system "$@"; }
body=$(cat)
run delete pod "$name" --ignore-not-found --now >/dev/null 2>&1
printf '%s' "$body" | run apply -f - >/dev/null || exit 1
end=$(($(date +%s) + ${seconds}))
while :; do
  phase=$(run get pod "$name" -o 'jsonpath={.status.phase}' 2>/dev/null)
  case "$phase" in Succeeded|Failed) break ;; esac
  [ "$(date +%s)" -lt $end ] || break
  sleep 1
done
why=$(run get pod "$name" -o 'jsonpath={.status.conditions[*].message}{.status.containerStatuses[*].state.*.reason}' 2>/dev/null)
run delete pod "$name" --ignore-not-found --now >/dev/null 2>&1
[ "$phase" = Succeeded ] && exit 0
echo "the pod is \${phase:-unknown} after ${seconds} s at most: $why" >&2
exit 1
`;

const podSeconds = 180;

/** Runs a pod on a node, and a second one with a card where the node has cards. @throws ProvisionError */
export async function proveNode(api: HostRun, run: Run, host: HostRun): Promise<void> {
  const connection = connectionOf(api);
  const { name } = host.host;
  const options = { sudo: true, signal: run.signal };
  const image = (await runScript(connection, findImage, { ...options, label: 'look for an image of k3s', timeoutSeconds: 240 })).trim();
  if (image === '') throw new ProvisionError(`${api.host.name} has not taken in the images of k3s: no busybox is among them.`);
  const cards = flagVariable(host.host, 'has_gpu', false) && flagVariable(host.host, 'nvidia_device_plugin', true);
  for (const hasGpu of cards ? [false, true] : [false]) {
    const what = hasGpu ? `run a pod with a card on ${name}` : `run a pod on ${name}`;
    await runScript(connection, podScript(probeName(name, hasGpu), podSeconds), {
      ...options,
      label: what,
      stdin: probePod(name, image, hasGpu),
      timeoutSeconds: podSeconds + 300,
    });
  }
}
