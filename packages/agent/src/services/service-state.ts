import type { ServiceReport } from '@muster/api/agent';

/** Properties of one unit as `systemctl show` prints them. */
export type UnitProperties = ReadonlyMap<string, string>;

/** The properties that `serviceReport` reads. */
export const wantedProperties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'ActiveEnterTimestamp',
  'ActiveExitTimestamp',
  'InactiveEnterTimestamp',
  'InactiveExitTimestamp',
] as const;

type State = ServiceReport['state'];

/**
 * What systemd's states (systemd's unit_active_state table) mean here, and which time stamp tells since when. A oneshot
 * that has done its work and stays `active (exited)` counts as running.
 */
const states: Readonly<Record<string, { readonly state: State; readonly since: string }>> = {
  active: { state: 'running', since: 'ActiveEnterTimestamp' },
  reloading: { state: 'running', since: 'ActiveEnterTimestamp' },
  refreshing: { state: 'running', since: 'ActiveEnterTimestamp' },
  activating: { state: 'starting', since: 'InactiveExitTimestamp' },
  deactivating: { state: 'stopping', since: 'ActiveExitTimestamp' },
  inactive: { state: 'stopped', since: 'InactiveEnterTimestamp' },
  failed: { state: 'failed', since: 'InactiveEnterTimestamp' },
  maintenance: { state: 'stopped', since: 'InactiveEnterTimestamp' },
};

/** The report on one unit; undefined when systemd says something this version does not know, of which nothing is invented. */
export function serviceReport(unit: string, properties: UnitProperties): ServiceReport | undefined {
  const loadState = properties.get('LoadState');
  if (loadState === undefined) return undefined;
  if (loadState === 'not-found') return { unit, state: 'missing', detail: 'not-found', since: null };
  const known = states[properties.get('ActiveState') ?? ''];
  if (known === undefined) return undefined;
  const subState = properties.get('SubState') ?? '';
  // A unit that does not run because it cannot be loaded is better described by that than by `dead`.
  const unloadable = loadState !== 'loaded' && known.state !== 'running';
  return {
    unit,
    state: unloadable && loadState !== 'masked' ? 'failed' : known.state,
    detail: (unloadable ? loadState : subState).slice(0, 64),
    since: readTimestamp(properties.get(known.since)),
  };
}

/** Reads `Tue 2026-01-06 10:00:00 UTC` or `@1767693600`; null for everything that is not a time, as `n/a`. */
export function readTimestamp(text: string | undefined): string | null {
  const unix = /^@(\d{1,11})(?:\.\d+)?$/u.exec(text ?? '')?.[1];
  if (unix !== undefined) return unix === '0' ? null : new Date(Number(unix) * 1000).toISOString();
  const [, date, time] = /^[A-Z][a-z]{2} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? UTC$/u.exec(text ?? '') ?? [];
  const milliseconds = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}
