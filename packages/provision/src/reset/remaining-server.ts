import type { Connection } from '@muster/ssh';
import type { Run } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { readNodes, runMuster } from '../host/server-cli.ts';

/** The management server of hosts that leave it, on a host that stays. It may be down: nothing of a reset depends on it. */
export class RemainingServer {
  readonly #driver: ClusterHost;
  readonly #run: Pick<Run, 'connect' | 'signal'>;
  #connection: Promise<Connection> | undefined;
  #names: Promise<ReadonlySet<string>> | undefined;

  constructor(driver: ClusterHost, run: Pick<Run, 'connect' | 'signal'>) {
    this.#driver = driver;
    this.#run = run;
  }

  get hostName(): string {
    return this.#driver.name;
  }

  /** Whether it knows a node; asked once for all. Rejects with what stands in the way when it does not answer. */
  async knows(name: string): Promise<boolean> {
    this.#names ??= this.#open().then(async (connection) => new Set((await readNodes(connection, this.#run.signal)).keys()));
    return (await this.#names).has(name);
  }

  /** Ends a node's certificate and takes it off the list. */
  async remove(name: string): Promise<void> {
    await this.muster(['node', 'remove', name]);
  }

  /** Runs the muster command there, as root; returns what it printed. @throws ProvisionError with what it said when it fails */
  async muster(args: readonly string[], stdin?: string): Promise<string> {
    return await runMuster(await this.#open(), args, { signal: this.#run.signal, ...(stdin === undefined ? {} : { stdin }) });
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }

  #open(): Promise<Connection> {
    this.#connection ??= this.#run.connect(this.#driver);
    return this.#connection;
  }
}
