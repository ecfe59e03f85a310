import { readConfig } from '../config/config.ts';
import { IdentityStore } from '../state/identity-store.ts';
import { defaultStateDir, readNodeRecord } from '../state/node-record.ts';
import { agentVersion } from '../version.ts';
import { parseOptions, wantsJson } from './options.ts';

type Status = {
  readonly agentVersion: string;
  readonly enrolled: boolean;
  readonly nodeId: string | null;
  readonly nodeName: string | null;
  readonly servers: readonly string[];
  readonly certificate: {
    readonly serial: string;
    readonly notBefore: string;
    readonly notAfter: string;
    readonly generation: number;
  } | null;
  readonly watch: readonly string[];
};

/** `muster-agent status`: what the files on this machine say; nobody is asked. */
export async function statusCommand(args: readonly string[]): Promise<string> {
  const options = parseOptions('status', args, ['state-dir', 'config', 'output']);
  const json = wantsJson(options);
  const status = await readStatus(options.text('state-dir') ?? defaultStateDir, options.text('config'));
  return json ? `${JSON.stringify(status, undefined, 2)}\n` : asText(status);
}

async function readStatus(stateDir: string, configPath: string | undefined): Promise<Status> {
  const config = await readConfig(configPath);
  const identity = await new IdentityStore(stateDir).current();
  const record = await readNodeRecord(stateDir);
  return {
    agentVersion,
    enrolled: identity !== undefined,
    nodeId: identity?.nodeId ?? null,
    nodeName: record?.nodeName ?? null,
    servers: config.servers ?? record?.servers ?? [],
    certificate:
      identity === undefined
        ? null
        : {
            serial: identity.serial,
            notBefore: new Date(identity.notBeforeMs).toISOString(),
            notAfter: new Date(identity.notAfterMs).toISOString(),
            generation: identity.generation,
          },
    watch: config.watch,
  };
}

function asText(status: Status): string {
  const { certificate } = status;
  const lines: readonly (readonly [string, string])[] = [
    ['node', status.enrolled ? `${status.nodeName ?? '?'} (${status.nodeId})` : 'not enrolled'],
    ['servers', status.servers.join(', ') || 'none'],
    ['certificate', certificate === null ? 'none' : `serial ${certificate.serial}, valid until ${certificate.notAfter}`],
    ['watched', status.watch.join(', ') || 'nothing'],
    ['version', status.agentVersion],
  ];
  return lines.map(([name, value]) => `${name.padEnd(13)}${value}\n`).join('');
}
