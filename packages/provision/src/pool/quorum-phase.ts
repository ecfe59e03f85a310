import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { etcdFoundedPath, etcdJoinPath } from './etcd-files.ts';
import { askEtcd } from './etcdctl.ts';
import { isVoter } from './members.ts';
import { etcdUnitName } from './places.ts';

type Observed = { readonly isFounded: boolean; readonly isJoining: boolean; readonly isHealthy: boolean };

const lookScript = `
${askEtcd}
if [ -e ${etcdFoundedPath} ]; then echo founded=yes; fi
if [ -e ${etcdJoinPath} ]; then echo joining=yes; fi
if command -v etcdctl >/dev/null 2>&1 && etcdctl_ endpoint health >/dev/null 2>&1; then echo healthy=yes; fi
`;

/** A health check of etcd goes through its log, so it proves a quorum. */
const waitScript = `
${askEtcd}
i=0
until said=$(etcdctl_ endpoint health 2>&1); do
  i=$((i + 1))
  if [ $i -ge 45 ]; then
    printf '%s\\n' "$said" | tail -n 2 >&2
    journalctl -u ${etcdUnitName} -n 5 --no-pager -o cat >&2
    exit 1
  fi
  sleep 1
done
set -e
: > ${etcdFoundedPath}
rm -f ${etcdJoinPath}
`;

/** Waits until the etcd of every voter answers with a quorum behind it. */
export const poolQuorumPhase: Phase<Observed> = {
  name: 'pool-quorum',
  needs: ['pool-etcd'],
  concerns: isVoter,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), lookScript, { label: 'look for a quorum', sudo: true, signal: run.signal });
    const has = (line: string) => output.split('\n').includes(line);
    return { isFounded: has('founded=yes'), isJoining: has('joining=yes'), isHealthy: has('healthy=yes') };
  },
  plan: ({ isFounded, isJoining, isHealthy }) =>
    isFounded && !isJoining && isHealthy ? [] : [{ what: 'wait until the etcd of the pool has a quorum' }],
  act: async (_observed, host, run) => {
    const options = { label: 'wait for a quorum', sudo: true, signal: run.signal, timeoutSeconds: 600 };
    await runScript(connectionOf(host), waitScript, options);
  },
};
