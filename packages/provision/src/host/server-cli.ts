import { type Connection, shellQuote } from '@muster/ssh';
import { Node } from '@muster/api';
import type { KnownNode } from '../engine/phase.ts';
import { runScript } from './run-script.ts';

/** Runs the muster command on the driver, as root, through the server's own socket; returns what it printed. */
export async function askServer(connection: Connection, args: readonly string[], { signal, stdin }: { signal: AbortSignal; stdin?: string }): Promise<string> {
  const command = ['/opt/muster/bin/muster', '--socket', '/run/muster/muster.sock', ...args].map(shellQuote).join(' ');
  return runScript(connection, `exec ${command}`, { label: `muster ${args.slice(0, 2).join(' ')}`, sudo: true, signal, ...(stdin === undefined ? {} : { stdin }) });
}

/** All nodes the server knows, by name. */
export async function readNodes(connection: Connection, signal: AbortSignal): Promise<Map<string, KnownNode>> {
  const nodes = Node.array().parse(JSON.parse(await askServer(connection, ['nodes', '-o', 'json'], { signal })));
  return new Map(
    nodes.map((node) => [
      node.name,
      { name: node.name, privateIp: node.privateIp, registration: node.registration, health: node.health.state, reasons: node.health.reasons.map((reason) => reason.message) },
    ]),
  );
}
