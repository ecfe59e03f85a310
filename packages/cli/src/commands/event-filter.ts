import { Event, type EventQuery } from '@muster/api';
import { parseDuration, parseMoment, severityIncludes } from '@muster/core';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { collect } from '../output/options.ts';

/** Which events are meant. */
export type EventFilterOptions = { node?: string; severity?: Event['severity']; kind: Event['kind'][]; since?: string; until?: string };

const { kind: kinds } = Event.shape;

/** Adds the options that say which events are meant. */
export const addEventFilters = (command: Command): Command =>
  command
    .option('--node <name>', 'only events of this node')
    .addOption(severityOption())
    .addOption(kindOption())
    .option('--since <moment>', 'only events from then on: 2026-01-31, 2026-01-31T18:00+01:00, or a span before now such as 2h')
    .option('--until <moment>', 'only events before then');

/** Only severities that there are. */
export const severityOption = (): Option =>
  new Option('--severity <severity>', 'only events of at least this severity').choices(Event.shape.severity.options);

/** Only kinds that there are; several may be named. */
export function kindOption(): Option {
  const option = new Option('--kind <kind>', 'only events of this kind, such as node-health; repeatable')
    .choices(kinds.options)
    .default([]);
  const check = option.parseArg;
  return option.argParser((value: string, before: string[]) => {
    check?.(value, undefined);
    return collect(value, before);
  });
}

/** The filter as a server takes it; moments that count from now count from `nowMs`. @throws CliError */
export function eventQueryOf({ node, severity, kind, since, until }: EventFilterOptions, nowMs: number): Partial<EventQuery> {
  return {
    ...(node === undefined ? {} : { node }),
    ...(severity === undefined ? {} : { severity }),
    ...(kind.length === 0 ? {} : { kind }),
    ...(since === undefined ? {} : { since: momentOf(since, nowMs) }),
    ...(until === undefined ? {} : { until: momentOf(until, nowMs) }),
  };
}

/** Whether an event that has just come is one of those meant; one that comes now lies after every `since`. */
export function isMeant(event: Event, { node, severity, kind }: EventFilterOptions): boolean {
  if (node !== undefined && event.nodeName !== node && event.nodeId !== node) return false;
  if (severity !== undefined && !severityIncludes(event.severity, severity)) return false;
  return kind.length === 0 || kind.includes(event.kind);
}

/** A moment, or a span that counts back from now, as `muster audit` takes it. */
function momentOf(text: string, nowMs: number): string {
  const span = parseDuration(text);
  const moment = span === undefined ? parseMoment(text) : { fromNowSeconds: -span };
  if (moment === undefined)
    throw new CliError(`"${text}" is not a moment: write 2026-01-31, 2026-01-31T18:00+01:00, now-2h, or a span before now such as 2h.`, 2);
  return 'iso' in moment ? moment.iso : new Date(nowMs + moment.fromNowSeconds * 1000).toISOString();
}
