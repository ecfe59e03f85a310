import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { askEtcd } from './etcdctl.ts';
import { databaseSocketFolder, databaseUnitName, postgresPort } from './places.ts';

const patienceSeconds = 180;

/** Leads, or takes what the primary writes: a member that is still catching up must not be counted on when the next one goes away. */
const isInStep = "select not pg_is_in_recovery() or exists (select from pg_stat_wal_receiver where status = 'streaming')";

/** Waits until the etcd of this machine has its quorum, and its copy of the database, where it has one, is in step. Each try takes ten seconds at most. */
const voterBackScript = `
set -eu
${askEtcd}
i=0
again() { i=$((i + 1)); if [ $i -ge ${patienceSeconds} ]; then printf '%s\\n' "$1" | tail -n 2 >&2; exit 1; fi; sleep 1; }
until said=$(etcdctl_ endpoint health 2>&1); do again "$said"; done
[ -e /etc/systemd/system/${databaseUnitName} ] || exit 0
until [ "$(timeout 10 runuser -u postgres -- psql -XAtq -h ${databaseSocketFolder} -p ${postgresPort} -d postgres -c "${isInStep}" 2>/dev/null)" = t ]; do
  again 'its copy of the database is not in step with the primary'
done
`;

/** The turn of a voter is over when the pool can count on it again. @throws ProvisionError with what is still missing */
export async function waitForVoter(host: HostRun, run: Run): Promise<void> {
  const options = { label: 'wait for the voter of the pool', sudo: true, signal: run.signal, timeoutSeconds: 600 };
  await runScript(connectionOf(host), voterBackScript, options);
}
