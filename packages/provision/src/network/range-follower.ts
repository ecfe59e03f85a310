import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Run } from '../engine/phase.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { runScript } from '../host/run-script.ts';
import { rangeFiles, rangePaths, rangeUnitName } from './follow-primary.ts';
import {
  installKept,
  keptChanges,
  type KeptService,
  observeKept,
  planKept,
  planKeptOff,
  putKept,
  type SeenService,
  startKept,
  takeAwayScript,
} from './kept-service.ts';
import { waitingPath } from './marked-file.ts';
import { offers, rangeFollowsPrimary } from './members.ts';
import { requirePlace } from './own-network.ts';
import { clusterRange } from './wanted-network.ts';

const follower: KeptService = {
  name: 'the dynamic range',
  unit: rangeUnitName,
  packages: ['python3'],
  paths: Object.values(rangePaths),
  isReread: () => false,
};

/** Whether the range of this member follows the primary. */
const isWanted = ({ host }: HostRun, { cluster: { hosts } }: Pick<Run, 'cluster'>): boolean =>
  offers(host, 'dhcp') && clusterRange(hosts) !== undefined && rangeFollowsPrimary(hosts);

/** Looks at what lets the range of a member follow the primary. */
export const observeFollower = async (host: HostRun, run: Run): Promise<SeenService> => (await observeKept(follower, host, run)).look;

/** What is to be done about it: it is there where the range follows, and nowhere else. @throws ProvisionError for a file changed by hand */
export function planFollower(look: SeenService, host: HostRun, run: Run): Change[] {
  if (!isWanted(host, run)) return planKeptOff(look, host, `stop and remove ${rangeUnitName}`);
  return planKept(follower, look, host.host, keptChanges(follower, look, host.host, filesOf(host)));
}

/** Does it. dnsmasq is there before, and goes after it. May be repeated. */
export async function actOnFollower(look: SeenService, host: HostRun, run: Run): Promise<void> {
  if (planFollower(look, host, run).length === 0) return;
  if (!isWanted(host, run)) {
    const options = { label: 'let the dynamic range follow nobody', sudo: true, signal: run.signal };
    await runScript(connectionOf(host), takeAwayScript(rangeUnitName, Object.values(rangePaths)), options);
    return;
  }
  await installKept(look, host, run);
  const checkOf = (changed: readonly ManagedFile[]): string =>
    changed.some(({ path }) => path === rangePaths.program) ? checkProgram : 'true';
  const due = await putKept(follower, look, host, run, { files: filesOf(host), checkOf });
  await startKept(follower, due, host, run);
}

const filesOf = (host: HostRun): ManagedFile[] => rangeFiles(requirePlace(host).address);

const checkProgram = `python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' ${waitingPath(rangePaths.program)} || return 1\ntrue`;
