import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@muster/ssh';
import { z } from 'zod';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { binaryPath } from './files.ts';

/** What Kubernetes says of a node, as far as a run reads it. */
const NodeList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ unschedulable: z.boolean().optional() }).optional(),
      status: z.object({
        conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() })).optional(),
        nodeInfo: z.object({ kubeletVersion: z.string(), bootID: z.string().optional() }).optional(),
      }),
    }),
  ),
});

/** A node of the cluster. */
export type K3sNode = {
  readonly isReady: boolean;
  /** Why it is not Ready, in Kubernetes' words. */
  readonly message: string;
  readonly version: string;
  /** In which boot of the machine it was last heard. */
  readonly bootId: string;
  readonly isCordoned: boolean;
};

/** Reads what `kubectl get nodes -o json` prints. @throws ProvisionError for other text */
export function readK3sNodes(text: string): ReadonlyMap<string, K3sNode> {
  const parsed = NodeList.safeParse(jsonOf(text));
  if (!parsed.success) throw new ProvisionError('k3s kubectl get nodes printed something that is no list of nodes.');
  return new Map(
    parsed.data.items.map(({ metadata: { name }, spec, status }) => {
      const ready = status.conditions?.find(({ type }) => type === 'Ready');
      const node = {
        isReady: ready?.status === 'True',
        message: ready?.message ?? 'it has not said whether it is Ready',
        version: status.nodeInfo?.kubeletVersion ?? '',
        bootId: status.nodeInfo?.bootID ?? '',
        isCordoned: spec?.unschedulable === true,
      };
      return [name, node];
    }),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How a node is wanted: Ready, and where a version or a boot is given, by the kubelet of that version or boot. */
type Wanted = { readonly name: string; readonly version?: string | undefined; readonly bootId?: string | undefined };

/** What is waited for of a node, and how long. */
export type Awaited = Wanted & { readonly seconds: number };

/** Longest time between two looks. */
const everyMs = 2000;

/** Looks at the nodes of a cluster for all who wait: 50 agents are one question every two seconds, not fifty. */
export class NodeWatch {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  #look: Promise<ReadonlyMap<string, K3sNode>> | undefined;

  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  /** The nodes as they are now. */
  async nodes(): Promise<ReadonlyMap<string, K3sNode>> {
    const script = `timeout 60 ${binaryPath} kubectl get nodes -o json`;
    const options = { label: 'look at the nodes of k3s', sudo: true, signal: this.#signal, maxOutputBytes: 64 * 1024 * 1024 };
    return readK3sNodes(await runScript(this.#connection, script, options));
  }

  /** Until a node is as wanted. @throws ProvisionError with what it is instead when the time is over */
  async until({ seconds, ...wanted }: Awaited): Promise<void> {
    const deadlineMs = performance.now() + seconds * 1000;
    for (;;) {
      const seen = await this.#shared();
      const why = lackOf(seen, wanted);
      if (why === undefined) return;
      if (performance.now() >= deadlineMs) throw new ProvisionError(`${wanted.name} is not Ready in k3s after ${seconds} s: ${why}.`);
      await sleep(Math.min(everyMs, seconds * 1000), undefined, { signal: this.#signal });
    }
  }

  /** One look at a time, which everyone gets who asks meanwhile. A server that does not answer is asked again. */
  #shared(): Promise<ReadonlyMap<string, K3sNode> | string> {
    const look = (this.#look ??= this.nodes().finally(() => {
      this.#look = undefined;
    }));
    return look.catch((error: unknown) => {
      if (error instanceof ProvisionError) return error.message;
      throw error;
    });
  }
}

/** What a node lacks, in words; undefined when it is as wanted. Pure. */
export function lackOf(seen: ReadonlyMap<string, K3sNode> | string, { name, version, bootId }: Wanted): string | undefined {
  if (typeof seen === 'string') return seen;
  const node = seen.get(name);
  if (node === undefined) return 'the cluster does not know it';
  if (!node.isReady) return node.message;
  if (version !== undefined && node.version !== version) return `it still says ${node.version} and not ${version}`;
  // For most of a minute Kubernetes takes a machine that went down for one that is Ready.
  if (bootId !== undefined && node.bootId !== bootId) return 'it was not heard since it was booted';
  return undefined;
}
