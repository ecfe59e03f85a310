import { isDeepStrictEqual } from 'node:util';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { authorityPath, inUrl, patroniPort } from './places.ts';
import { sharedSettings } from './patroni-files.ts';
import { observePrimary } from './psql.ts';
import { memberOf, poolOf } from './record-phase.ts';

type Settings = Readonly<Record<string, unknown>>;
type Observed = { readonly isPrimary: boolean; readonly settings: Settings };

/** Asks or tells Patroni; the password, where there is one, comes on standard input. Python is there: Patroni is made of it. */
const askPatroni = `python3 -c '
import base64, json, ssl, sys, urllib.request
url, password, change = [sys.stdin.readline().rstrip("\\n") for _ in range(3)]
call = urllib.request.Request(url, method="PATCH" if change else "GET", data=change.encode() or None)
if change:
    call.add_header("Content-Type", "application/json")
    call.add_header("Authorization", "Basic " + base64.b64encode(("muster:" + password).encode()).decode())
context = ssl.create_default_context(cafile="${authorityPath}")
print("settings=" + json.dumps(json.load(urllib.request.urlopen(call, context=context, timeout=20))))
'`;

const lookScript = `${observePrimary}
${askPatroni}
`;

/** For how many copies a write waits is changed for the length of a promotion, and by whoever has more copies. */
const ours: Settings = Object.fromEntries(Object.entries(sharedSettings).filter(([name]) => name !== 'synchronous_node_count'));

/** What of the settings that all members share is not as it should be, with what it should be. Settings of others are left alone. Pure. */
function settingsToChange(found: Settings): Settings {
  const wrong = Object.entries(ours).filter(([name, wanted]) => !isDeepStrictEqual(part(found[name], wanted), wanted));
  return Object.fromEntries(wrong);
}

/** Of an object, what is wanted of it. */
function part(found: unknown, wanted: unknown): unknown {
  if (!isObject(wanted) || !isObject(found)) return found;
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, found[name]]));
}

const isObject = (value: unknown): value is Settings => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What Patroni keeps in etcd for all members, and reads from a file only when a pool is made: a newer release may want other settings. */
export const poolSettingsPhase: Phase<Observed> = {
  name: 'pool-settings',
  needs: ['pool-account'],
  informs: true,
  concerns: (host) => host.roles.includes('database'),
  observe: (host, run) => look(host, run),
  plan: ({ isPrimary, settings }) => {
    if (!isPrimary) return [];
    const told = ([name, wanted]: [string, unknown]): string =>
      `${name} ${JSON.stringify(settings[name] ?? null)} -> ${JSON.stringify(wanted)}`;
    return Object.entries(settingsToChange(settings)).map((change) => ({ what: `set for all databases of the pool: ${told(change)}` }));
  },
  act: async ({ settings }, host, run) => {
    await runScript(connectionOf(host), askPatroni, {
      label: 'change the settings that databases share',
      sudo: true,
      signal: run.signal,
      stdin: `${configUrl(host, run)}\n${poolOf(run).passwords.rest}\n${JSON.stringify(settingsToChange(settings))}\n`,
    });
  },
  verify: async (host, run) => {
    const { isPrimary, settings } = await look(host, run);
    const left = Object.keys(settingsToChange(settings));
    if (isPrimary && left.length > 0)
      throw new ProvisionError(`Patroni on ${host.host.name} did not take ${left.join(', ')}. Read there: journalctl -u muster-database`);
  },
};

const configUrl = (host: HostRun, run: Run): string => `https://${inUrl(memberOf(host.host.name, run).address)}:${patroniPort}/config`;

async function look(host: HostRun, run: Run): Promise<Observed> {
  const stdin = `${configUrl(host, run)}\n\n\n`;
  const options = { label: 'look at the settings that databases share', sudo: true, signal: run.signal, stdin };
  const lines = readLines(await runScript(connectionOf(host), lookScript, options));
  const settings: unknown = JSON.parse(lines.get('settings') ?? '{}');
  return { isPrimary: lines.get('primary') === 'yes', settings: isObject(settings) ? settings : {} };
}
