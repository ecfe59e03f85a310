import type { FakeHost, Sent } from './fake-host.ts';

/** What a reset finds on a fake host, and that it is gone once it was taken away. */
export class FakeInstalled {
  units: string[] = ['muster-agent.service'];
  packages: string[] = [];
  /** The host's own packages that went for those of a run, and whether its sources bring them back. */
  replaced: string[] = [];
  hasSources = true;
  traces: string[] = ['/opt/muster-agent', '/etc/muster'];
  /** Whether a run has put k3s there. */
  k3s = false;
  /** Name in Slurm and the state there; empty without it. */
  slurm = { node: '', state: '' };
  /** Folders that it has kept the state of Slurm in. */
  stateFolders: string[] = [];

  constructor(host: FakeHost) {
    host.more.push((sent) => this.#answer(sent));
  }

  #answer({ label }: Sent): string | undefined {
    if (label.startsWith('drain ')) {
      this.slurm = { ...this.slurm, state: 'drained' };
      return '';
    }
    return this.#steps.get(label)?.();
  }

  readonly #steps = new Map<string, () => string>([
    ['ask Slurm for the node', () => `node=${this.slurm.node}\nstate=${this.slurm.state}\n`],
    ['look for k3s', () => (this.k3s ? '/usr/local/bin/k3s\n' : '')],
    ['remove k3s', () => this.#removeK3s()],
    ['look at the services', () => this.units.map((unit) => `unit=${unit}\n`).join('')],
    ['look for folders of the state', () => this.stateFolders.join('\n')],
    ['leave the folder of the state', () => this.#gone('stateFolders')],
    ['look at Docker', () => ''],
    ['look at the firewall', () => ''],
    [
      'look at the packages',
      () => [...this.replaced.map((name) => `replaced=${name}`), ...this.packages].map((line) => `${line}\n`).join(''),
    ],
    ['bring packages back', () => (this.hasSources ? this.#gone('replaced') : 'lost=yes\n')],
    ['look for traces', () => this.traces.map((line) => `${line}\n`).join('')],
    ['stop the services', () => this.#gone('units')],
    ['purge packages', () => this.#gone('packages')],
    ['remove the traces', () => this.#gone('traces')],
  ]);

  #removeK3s(): string {
    this.k3s = false;
    return '';
  }

  #gone(what: 'units' | 'packages' | 'replaced' | 'traces' | 'stateFolders'): string {
    this[what] = [];
    return '';
  }
}
