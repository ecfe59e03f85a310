import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { fileChange, hashLine, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import {
  noteReload,
  noteRestart,
  observeReload,
  observeService,
  reloadService,
  restartService,
  serviceState,
  type ServiceState,
} from '../host/service.ts';
import { ProvisionError } from '../provision-error.ts';
import { giveKey, lookAtKey } from './member-key.ts';
import { databaseDataFolder, databaseKeyPath, databaseUnit, patroniSettings, patroniSettingsPath } from './patroni-files.ts';
import { authorityPath, databaseUnitName, inUrl, patroniPort } from './places.ts';
import { memberOf, poolOf } from './record-phase.ts';

type Observed = ServiceState & {
  readonly settings: string;
  readonly unit: string;
  readonly hasKey: boolean;
  /** The programs of the PostgreSQL that made the data, else of the newest one; empty before it is installed. */
  readonly binFolder: string;
  readonly hasWatchdog: boolean;
  /** Whether settings or key were changed by a run that ended before they were read. */
  readonly reloadPending: boolean;
};

const lookScript = `
${hashLine('settings', patroniSettingsPath)}
${hashLine('unit', databaseUnit.path)}
${lookAtKey(databaseKeyPath)}
if [ -s ${databaseDataFolder}/PG_VERSION ]; then printf 'bin=/usr/lib/postgresql/%s/bin\\n' "$(cat ${databaseDataFolder}/PG_VERSION)"
else printf 'bin=%s\\n' "$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"; fi
if [ -e /dev/watchdog ]; then echo watchdog=yes; else echo watchdog=no; fi
${observeService(databaseUnitName)}
${observeReload(databaseUnitName)}
`;

const putKey = giveKey('postgres', databaseKeyPath);

/** PostgreSQL on full members, kept by Patroni: one primary, the others its replicas. One after the other, so that never two are away. */
export const poolDatabasePhase: Phase<Observed> = {
  name: 'pool-database',
  needs: ['pool-quorum'],
  informs: true,
  atOnce: 1,
  concerns: (host) => host.roles.includes('database'),
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), lookScript, {
      label: 'look at the database of the pool',
      sudo: true,
      signal: run.signal,
    });
    const lines = readLines(output);
    const hasWatchdog = lines.get('watchdog') === 'yes';
    if (!hasWatchdog) {
      host.warnings = [
        ...(host.warnings ?? []),
        'it has no watchdog (/dev/watchdog): nothing resets the machine when its database hangs and another one leads',
      ];
    }
    return {
      ...serviceState(output),
      settings: lines.get('settings') ?? 'none',
      unit: lines.get('unit') ?? 'none',
      hasKey: lines.get('key') === 'yes',
      binFolder: lines.get('bin') ?? '',
      hasWatchdog,
      reloadPending: lines.get('reload') === 'yes',
    };
  },
  plan: (observed, host, run) => {
    const settings = hidden(fileChange(settingsOf(observed, host, run), observed.settings));
    const unit = fileChange(databaseUnit, observed.unit);
    const files = [...settings, ...unit, ...(observed.hasKey ? [] : [{ what: `write ${databaseKeyPath}` }])];
    if (mustRestart(observed, unit)) return [...files, { what: `${observed.active ? 'restart' : 'start'} ${databaseUnitName}` }];
    return files.length === 0 && !observed.reloadPending ? [] : [...files, { what: `reload ${databaseUnitName}` }];
  },
  act: async (observed, host, run) => {
    const connection = connectionOf(host);
    const options = { sudo: true, signal: run.signal };
    if (observed.binFolder === '') throw new ProvisionError(`${host.host.name} has no PostgreSQL below /usr/lib/postgresql.`);
    const unit = fileChange(databaseUnit, observed.unit);
    const note = mustRestart(observed, unit) ? noteRestart(databaseUnitName) : noteReload(databaseUnitName);
    await runScript(connection, `${note}${putKey}`, { ...options, label: 'give PostgreSQL its key' });
    await writeManaged(connection, settingsOf(observed, host, run), run.signal);
    await writeManaged(connection, databaseUnit, run.signal);
    if (mustRestart(observed, unit)) {
      await runScript(connection, restartService(databaseUnitName), { ...options, label: `start ${databaseUnitName}` });
    } else {
      await runScript(connection, reloadService(databaseUnitName), { ...options, label: `reload ${databaseUnitName}` });
    }
  },
  verify: async (host, run) => {
    const stdin = `https://${inUrl(memberOf(host.host.name, run).address)}:${patroniPort}/health\n`;
    const options = { label: 'wait for the database', sudo: true, signal: run.signal, stdin, timeoutSeconds: 700 };
    await runScript(connectionOf(host), waitScript, options);
  },
};

/** A replica copies all that the primary has first, so this takes as long as that. Python is there: Patroni is made of it. */
const waitScript = `
IFS= read -r url
i=0
until python3 -c '
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile="${authorityPath}")
urllib.request.urlopen(sys.argv[1], context=context, timeout=5)
' "$url" 2>/dev/null; do
  i=$((i + 1))
  if [ $i -ge 600 ] || { [ $i -ge 20 ] && [ "$(systemctl is-active ${databaseUnitName})" != active ]; }; then
    journalctl -u ${databaseUnitName} -n 10 --no-pager -o cat >&2
    exit 1
  fi
  sleep 1
done
`;

/** The file holds passwords: it is told that it changes, not what it says. */
const hidden = (changes: readonly Change[]): Change[] => changes.map(({ what }) => ({ what }));

const settingsOf = ({ binFolder }: Observed, host: HostRun, run: Run): ManagedFile =>
  patroniSettings(memberOf(host.host.name, run), poolOf(run), binFolder);

/** Other settings are read on a reload: a restart would take the database away for a moment. */
const mustRestart = ({ active, enabled, restartPending }: Observed, unit: readonly Change[]): boolean =>
  !active || !enabled || restartPending || unit.length > 0;
