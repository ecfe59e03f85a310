import { randomBytes } from 'node:crypto';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { hashLine } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { makeServerUser } from '../host/server-files.ts';
import { ProvisionError } from '../provision-error.ts';
import { wantedDatabaseUrl } from './database-url.ts';
import { sharesDatabase } from './members.ts';

type Observed = { readonly hash: string };

/** Where a server keeps the key that seals all others. */
const masterKeyPath = '/var/lib/muster/master.key';
const masterKeyBytes = 32;

const lookScript = `
${hashLine('key', masterKeyPath)}
if [ -d /var/lib/muster/postgres ]; then echo embedded=yes; fi
if grep -qE '^  url: *.?postgres' /etc/muster/muster.yaml 2>/dev/null; then echo url=yes; fi
`;

/** The key that seals the installation's secrets in the database, the same on every server that uses it. It travels on standard input only. */
export const poolKeyPhase: Phase<Observed> = {
  name: 'pool-key',
  informs: true,
  concerns: sharesDatabase,
  before: async (hosts, run) => {
    await Promise.all(hosts.map((host) => look(host, run)));
    const keys = new Set(hosts.flatMap(({ server }) => (server?.keyHash === 'none' ? [] : (server?.keyHash ?? []))));
    if (keys.size > 1) throw new ProvisionError(differentKeys(hosts));
    // Known from here on, so that no other server is started where its host fails before it is moved.
    const unmoved = unmovedOf(hosts);
    if (unmoved !== undefined) run.unmoved = unmoved.host.name;
    // Nobody uses the database yet: one that does not answer may have an embedded one, which must be moved first.
    const user = hosts.find(({ server }) => server?.isShared === true);
    if (user === undefined) requireAllAsked(run);
    else if (keys.size === 0) throw new ProvisionError(lostKey(user, run));
  },
  observe: (host) => Promise.resolve({ hash: host.server?.keyHash ?? 'none' }),
  plan: ({ hash }, host, run) => {
    if (hash !== 'none') return [];
    const holder = holderOf(run);
    return [{ what: holder === undefined ? `make the key file ${masterKeyPath}` : `take the key file of ${holder.host.name}` }];
  },
  beforeAct: async (_hosts, run) => {
    run.masterKey = await keyOf(run);
  },
  act: async (_observed, host, run) => {
    const connection = connectionOf(host);
    const options = { label: 'make the folder of the server', sudo: true, signal: run.signal };
    await runScript(connection, `set -eu\n${makeServerUser}\ninstall -d -m 0700 -o muster -g muster /var/lib/muster`, options);
    const key = run.masterKey;
    if (key === undefined) throw new ProvisionError('The key file of the servers was neither found nor made.');
    await connection.upload(key, masterKeyPath, { mode: 0o600, owner: 'muster:muster', sudo: true, signal: run.signal });
  },
};

async function look(host: HostRun, run: Run): Promise<void> {
  const options = { label: 'look at the key file', sudo: true, signal: run.signal };
  const lines = readLines(await runScript(connectionOf(host), lookScript, options));
  host.server = {
    keyHash: lines.get('key') ?? 'none',
    hasEmbedded: lines.get('embedded') === 'yes',
    isShared: lines.get('url') === 'yes' && wantedDatabaseUrl(host, run) !== undefined,
  };
}

/** Whose embedded database is to be moved. Beside servers that share one already, another embedded one is refused and holds up nobody. */
function unmovedOf(hosts: readonly HostRun[]): HostRun | undefined {
  const sharing = hosts.filter(({ server }) => server?.isShared === true);
  return (sharing.length > 0 ? sharing : hosts).find(({ server }) => server?.hasEmbedded === true);
}

const membersOf = (run: Run): HostRun[] => run.hosts.filter(({ host }) => sharesDatabase(host));

const holderOf = (run: Run): HostRun | undefined => membersOf(run).find(({ server }) => server !== undefined && server.keyHash !== 'none');

const silentOf = (run: Run): HostRun[] => membersOf(run).filter(({ server, failed }) => server === undefined || failed === true);

/** Another key would make what the database holds unreadable, and another database forget it: both are made only where nobody can have one. */
function requireAllAsked(run: Run): void {
  const silent = silentOf(run);
  if (silent.length === 0) return;
  throw new ProvisionError(
    `No server that answers uses the database yet, and ${silent.map(({ host }) => host.name).join(', ')} could not be asked. Mend that, then run the same command again.`,
  );
}

async function keyOf(run: Run): Promise<Buffer> {
  const holder = holderOf(run);
  if (holder === undefined) return randomBytes(masterKeyBytes);
  const options = { label: 'read the key file', sudo: true, signal: run.signal };
  const key = Buffer.from(await runScript(connectionOf(holder), `base64 -w 0 < ${masterKeyPath}`, options), 'base64');
  if (key.length === masterKeyBytes) return key;
  throw new ProvisionError(
    `The key file ${masterKeyPath} of ${holder.host.name} has ${key.length} bytes instead of ${masterKeyBytes}: put it back from a backup.`,
  );
}

function lostKey({ host }: HostRun, run: Run): string {
  const silent = silentOf(run).map((one) => one.host.name);
  const known = `${host.name} uses the database already, and no server that answers has the key file ${masterKeyPath}, without which its secrets cannot be read.`;
  if (silent.length === 0) return `${known} Put it back from a backup, then run the same command again.`;
  return `${known} ${silent.join(', ')} may have it and could not be asked. Mend that, then run the same command again.`;
}

function differentKeys(hosts: readonly HostRun[]): string {
  const holders = hosts.filter(({ server }) => server !== undefined && server.keyHash !== 'none').map(({ host }) => host.name);
  return (
    `${holders.join(' and ')} have different key files: they are servers of different installations, and only one can become a pool. ` +
    'Reset those that are not wanted (muster reset), then run the same command again.'
  );
}
