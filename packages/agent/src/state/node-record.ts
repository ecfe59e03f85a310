import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError, systemCodeOf } from '../agent-error.ts';
import { durableFiles, type DurableFiles } from './durable-files.ts';

/** What a node knows of itself besides its certificate: `agent.json` in the state folder. */
export type NodeRecord = {
  readonly nodeId: string;
  readonly nodeName: string;
  /** `host:port` of the servers, as they last announced themselves. */
  readonly servers: readonly string[];
};

export const defaultStateDir = '/var/lib/muster-agent';

const recordPath = (stateDir: string): string => join(stateDir, 'agent.json');

/** Reads the record; undefined when there is none. Throws an `AgentError` when it is damaged. */
export async function readNodeRecord(stateDir: string): Promise<NodeRecord | undefined> {
  const path = recordPath(stateDir);
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isNodeRecord(value)) return { nodeId: value.nodeId, nodeName: value.nodeName, servers: value.servers };
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw damaged(path, error);
  }
  throw damaged(path);
}

/** Replaces the record, durably and in one step. */
export async function writeNodeRecord(stateDir: string, record: NodeRecord, files: DurableFiles = durableFiles): Promise<void> {
  await files.writeFile(recordPath(stateDir), `${JSON.stringify(record, undefined, 2)}\n`);
}

const damaged = (path: string, cause?: unknown): AgentError =>
  new AgentError('failed', `${path} cannot be read as the agent's record; enrol this node again with muster-agent enroll --force`, cause);

function isNodeRecord(value: unknown): value is NodeRecord {
  if (typeof value !== 'object' || value === null || !('nodeId' in value) || !('nodeName' in value) || !('servers' in value)) return false;
  const { nodeId, nodeName, servers } = value;
  return (
    typeof nodeId === 'string' && typeof nodeName === 'string' && Array.isArray(servers) && servers.every((one) => typeof one === 'string')
  );
}
