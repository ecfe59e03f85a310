import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { fileChange, hashLine, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteRestart, observeService, serviceState, type ServiceState } from '../host/service.ts';
import { ProvisionError } from '../provision-error.ts';
import { etcdFoundedPath, etcdJoin, etcdKeyPath, etcdSettings, etcdSettingsPath, etcdUnit, peerUrl } from './etcd-files.ts';
import { admitMember, askEtcd } from './etcdctl.ts';
import { giveKey, lookAtKey } from './member-key.ts';
import { isVoter } from './members.ts';
import { etcdDataFolder, etcdUnitName } from './places.ts';
import { memberOf, poolOf, requireAllVoters } from './record-phase.ts';

type Observed = ServiceState & {
  readonly settings: string;
  readonly unit: string;
  readonly hasData: boolean;
  /** Whether the others have taken it out: what it has is then of no use, and etcd does not start with it. */
  readonly isRemoved: boolean;
  readonly hasKey: boolean;
};

const lookScript = `
${hashLine('settings', etcdSettingsPath)}
${hashLine('unit', etcdUnit.path)}
if [ -d ${etcdDataFolder}/member/wal ]; then echo data=yes; else echo data=no; fi
if [ -e ${etcdFoundedPath} ]; then echo founded=yes; else echo founded=no; fi
if ! systemctl -q is-active ${etcdUnitName} 2>/dev/null; then
  invocation=$(systemctl show -p InvocationID --value ${etcdUnitName} 2>/dev/null)
  if [ -n "$invocation" ] && journalctl -q --no-pager -o cat _SYSTEMD_INVOCATION_ID="$invocation" 2>/dev/null | grep -q 'permanently removed from the cluster'; then
    echo removed=yes
  fi
fi
${lookAtKey(etcdKeyPath)}
${observeService(etcdUnitName)}
`;

/** etcd reads key and certificate anew at each connection, so it need not be started for those. */
const putKey = giveKey('etcd', etcdKeyPath);

const throwAwayScript = `
set -eu
systemctl stop ${etcdUnitName}
rm -rf ${etcdDataFolder}/member
`;

/** Not waited for: the first of a new cluster is up only when the others are. */
const startScript = `
systemctl daemon-reload
systemctl enable --quiet ${etcdUnitName}
systemctl reset-failed ${etcdUnitName} 2>/dev/null || true
systemctl restart --no-block ${etcdUnitName}
rm -f /run/muster-restart-pending.${etcdUnitName}
`;

/**
 * In a cluster that runs the next voter has its turn when this one is back. One that was not well before may need the others first, so it
 * is waited for a moment only: whether there is a quorum in the end is the next phase's to say.
 */
export const restartScript = `
${askEtcd}
tries=5
if etcdctl_ endpoint health >/dev/null 2>&1; then tries=20; fi
${startScript}
i=0
until said=$(etcdctl_ endpoint health 2>&1); do
  i=$((i + 1))
  if [ $i -ge $tries ]; then
    if [ $tries = 5 ]; then exit 0; fi
    printf '%s\\n' "$said" | tail -n 2 >&2
    exit 1
  fi
  sleep 1
done
`;

/** The arbiter of the pool: one etcd on each voter, on ports of its own, with certificates of the pool. One after the other, as etcd asks for. */
export const poolEtcdPhase: Phase<Observed> = {
  name: 'pool-etcd',
  needs: ['pool', 'pool-packages'],
  informs: true,
  atOnce: 1,
  concerns: isVoter,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), lookScript, {
      label: 'look at the etcd of the pool',
      sudo: true,
      signal: run.signal,
    });
    const lines = readLines(output);
    const isRemoved = lines.get('removed') === 'yes';
    const hasData = lines.get('data') === 'yes' && !isRemoved;
    host.etcd = { hasData, isFounded: lines.get('founded') === 'yes' };
    return {
      ...serviceState(output),
      settings: lines.get('settings') ?? 'none',
      unit: lines.get('unit') ?? 'none',
      hasData,
      isRemoved,
      hasKey: lines.get('key') === 'yes',
    };
  },
  plan: (observed, host, run) => {
    const settings = etcdSettings(memberOf(host.host.name, run), poolOf(run));
    const files = [...fileChange(settings, observed.settings), ...fileChange(etcdUnit, observed.unit)];
    return [
      ...files,
      ...(observed.hasKey ? [] : [{ what: `write ${etcdKeyPath}` }]),
      ...(observed.hasData
        ? []
        : [{ what: `take it into the etcd of the pool${observed.isRemoved ? ' again, without what it had' : ''}` }]),
      ...(mustStart(observed, files.length > 0) ? [{ what: `${observed.active ? 'restart' : 'start'} ${etcdUnitName}` }] : []),
    ];
  },
  act: async (observed, host, run) => {
    const connection = connectionOf(host);
    const member = memberOf(host.host.name, run);
    const options = { sudo: true, signal: run.signal };
    const settings = etcdSettings(member, poolOf(run));
    if (observed.active) requireOthersBack(host, run);
    const isChanged = fileChange(settings, observed.settings).length + fileChange(etcdUnit, observed.unit).length > 0;
    const script = `${isChanged ? noteRestart(etcdUnitName) : ''}${putKey}`;
    await runScript(connection, script, { ...options, label: 'give etcd its key' });
    await writeManaged(connection, settings, run.signal);
    await writeManaged(connection, etcdUnit, run.signal);
    if (observed.isRemoved) await runScript(connection, throwAwayScript, { ...options, label: 'throw away what a removed etcd had' });
    if (!observed.hasData) await writeManaged(connection, await firstStart(host, run), run.signal);
    if (!mustStart(observed, isChanged)) return;
    await start(host, run);
  },
};

const mustStart = ({ active, enabled, restartPending, hasData }: Observed, isChanged: boolean): boolean =>
  !active || !enabled || restartPending || !hasData || isChanged;

async function start(host: HostRun, run: Run): Promise<void> {
  const isFounded = isFoundedIn(votersOf(run));
  const { etcd } = host;
  if (isFounded && etcd !== undefined) host.etcd = { ...etcd, isAway: true };
  const options = { label: `start ${etcdUnitName}`, sudo: true, signal: run.signal, timeoutSeconds: 300 };
  await runScript(connectionOf(host), `set -eu\n${isFounded ? restartScript : startScript}`, options);
  if (etcd !== undefined) host.etcd = etcd;
}

/** One that runs is not started anew while another one has not come back from that: what ails that one would take the quorum. */
function requireOthersBack({ host }: HostRun, run: Run): void {
  const away = votersOf(run).find(({ etcd }) => etcd?.isAway === true);
  if (away === undefined) return;
  throw new ProvisionError(
    `The etcd of ${away.host.name} was started anew and is not back, so that of ${host.name} was left alone. Read there: journalctl -u ${etcdUnitName}`,
  );
}

const votersOf = (run: Run): HostRun[] => run.hosts.filter(({ host }) => isVoter(host));

const isFoundedIn = (voters: readonly HostRun[]): boolean => voters.some(({ etcd }) => etcd?.isFounded === true);

/** A cluster that has had a quorum is joined; one that has not is founded, by all its members at once. */
async function firstStart(host: HostRun, run: Run): Promise<ManagedFile> {
  const voters = votersOf(run);
  if (!isFoundedIn(voters)) return founding(run);
  const through = voters.find((one) => one !== host && one.failed !== true && one.etcd?.hasData === true);
  if (through === undefined) {
    const others = voters.filter((one) => one !== host).map((one) => one.host.name);
    throw new ProvisionError(
      `${host.host.name} is to join the pool's etcd, and none of its other voters answers: ${others.join(', ')}. Bring one of them back, then run the same again.`,
    );
  }
  const members = await admitMember(through, memberOf(host.host.name, run), run);
  return etcdJoin(members, 'existing');
}

function founding(run: Run): ManagedFile {
  requireAllVoters(run, "The pool's etcd is founded");
  const { members } = poolOf(run);
  return etcdJoin(members.map((member) => `${member.name}=${peerUrl(member)}`).join(','), 'new');
}
