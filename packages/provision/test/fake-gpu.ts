import { createHash } from 'node:crypto';
import { nouveauFile } from '../src/nvidia/look.ts';
import type { FakeHost } from './fake-host.ts';
import type { FakeK3sCluster } from './fake-k3s.ts';

const nouveauHash = createHash('sha256').update(nouveauFile.content).digest('hex');

/** A host with a card whose driver is installed and answers after the next boot. */
export class FakeGpu {
  boots = 0;
  /** Whether the driver answers after a boot. */
  isDriverGood = true;
  /** Whether it comes back from a reboot. */
  comesBack = true;
  /** Units that run there. */
  runs: readonly string[] = [];
  /** Marks of a run that was cut off: `pods`, `jobs`. */
  drainedOf: readonly string[] = [];
  readonly #host: FakeHost;
  readonly #done: string[];
  readonly #cluster: FakeK3sCluster | undefined;

  /** `done` gets what happens to it, in order. */
  constructor(host: FakeHost, done: string[], cluster?: FakeK3sCluster) {
    this.#host = host;
    this.#done = done;
    this.#cluster = cluster;
    host.more.unshift(({ label }) => this.#answer(label));
  }

  #answer(label: string): string | undefined {
    if (label === 'look at the NVIDIA driver') return this.#look();
    if (label === 'look at the boot') return `boot-${this.comesBack ? this.boots : 0}:1\n`;
    if (label === 'look at the new boot') return `boot-${this.boots}\n`;
    if (label === 'reboot the host') return this.#reboot();
    return /^(?:look for packages of NVIDIA|make the initramfs|load the NVIDIA driver|nvidia-smi)$/u.test(label) ? '' : undefined;
  }

  #reboot(): string {
    const { name } = this.#host.host;
    this.boots += 1;
    this.#done.push(`reboot ${name}`);
    const node = this.#cluster?.nodes.get(name);
    if (node !== undefined && this.comesBack) node.bootId = `boot-${this.boots}`;
    return '';
  }

  #look(): string {
    const isGood = this.boots > 0 && this.isDriverGood;
    return [
      'card=yes',
      `nouveau_file=${nouveauHash}`,
      'kernel=6.1.0-1-amd64',
      ...(isGood ? ['answers=yes'] : []),
      ...(this.boots > 0 ? [] : ['changed_in_this_boot=yes']),
      ...this.runs.map((unit) => `runs=${unit}`),
      ...this.drainedOf.map((what) => `drained_of=${what}`),
      '',
    ].join('\n');
  }
}
