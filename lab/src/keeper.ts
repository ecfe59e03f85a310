import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { LabError } from './errors.ts';
import { bridgeName, labNetwork } from './network.ts';
import { spawnOptions } from './run-command.ts';
import type { LabSettings } from './settings.ts';

const script = join(import.meta.dirname, 'keeper.sh');

function markerOf(settings: LabSettings): string {
  return `muster-lab-keeper=${settings.stateDir}`;
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process ended between listing and reading.
    return '';
  }
}

/** Process numbers of this machine, zombies included. */
export function processIds(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** Processes started for this lab's keeper: itself, the `unshare` it came from, and what it is just forking. */
function keeperProcesses(settings: LabSettings): string[] {
  const marker = markerOf(settings);
  return processIds().filter((pid) => readProc(pid, 'cmdline').split('\0').includes(marker));
}

/**
 * Finds the lab's keeper by what it is (its command line and its place as first process of a PID
 * namespace), not by a remembered number: numbers are reused, and a crash may have come before
 * anything was written.
 */
export function findKeeper(settings: LabSettings): number | undefined {
  const found = keeperProcesses(settings).find((pid) => /^NSpid:.*\s1$/m.test(readProc(pid, 'status')));
  return found === undefined ? undefined : Number(found);
}

/** The keeper's process number, or the error that says the lab is not up. */
export function requireKeeper(settings: LabSettings): number {
  const keeper = findKeeper(settings);
  if (keeper === undefined) throw new LabError(`lab "${settings.name}" is not up`, { advice: 'npm run lab -- up 3' });
  return keeper;
}

function keeperArgv(settings: LabSettings): string[] {
  const { gateway, prefixLength, gateway6, prefixLength6, domain } = labNetwork;
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--propagation', 'private'];
  const network = [bridgeName(settings), `${gateway}/${prefixLength}`, `${gateway6}/${prefixLength6}`, domain];
  const names = [join(settings.stateDir, 'names'), join(settings.stateDir, 'logs/dnsmasq.log')];
  return [...namespaces, '--', '/bin/sh', script, markerOf(settings), ...network, ...names];
}

/** Starts the lab's keeper and waits until its network is there. It outlives this process. */
export async function startKeeper(settings: LabSettings): Promise<number> {
  const logPath = join(settings.stateDir, 'logs/keeper.log');
  for (const folder of ['logs', 'names']) mkdirSync(join(settings.stateDir, folder), { recursive: true, mode: 0o700 });
  const log = openSync(logPath, 'a', 0o600);
  const child = spawn('unshare', keeperArgv(settings), { ...spawnOptions({ cwd: '/' }), detached: true, stdio: ['ignore', 'pipe', log] });
  closeSync(log);
  const ready = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', () => resolve(false));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => resolve(text.includes('ready')));
  });
  child.stdout?.destroy();
  child.unref();
  const keeper = ready ? findKeeper(settings) : undefined;
  if (keeper === undefined) {
    const said = readFileSync(logPath, 'utf8').trim().split('\n').at(-1) ?? '';
    throw new LabError(`the lab's namespaces could not be set up: ${said}`, { advice: `see ${logPath}; npm run lab -- down` });
  }
  return keeper;
}

/** Ends the keeper, and with it every process and mount of the lab's hosts. Does nothing when there is none. */
export async function stopKeeper(settings: LabSettings): Promise<void> {
  for (let round = 0; round < 500; round += 1) {
    const left = keeperProcesses(settings);
    if (left.length === 0) return;
    for (const pid of left) endProcess(Number(pid));
    await sleep(20);
  }
  throw new LabError(`the processes of lab "${settings.name}" do not end`, { advice: 'one of them waits for the disk; run down again' });
}

/** Kills a process; one that ended by itself is no error. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Puts a command into the lab's network only: it sees the machine's own files and processes. */
export function inNetwork(keeper: number, argv: readonly string[]): string[] {
  return ['nsenter', `--net=/proc/${keeper}/ns/net`, '--', ...argv];
}

/** Puts a command into all of the lab's namespaces, where LXC and the hosts' disks are. */
export function inLab(keeper: number, argv: readonly string[]): string[] {
  return ['nsenter', `--target=${keeper}`, '--mount', '--net', '--pid', '--', ...argv];
}
