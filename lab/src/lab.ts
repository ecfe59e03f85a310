import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';

import { bringUp, waitForHosts } from './bring-up.ts';
import { cutCable, healCable } from './cable.ts';
import { attachArgv, isRunning, killContainer, rebootContainer, startContainer } from './container.ts';
import type { Place } from './container.ts';
import { credentialPaths } from './credentials.ts';
import { LabError } from './errors.ts';
import { requireHost } from './host.ts';
import type { LabHost } from './host.ts';
import { outputPaths } from './inventory.ts';
import { inNetwork, requireKeeper } from './keeper.ts';
import { hostsOf, readRecord } from './lab-record.ts';
import type { LabRecord } from './lab-record.ts';
import { withLock } from './lock.ts';
import { silentProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { runCommand, spawnOptions, splitArgv } from './run-command.ts';
import type { CommandOptions, CommandResult } from './run-command.ts';
import { labSettings, requireHostPrefix } from './settings.ts';
import type { LabSettings } from './settings.ts';
import { addSharedFolder } from './shared-folder.ts';
import { readStatus } from './status.ts';
import type { LabStatus } from './status.ts';
import { remains, takeDown } from './take-down.ts';

/** How to open a lab. */
export interface OpenLabOptions {
  /** Name of the lab; default: the environment's `MUSTER_LAB`, else "muster". */
  name?: string;
  /** Hosts are named prefix1, prefix2, ...; default "node". */
  prefix?: string;
  progress?: Progress;
}

/** How long commands of several processes wait for each other. */
const lockWaitSeconds = 300;

/**
 * Real hosts in a network of their own. Every method works on what is there now, so several
 * processes can open the same lab. Hosts are named by their host name; an unknown one is an error.
 */
export class Lab {
  readonly settings: LabSettings;
  readonly #prefix: string | undefined;
  readonly #progress: Progress;

  constructor(options: OpenLabOptions = {}) {
    this.settings = labSettings(options.name === undefined ? {} : { name: options.name });
    this.#prefix = options.prefix === undefined ? undefined : requireHostPrefix(options.prefix);
    this.#progress = options.progress ?? silentProgress;
  }

  /** The lab's hosts, the driver first; empty when the lab is down. */
  get hosts(): LabHost[] {
    return hostsOf(readRecord(this.settings));
  }

  /** Ansible INI inventory of the hosts, written by `up`. */
  get inventoryPath(): string {
    return outputPaths(this.settings).inventory;
  }

  /** The hosts' real keys, written by `up`. */
  get knownHostsPath(): string {
    return outputPaths(this.settings).knownHosts;
  }

  /** Private key (0600) that logs in as `muster-lab` and as `asks`. */
  get privateKeyPath(): string {
    return credentialPaths(this.settings).privateKey;
  }

  /** File (0600) with the password of the user `asks`. */
  get sudoPasswordPath(): string {
    return credentialPaths(this.settings).password;
  }

  /** Brings the lab to `count` hosts whose sshd answers; see `bringUp`. Starts those that are off. */
  up(count: number): Promise<void> {
    const prefix = this.#prefix ?? readRecord(this.settings)?.prefix ?? 'node';
    return this.#alone(() => bringUp(this.settings, count, prefix, this.#progress));
  }

  /** Removes every trace of the lab but the image; see `takeDown`. Idempotent. */
  down(): Promise<void> {
    return this.#alone(() => takeDown(this.settings));
  }

  /** What of the lab is still on this machine, in words; empty after `down`. */
  remains(): string[] {
    return remains(this.settings);
  }

  /** State of the lab and of each host. */
  status(): Promise<LabStatus> {
    return readStatus(this.settings);
  }

  /** The argument array that runs `argv` on this machine but inside the lab's network. */
  execArgv(argv: readonly string[]): string[] {
    return inNetwork(requireKeeper(this.settings), argv);
  }

  /** Runs a command on this machine inside the lab's network, to its end, whatever its code. */
  async exec(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    splitArgv(argv);
    return runCommand(this.execArgv(argv), options);
  }

  /** Starts a long-running command inside the lab's network. The caller ends it; `down` ends it if nobody did. */
  spawnIn(argv: readonly string[], options: Pick<CommandOptions, 'cwd' | 'env'> = {}): ChildProcessWithoutNullStreams {
    splitArgv(argv);
    const [program, args] = splitArgv(this.execArgv(argv));
    return spawn(program, args, { ...spawnOptions(options), stdio: 'pipe' });
  }

  /** The argument array that runs `argv` as root inside a host. */
  runArgv(host: string, argv: readonly string[]): string[] {
    const { place, target } = this.#find(host);
    return attachArgv(place, target, argv);
  }

  /** Runs a command as root inside a host, without SSH and without its network, to its end, whatever its code. */
  async run(host: string, argv: readonly string[], options: Pick<CommandOptions, 'input' | 'timeoutSeconds'> = {}): Promise<CommandResult> {
    splitArgv(argv);
    return runCommand(this.runArgv(host, argv), { cwd: '/', ...options });
  }

  /** Cuts a host's network; `silent`: its carrier stays and packets vanish. Idempotent. A reboot heals it. */
  async cut(host: string, options: { silent?: boolean } = {}): Promise<void> {
    const { place, target } = this.#find(host);
    await cutCable(place, target, options.silent ?? false);
  }

  /** Gives a host its network back. Idempotent. */
  async heal(host: string): Promise<void> {
    const { place, target } = this.#find(host);
    await healCable(place, target);
  }

  /** Reboots a host in order; done when its sshd answers again. */
  async reboot(host: string): Promise<void> {
    const { place, target } = this.#find(host);
    await rebootContainer(place, target);
    await waitForHosts(place, [target]);
  }

  /** Power off without shutdown: the cable first, so that no peer sees a connection closed. Idempotent. */
  async kill(host: string): Promise<void> {
    const { place, target } = this.#find(host);
    if (!(await isRunning(place, target))) return;
    await cutCable(place, target, false);
    await killContainer(place, target);
  }

  /** Switches a host on; done when its sshd answers. Idempotent. */
  async start(host: string): Promise<void> {
    const { place, target, record } = this.#find(host);
    await startContainer(place, record.image, target);
    await waitForHosts(place, [target]);
  }

  /** Mounts a folder of this machine at `path` of the host, which is switched off and on for it; see `addSharedFolder`. */
  async share(host: string, name: string, path: string): Promise<void> {
    const { target } = this.#find(host);
    await this.kill(host);
    addSharedFolder(this.settings, target, { name, path });
    await this.start(host);
  }

  #find(name: string): { place: Place; target: LabHost; record: LabRecord } {
    const keeper = requireKeeper(this.settings);
    const record = readRecord(this.settings);
    const target = requireHost(hostsOf(record), name);
    if (record === undefined) throw new LabError(`lab "${this.settings.name}" has lost its record`, { advice: 'npm run lab -- down' });
    return { place: { settings: this.settings, keeper }, target, record };
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return withLock(this.settings.stateDir, lockWaitSeconds, work);
  }
}

/** Opens a lab by name; makes nothing until `up`. */
export function openLab(options: OpenLabOptions = {}): Lab {
  return new Lab(options);
}
