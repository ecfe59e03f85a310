import { AgentControlSet } from '@muster/api';
import { z } from 'zod';
import { connectionOf, driverOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import {
  controlAccount,
  controlExtent,
  controlFiles,
  controlProgramPath,
  controlSudoersPath,
  type ControlPrograms,
  type ControlSeen,
  enableControl,
  makeControlFolders,
  removeControl,
  wantsControl,
} from '../host/control-files.ts';
import { fileChange, hashLine, writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { askServer, readControl } from '../host/server-cli.ts';
import { ProvisionError } from '../provision-error.ts';

type Observed = ControlSeen & ControlPrograms;

const observeScript = `
printf 'account=%s\\n' "$(getent passwd muster-control | cut -d: -f6,7)"
printf 'systemctl=%s\\n' "$(command -v systemctl)"
printf 'sudo=%s\\n' "$(command -v visudo >/dev/null 2>&1 && command -v sudo)"
${hashLine('program', controlProgramPath)}
${hashLine('keys', '/var/lib/muster-control/.ssh/authorized_keys')}
${hashLine('sudoers', controlSudoersPath)}
`;

/**
 * The server's way to start, stop and restart the agent over SSH: a user of its own whose key can do nothing else, and the host key by
 * which the server knows the host from now on, which is the one that this run has verified. `muster_control=no` takes it away again.
 */
export const controlPhase: Phase<Observed> = {
  name: 'control',
  needs: ['server'],
  concerns: isNode,
  before: async (_hosts, run) => {
    if (run.nodes !== undefined) await lookAtServer(run);
  },
  observe: async (host, run) => {
    const connection = connectionOf(host);
    const options = { signal: run.signal };
    const lines = readLines(await runScript(connection, observeScript, { ...options, label: 'look at the control access', sudo: true }));
    // Without sudo, which does not hand it on.
    const port = await runScript(connection, 'printf %s "${SSH_CONNECTION##* }"', { ...options, label: 'look at the SSH port' });
    host.control = { port: /^[1-9]\d{0,4}$/u.test(port) ? Number(port) : connection.host.port };
    return {
      account: lines.get('account') ?? '',
      program: lines.get('program') ?? 'none',
      keys: lines.get('keys') ?? 'none',
      sudoers: lines.get('sudoers') ?? 'none',
      systemctl: pathOf(lines.get('systemctl')),
      sudo: pathOf(lines.get('sudo')),
    };
  },
  plan: (observed, host, run) => (wantsControl(host.host) ? installation(observed, host, run) : removal(observed, host, run)),
  beforeAct: (hosts, run) => tellServer(hosts, run),
  act: async (observed, host, run) => {
    if (wantsControl(host.host)) {
      if (hostChanges(observed, host, run).length > 0) await install(observed, host, run);
    } else if (isOnHost(observed)) {
      await runScript(connectionOf(host), removeControl, { label: 'remove the control access', sudo: true, signal: run.signal });
    }
  },
};

/** A server of an earlier version, which this run would replace, does not know the question: that is no failure of a dry run. */
async function lookAtServer(run: Run): Promise<void> {
  try {
    run.control = await readControl(connectionOf(driverOf(run)), run.signal);
  } catch (error) {
    if (!run.dryRun || !(error instanceof ProvisionError)) throw error;
  }
}

/** What a host says goes into files that root runs: only the plain path of a program does; anything else is as good as none. */
const pathOf = (path = ''): string => (/^\/[A-Za-z0-9/_-]+$/u.test(path) ? path : '');

function installation(observed: Observed, host: HostRun, run: Run): Change[] {
  const { name } = host.host;
  const missing = (['systemctl', 'sudo'] as const).filter((program) => observed[program] === '');
  if (missing.length > 0) {
    throw new ProvisionError(
      `${name} has no ${missing.join(' and no ')} that the server could use to restart its agent. Install it, or set muster_control=no for ${name}.`,
    );
  }
  const pinned = serverKnows(host, run) ? [] : [{ what: `pin the SSH host key of ${name} on the server` }];
  const extent = extentChange(host, run);
  return [...hostChanges(observed, host, run), ...pinned, ...extent];
}

/** What the server is told that it may do there. */
function extentChange({ host }: HostRun, run: Run): Change[] {
  const isFull = controlExtent(host) === 'full';
  if ((run.control?.nodes.get(host.name)?.full ?? false) === isFull) return [];
  return [
    {
      what: isFull
        ? `let the server act as root on ${host.name}, for runs`
        : `let the server do no more on ${host.name} than its agent needs`,
    },
  ];
}

function hostChanges(observed: Observed, { host }: HostRun, run: Run): Change[] {
  const files = controlFiles(observed, ownKeys(run), controlExtent(host));
  return [
    ...(observed.account === controlAccount ? [] : [{ what: 'make the user muster-control' }]),
    ...fileChange(files.program, observed.program),
    ...fileChange(files.keys, observed.keys),
    ...fileChange({ ...files.sudoers, path: controlSudoersPath }, observed.sudoers),
  ];
}

/** What the server logs in with, now and next. */
const ownKeys = ({ control }: Run): string[] =>
  control === undefined
    ? ['(the key that the server will make)']
    : [control.publicKey, control.nextPublicKey].filter((key) => key !== null);

const isOnHost = (observed: Observed): boolean =>
  observed.account !== '' || [observed.program, observed.keys, observed.sudoers].some((hash) => hash !== 'none');

function removal(observed: Observed, host: HostRun, run: Run): Change[] {
  return [
    ...(isOnHost(observed) ? [{ what: 'take away the user muster-control with the key of the server' }] : []),
    ...(run.control?.nodes.has(host.host.name) === true ? [{ what: `forget the SSH host key of ${host.host.name} on the server` }] : []),
  ];
}

/** Where this run has reached the host, which the SSH configuration may have decided; the server has none of it. */
const wantedOnServer = ({ host, connection, control }: HostRun) => {
  const { address, port } = connection?.host ?? { address: host.connection.address, port: host.connection.port ?? 22 };
  return {
    address: AgentControlSet.shape.address.safeParse(address).success ? address : null,
    port: control?.port ?? port,
    hostKeys: [connection?.hostKey ?? ''],
    full: controlExtent(host) === 'full',
  };
};

function serverKnows(host: HostRun, run: Run): boolean {
  const known = run.control?.nodes.get(host.host.name);
  if (known === undefined) return false;
  const { address, port, hostKeys } = wantedOnServer(host);
  return known.address === address && known.port === port && JSON.stringify(known.hostKeys) === JSON.stringify(hostKeys);
}

const Ensured = z.array(z.object({ name: z.string() }));

/** Before the hosts are touched, so that the server never has a key on a host whose own key it does not know. */
async function tellServer(hosts: readonly HostRun[], run: Run): Promise<void> {
  run.control ??= await readControl(connectionOf(driverOf(run)), run.signal);
  const wanted = hosts.map((host) => ({ name: host.host.name, control: wantsControl(host.host) ? wantedOnServer(host) : null }));
  const stdin = JSON.stringify(wanted);
  await askServer(connectionOf(driverOf(run)), ['node', 'ensure', '-'], Ensured, { signal: run.signal, stdin });
}

async function install(programs: Observed, host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  const { signal } = run;
  const files = controlFiles(programs, ownKeys(run), controlExtent(host.host));
  await runScript(connection, makeControlFolders, { label: 'make the folders of the control access', sudo: true, signal });
  for (const file of [files.program, files.keys, files.sudoers]) await writeManaged(connection, file, signal);
  await runScript(connection, enableControl(programs), { label: 'enable the control access', sudo: true, signal });
}
