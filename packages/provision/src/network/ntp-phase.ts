import { dirname } from 'node:path';
import { shellQuoteAll } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { type ClusterHost, isNode } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteReload, noteRestart } from '../host/service.ts';
import { makeFolders, noteFiles, takeBackFiles, undoFolder } from '../host/undo-notes.ts';
import { noteOnce, serviceNotes } from '../prepare/act-prepared.ts';
import { addressesOutside, chronyFiles, chronyPaths, chronyUnit } from './chrony-files.ts';
import { installHere } from './install-here.ts';
import { dueOf, type KeptService, observeKept, planKept, type SeenService, startKept } from './kept-service.ts';
import { markedChanges, putChecked, requireUntouched, waitingPath } from './marked-file.ts';
import { isAsked, isOn, namedAddress, offers, serversOf, serviceAddress } from './members.ts';
import { requirePlace } from './own-network.ts';
import { timeSourcesOf } from './wanted-network.ts';

type Observed = SeenService & {
  readonly setsClock: boolean;
  /** Whether a run has written its settings there. */
  readonly isNoted: boolean;
};

const paths = Object.values(chronyPaths);
/** A change of the sources alone needs no restart. */
const chrony: KeptService = {
  name: 'chrony',
  unit: chronyUnit,
  packages: ['chrony'],
  paths,
  isReread: (path) => path === chronyPaths.sources,
};
/** What chrony brings is in its way: the simpler program that a distribution keeps the time with by itself. */
const replaced = ['systemd-timesyncd'] as const;

/** Settings as the package ships them are nobody's work. The right to set the clock is bit 25 of what the first process may have. */
const lookScript = `
if cmp -s ${chronyPaths.settings} /usr/share/chrony/chrony.conf; then echo shipped=yes; fi
if grep -qxF ${chronyPaths.settings} ${undoFolder}/files 2>/dev/null; then echo noted=yes; fi
bounds=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/1/status)
if [ "$(( (0x\${bounds:-0} >> 25) & 1 ))" = 1 ]; then echo clock=yes; fi
`;

/** The time by chrony: management servers follow sources outside and each other, nodes follow the servers. */
export const ntpPhase: Phase<Observed> = {
  name: 'ntp',
  concerns: (host) => isNode(host) && isAsked(host, ['ntp']),
  observe: async (host, run) => {
    const { look, output } = await observeKept(chrony, host, run, lookScript);
    const lines = readLines(output);
    const seen = new Map(look.seen);
    const settings = seen.get(chronyPaths.settings);
    if (settings !== undefined && lines.get('shipped') === 'yes') seen.set(chronyPaths.settings, { ...settings, state: 'ours' });
    return { ...look, seen, setsClock: lines.get('clock') === 'yes', isNoted: lines.get('noted') === 'yes' };
  },
  plan: (observed, host, run) => {
    if (!isOn(host.host, 'ntp')) return planOff(observed, host.host);
    return planKept(chrony, observed, host.host, fileChanges(observed, host, run));
  },
  act: async (observed, host, run) => {
    const options = { sudo: true, signal: run.signal };
    const connection = connectionOf(host);
    if (!isOn(host.host, 'ntp')) {
      await runScript(connection, offScript, { ...options, label: 'take the settings of chrony away' });
      return;
    }
    // Before the package comes: what it brings itself is not to come back with a reset.
    await runScript(connection, noteScript(observed), { ...options, label: 'note what chrony was before' });
    const isMissing = observed.missing.length > 0;
    if (isMissing) await installHere(host, run, ['chrony'], replaced);
    const files = filesOf(observed, host, run);
    const changes = fileChanges(observed, host, run);
    const isDue = (file: ManagedFile) => isMissing || changes.some(({ content }) => content === file.content);
    const due = isMissing ? 'restart' : dueOf(chrony, observed, changes);
    const before = due === 'restart' ? noteRestart(chronyUnit) : noteReload(chronyUnit);
    const changed = files.filter(isDue);
    await putChecked(connection, changed, { check: checkOf(changed), before, label: 'write the settings of chrony', signal: run.signal });
    await startKept(chrony, due, host, run, 'chronyc reload sources');
  },
  verify: async (host, run) => {
    if (!isOn(host.host, 'ntp')) return;
    const script = verifyScript(insideOf(host.host, run));
    await runScript(connectionOf(host), script, { label: 'ask chrony whom it follows', sudo: true, signal: run.signal });
  },
};

const noteScript = ({ setsClock }: Observed): string => `
set -eu
${setsClock ? '' : makeFolders([dirname(chronyPaths.withoutClock)])}
${noteOnce}
${serviceNotes([chronyUnit])}
note restarts ${chronyUnit} ''
${noteFiles(paths)}
`;

/** chronyd reads what waits as its whole configuration, and says what it does not understand. */
function checkOf(files: readonly ManagedFile[]): string {
  const read = files.filter(({ path }) => path !== chronyPaths.withoutClock);
  return `${read.map(({ path }) => `chronyd -p -f ${waitingPath(path)} >/dev/null || return 1`).join('\n')}\ntrue`;
}

const offScript = `
set -eu
${takeBackFiles(paths)}
rm -f /run/muster-restart-pending.${chronyUnit} /run/muster-reload-pending.${chronyUnit}
systemctl daemon-reload
if grep -qxF chrony ${undoFolder}/packages 2>/dev/null; then systemctl disable --quiet --now ${chronyUnit}; else systemctl try-restart ${chronyUnit}; fi
`;

/** It answers, and has the servers among its sources. */
const verifyScript = (addresses: readonly string[]): string => `
i=0
until said=$(chronyc -n sources 2>&1); do
  i=$((i + 1))
  if [ $i -ge 40 ]; then printf '%s\\n' "$said" >&2; systemctl status --no-pager -n 5 ${chronyUnit} >&2 || true; exit 1; fi
  sleep 0.5
done
set -- ${shellQuoteAll(addresses)}
for address in "$@"; do
  if ! printf '%s\\n' "$said" | grep -qwF -- "$address"; then echo "chrony does not follow $address" >&2; exit 1; fi
done
`;

function planOff({ isNoted, seen }: Observed, host: ClusterHost): Change[] {
  if (!isNoted) return [];
  for (const [path, { state }] of seen) if (state === 'edited') requireUntouched(host, path, state);
  return [{ what: 'take the settings of chrony away, and put back what was there before' }];
}

const fileChanges = (observed: Observed, host: HostRun, run: Run): Change[] =>
  markedChanges(host.host, filesOf(observed, host, run), observed.seen, 'kept');

/** The members that a host follows: all that give the time, except itself. */
const insideOf = (host: ClusterHost, run: Run): string[] =>
  serversOf(run.cluster.hosts, 'ntp')
    .filter((server) => server !== host)
    .map(serviceAddress);

function filesOf({ setsClock }: Observed, host: HostRun, run: Run): ManagedFile[] {
  const inside = insideOf(host.host, run);
  if (!offers(host.host, 'ntp')) return chronyFiles({ outside: [], inside, serves: undefined, setsClock });
  const { network } = requirePlace(host);
  const addresses = run.cluster.hosts.flatMap((one) => namedAddress(one) ?? []);
  const serves = { network, others: addressesOutside(network, addresses) };
  return chronyFiles({ outside: timeSourcesOf(host.host), inside, serves, setsClock });
}
