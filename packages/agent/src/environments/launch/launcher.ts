import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { messageOf } from '../../agent-error.ts';
import { defaultStateDir } from '../../state/node-record.ts';
import { reasonOfFailure, type RunProgram } from '../../run-program.ts';

/** Starts and ends the process that builds: at most one. */
export type Launcher = {
  /** Whether it goes on when the agent ends. */
  readonly outlivesAgent: boolean;
  /** Starts it on the job that is written down. @throws with a sentence */
  readonly start: (timeoutSeconds: number) => Promise<void>;
  readonly isAlive: () => Promise<boolean>;
  /** Asks it to end; resolves when it has, or was killed. */
  readonly stop: () => Promise<void>;
};

/** The whole command that does the job: this program once more. */
export type WorkCommand = readonly [string, ...string[]];

const limits = { timeoutMs: 30_000, maxOutputBytes: 65_536 };

/**
 * What holds for a build: as light on the machine as its jobs need, and none of the agent's own limits. It may write where environments lie, and
 * must be able to become the user it builds as.
 */
const properties = [
  'Description=Muster: environments of this node',
  'Type=exec',
  'Nice=10',
  'CPUWeight=20',
  'IOWeight=20',
  'OOMScoreAdjust=500',
  'KillMode=mixed',
  'TimeoutStopSec=15',
  'UMask=0022',
  'NoNewPrivileges=yes',
  'ProtectSystem=full',
  'ProtectHome=read-only',
  'PrivateTmp=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'RestrictSUIDSGID=yes',
  'RestrictRealtime=yes',
];

/** A unit of systemd's own for each job: outlives a restart of the agent, which then goes on waiting for it. */
export function systemdLauncher(run: RunProgram, command: WorkCommand, stateDir: string): Launcher {
  const unit = unitFor(stateDir);
  const call = async (argv: readonly [string, ...string[]]) => reasonOfFailure(await run(argv, limits));
  const isAlive = async () => {
    const result = await run(['systemctl', 'show', '--property=ActiveState', '--value', unit], limits);
    return result.kind === 'done' && /^(?:active|activating|deactivating|reloading)/u.test(result.stdout);
  };
  return {
    outlivesAgent: true,
    isAlive,
    start: async (timeoutSeconds) => {
      // What is left of a job that ended badly would keep the name.
      await call(['systemctl', 'reset-failed', unit]);
      const settings = [...properties, `RuntimeMaxSec=${timeoutSeconds + 30}`].map((one) => `--property=${one}`);
      const failed = await call(['systemd-run', '--quiet', '--collect', '--no-block', `--unit=${unit}`, ...settings, '--', ...command]);
      if (failed !== undefined) throw new Error(`systemd does not start the build: ${failed}`);
    },
    stop: async () => {
      if (await isAlive()) await call(['systemctl', 'stop', unit]);
    },
  };
}

/** One name on a usual host; agents that share a machine have one each. */
function unitFor(stateDir: string): string {
  if (stateDir === defaultStateDir) return 'muster-environments.service';
  return `muster-environments-${createHash('sha256').update(stateDir).digest('hex').slice(0, 8)}.service`;
}

/** Where there is no systemd, or no right to use it: a child that ends with the agent, because its standard input does. */
export function childLauncher(command: WorkCommand): Launcher {
  let running: { readonly kill: (signal: NodeJS.Signals) => void; readonly ended: Promise<void> } | undefined;
  return {
    outlivesAgent: false,
    isAlive: () => Promise.resolve(running !== undefined),
    start: (timeoutSeconds) => {
      const [program, ...args] = command;
      const child = spawn(program, [...args, '--end-with-input'], { stdio: ['pipe', 'ignore', 'ignore'] });
      const timer = setTimeout(() => child.kill('SIGTERM'), timeoutSeconds * 1000);
      child.stdin.on('error', () => undefined);
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const end = (): void => {
        clearTimeout(timer);
        running = undefined;
        resolve();
      };
      running = { kill: (signal) => child.kill(signal), ended };
      return new Promise((started, failed) => {
        child.once('spawn', started);
        child.once('error', (error) => {
          end();
          failed(new Error(`the build could not be started: ${messageOf(error)}`, { cause: error }));
        });
        child.once('close', end);
      });
    },
    stop: async () => {
      const current = running;
      if (current === undefined) return;
      current.kill('SIGTERM');
      const killer = setTimeout(() => current.kill('SIGKILL'), 15_000);
      await current.ended;
      clearTimeout(killer);
    },
  };
}

/** As the host allows. */
export async function usualLauncher(run: RunProgram, command: WorkCommand, stateDir: string): Promise<Launcher> {
  const hasSystemd = await access('/run/systemd/system').then(
    () => true,
    () => false,
  );
  return hasSystemd && process.getuid?.() === 0 ? systemdLauncher(run, command, stateDir) : childLauncher(command);
}
