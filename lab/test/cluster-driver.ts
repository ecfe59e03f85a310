import { appendFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult, Lab } from '../src/index.ts';

/** What the tests read of a node. */
export type SeenNode = {
  readonly name: string;
  readonly connected: boolean;
  readonly certificateSerial: string | null;
  readonly registration: string;
  readonly health: {
    readonly state: string;
    readonly reasons: readonly { readonly code: string; readonly unit?: string; readonly message: string }[];
  };
};

const root = join(import.meta.dirname, '..', '..');
/** Where runs of the tests are kept, instead of among those of whoever runs the tests. */
const stateFolder = join(tmpdir(), `muster-lab-runs-${process.pid}`);
process.once('exit', () => rmSync(stateFolder, { recursive: true, force: true }));

/** Drives a lab's cluster as its operator would: by the muster command, inside the lab's network. */
export class ClusterDriver {
  readonly #lab: Lab;
  readonly #server: string;
  readonly #root: string;

  /** `checkout`: the folder whose muster command the operator runs, where that is of another release than this one. */
  constructor(lab: Lab, server: string, checkout = root) {
    this.#lab = lab;
    this.#server = server;
    this.#root = checkout;
  }

  /** Runs the checkout's muster command with the lab's inventory and known hosts. */
  operator(
    command: 'ping' | 'apply' | 'reset' | 'kubeconfig' | 'pool upgrade' | 'pool rotate',
    ...options: string[]
  ): Promise<CommandResult> {
    return this.#lab.exec(this.argv(command, options), { cwd: this.#root, timeoutSeconds: 900 });
  }

  /**
   * Runs `apply` or `reset` and kills it (SIGKILL) as soon as it has printed an event for which `when` says so, and `waitMs` later, unless it
   * has ended by then. Whether there was such an event.
   */
  async killedWhen(command: 'apply' | 'reset', when: (event: Record<string, unknown>) => boolean, waitMs = 0): Promise<boolean> {
    const more = command === 'reset' ? ['--yes'] : [];
    const child = this.#lab.spawnIn(this.argv(command, ['-o', 'json', ...more]), { cwd: root });
    const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
    child.stderr.resume();
    let isSeen = false;
    createInterface(child.stdout).on('line', (line) => {
      if (isSeen || !when(JSON.parse(line) as Record<string, unknown>)) return;
      isSeen = true;
      void sleep(waitMs).then(() => child.kill('SIGKILL'));
    });
    await closed;
    return isSeen;
  }

  /** The command line of the checkout's muster command for the lab's hosts; `words` are those before the options. */
  argv(words: string, options: readonly string[]): string[] {
    const where = ['-i', this.#lab.inventoryPath, '--known-hosts', this.#lab.knownHostsPath];
    return ['env', `XDG_STATE_HOME=${stateFolder}`, join(this.#root, 'bin', 'muster'), ...words.split(' '), ...where, ...options];
  }

  /** The last line that `apply -o json` prints. */
  async applyJson(...options: string[]): Promise<{ code: number; events: Record<string, unknown>[]; finished: Record<string, unknown> }> {
    const { code, stdout } = await this.operator('apply', '-o', 'json', ...options);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return { code, events, finished: events.at(-1) ?? {} };
  }

  /** Adds variables to the inventory of the lab. */
  setVariables(text: string): void {
    appendFileSync(this.#lab.inventoryPath, `\n[all:vars]\n${text}\n`);
  }

  /** The member of a pool whose database takes writes; undefined where none of them says so. */
  async primaryAmong(members: Iterable<string>): Promise<string | undefined> {
    const ask = "runuser -u postgres -- psql -XAtq -h /run/muster-database -p 25432 -d postgres -c 'select pg_is_in_recovery()'";
    for (const name of members) if ((await this.on(name, `${ask} 2>/dev/null || echo away`).catch(() => 'away')) === 'f') return name;
    return undefined;
  }

  /** Runs the muster command on the server's host, as root. */
  async muster(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#lab.run(this.#server, ['muster', ...args], { timeoutSeconds: 180 });
    if (code !== 0) throw new Error(`muster ${args.join(' ')} on ${this.#server}: ${stderr}`);
    return stdout;
  }

  async nodes(): Promise<Map<string, SeenNode>> {
    const list = JSON.parse(await this.muster('nodes', '-o', 'json')) as SeenNode[];
    return new Map(list.map((node) => [node.name, node]));
  }

  /** Waits until a node is in a state, and returns it then. Fails with what the node is instead. */
  async until(name: string, state: string, withinSeconds = 60): Promise<SeenNode> {
    const deadlineMs = performance.now() + withinSeconds * 1000;
    for (;;) {
      const node = (await this.nodes().catch(() => new Map<string, SeenNode>())).get(name);
      if (node?.health.state === state) return node;
      if (performance.now() > deadlineMs)
        throw new Error(`${name} is ${JSON.stringify(node?.health)} and not ${state} after ${withinSeconds} s`);
      await sleep(250);
    }
  }

  /** A script on a host, as root; what it printed. */
  async on(host: string, script: string): Promise<string> {
    const { code, stdout, stderr } = await this.#lab.run(host, ['sh', '-s'], { input: script, timeoutSeconds: 180 });
    if (code !== 0) throw new Error(`on ${host}: ${script}: ${stderr}`);
    return stdout.trim();
  }

  /** Everything that lies on a host outside of logs and run state, with times and contents: two equal ones mean nothing was touched. */
  snapshot(host: string): Promise<string> {
    return this.on(
      host,
      "find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/log -o -path /var/lib/muster -o -path /var/lib/systemd -o -path /home \\) -prune -o -printf '%p %y %m %s %T@ %l\\n' | sort",
    );
  }

  /** When the two units were last started, by host. */
  startTimes(host: string): Promise<string> {
    return this.on(host, 'systemctl show -p ExecMainStartTimestampMonotonic muster.service muster-agent.service');
  }
}
