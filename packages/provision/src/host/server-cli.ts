import { AgentCheck, AgentControlList, Node } from '@muster/api';
import { type Connection, shellQuoteAll } from '@muster/ssh';
import type { z } from 'zod';
import type { KnownControl, KnownNode } from '../engine/phase.ts';
import { ProvisionError } from '../provision-error.ts';
import { runScript } from './run-script.ts';

/** Some kilobytes for each node; a fleet of ten thousand fits. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** How to ask: `stdin` is the place for what is long or secret. */
export type Question = { readonly signal: AbortSignal; readonly stdin?: string };

/**
 * Runs the muster command on the driver, as root, through the server's own socket; returns what it printed.
 * @throws ProvisionError when it fails
 */
export async function runMuster(connection: Connection, args: readonly string[], { signal, stdin }: Question): Promise<string> {
  const command = shellQuoteAll(['/opt/muster/bin/muster', '--socket', '/run/muster/muster.sock', ...args]);
  return await runScript(connection, `exec ${command}`, {
    label: labelOf(args),
    sudo: true,
    signal,
    maxOutputBytes: maxAnswerBytes,
    timeoutSeconds: 300,
    ...(stdin === undefined ? {} : { stdin }),
  });
}

const labelOf = (args: readonly string[]): string => ['muster', ...args.slice(0, 2).filter((word) => !word.startsWith('-'))].join(' ');

/**
 * The same, with the answer read by `schema`.
 * @throws ProvisionError when the command fails or answers something else; its text never quotes the answer, which may hold a token
 */
export async function askServer<Answer>(
  connection: Connection,
  args: readonly string[],
  schema: z.ZodType<Answer>,
  question: Question,
): Promise<Answer> {
  const label = labelOf(args);
  const parsed = schema.safeParse(readJson(await runMuster(connection, args, question)));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.');
  throw new ProvisionError(
    `The server's answer to "${label}" is not understood${where === undefined || where === '' ? '' : ` (at ${where})`}. Is it of another version?`,
    { command: label },
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** All nodes the server knows, by name. */
export async function readNodes(connection: Connection, signal: AbortSignal): Promise<Map<string, KnownNode>> {
  const nodes = await askServer(connection, ['nodes', '-o', 'json'], Node.array(), { signal });
  return new Map(nodes.map((node) => [node.name, knownNode(node)]));
}

/** The key with which the server logs in to nodes, and what it knows of each node on which that was installed, by name. */
export async function readControl(connection: Connection, signal: AbortSignal): Promise<KnownControl> {
  const { publicKey, nextPublicKey, items } = await askServer(connection, ['agent', 'access', '-o', 'json'], AgentControlList, { signal });
  return { publicKey, nextPublicKey, nodes: new Map(items.map((one) => [one.nodeName, one])) };
}

/** Lets the server log in to nodes by itself; what it found, by name. */
export async function checkControl(
  connection: Connection,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, AgentCheck>> {
  const stdin = JSON.stringify(names);
  const checks = await askServer(connection, ['agent', 'check', '-o', 'json', '-'], AgentCheck.array(), { signal, stdin });
  return new Map(checks.map((check) => [check.nodeName, check]));
}

const knownNode = ({ id, name, privateIp, groups, labels, registration, sources, certificateSerial, health }: Node): KnownNode => ({
  id,
  name,
  privateIp,
  groups,
  labels,
  registration,
  isOfInventory: sources.name === 'inventory',
  certified: certificateSerial !== null,
  health: health.state,
  reasons: health.reasons.map((reason) => reason.message),
});
