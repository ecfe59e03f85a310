import type { Connection } from '@muster/ssh';
import type { Run } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { askEtcd } from './etcdctl.ts';
import { recordPath } from './places.ts';

/** Ends with success where there is no such member to take out. A host without etcd knows nothing of that, and says so. */
const removeVoterScript = `
set -eu
${askEtcd}
IFS= read -r name
command -v etcdctl >/dev/null 2>&1 || { echo etcd=none; exit 0; }
list=$(etcdctl_ member list)
for id in $(printf '%s\\n' "$list" | awk -F ', ' -v name="$name" '$3 == name { print $1 }'); do
  etcdctl_ member remove "$id" >&2
done
`;

/** Python is there: Patroni is made of it. */
const forgetScript = `
set -eu
[ -s ${recordPath} ] || exit 0
exec python3 -c '
import json, os, sys
name, path = sys.stdin.readline().rstrip("\\n"), "${recordPath}"
with open(path) as file: record = json.load(file)
record["members"] = [one for one in record["members"] if one["name"] != name]
with os.fdopen(os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
    file.write(json.dumps(record, indent=2) + "\\n")
os.rename(path + ".new", path)
'
`;

/** The machines of a pool that stay while others are reset. */
export class RemainingPool {
  readonly #hosts: readonly ClusterHost[];
  readonly #run: Pick<Run, 'connect' | 'signal'>;
  readonly #connections = new Map<string, Promise<Connection>>();

  constructor(hosts: readonly ClusterHost[], run: Pick<Run, 'connect' | 'signal'>) {
    this.#hosts = hosts;
    this.#run = run;
  }

  /**
   * Takes a voter out, so that it does not count as one that is dead, and out of the record of every full member that stays.
   * @throws ProvisionError when none that stays can do it
   */
  async dismiss(name: string): Promise<void> {
    await this.#takeOut(name);
    for (const host of this.#hosts.filter(({ roles }) => roles.includes('database'))) {
      await this.#on(host, forgetScript, { label: 'forget a member of the pool', name });
    }
  }

  async close(): Promise<void> {
    const connections = await Promise.all([...this.#connections.values()].map((one) => one.catch(() => undefined)));
    await Promise.all(connections.flatMap((one) => (one === undefined ? [] : [one.close()])));
  }

  async #takeOut(name: string): Promise<void> {
    let failure: unknown;
    for (const host of this.#hosts) {
      try {
        const said = await this.#on(host, removeVoterScript, { label: 'take a voter out of etcd', name });
        if (!said.includes('etcd=none')) return;
      } catch (error) {
        failure = error;
      }
    }
    // None of them has etcd: there is no cluster that could count it.
    if (failure === undefined) return;
    throw new ProvisionError(`${name} could not be taken out of the etcd of the pool, which would count it as one that is dead.`, {
      cause: failure,
    });
  }

  async #on(host: ClusterHost, script: string, { label, name }: { readonly label: string; readonly name: string }): Promise<string> {
    const connecting = this.#connections.get(host.name) ?? this.#run.connect(host);
    this.#connections.set(host.name, connecting);
    return await runScript(await connecting, script, { label, sudo: true, signal: this.#run.signal, stdin: `${name}\n` });
  }
}
