import type { Event } from '@muster/api';
import { foldNames } from '../range/index.ts';
import { severityIncludes } from './plan-notifications.ts';

/** A mail as text. Nothing in it can act: what nodes say of themselves is made printable. */
export type ComposedMail = { readonly subject: string; readonly text: string };

export type MailContent = {
  /** At least one, in the order of their ids. */
  readonly events: readonly Event[];
  /** Events that were left out because too many waited. */
  readonly missed: number;
  /** Where the panel is. */
  readonly panelUrl: string;
};

/** Events of one kind, told together. */
type Topic = { readonly title: string; readonly severity: Event['severity']; readonly events: Event[] };

const longestSubject = 150;
const longestLine = 400;
/** Events of one topic that are shown one by one. */
const mostShown = 10;
const longestRange = 1000;

/** One mail for all of them: 500 nodes that turn bad are one topic with one range, and not 500 mails. */
export function composeMail({ events, missed, panelUrl }: MailContent): ComposedMail {
  const topics = topicsOf(events);
  const [only] = events;
  const subject = events.length === 1 && only !== undefined ? only.message : topics.map((topic) => topic.title).join(', ');
  const more = missed === 0 ? [] : [`${missed} more events were left out, because too many waited. The panel has them all.\n`];
  const footer = `-- \nMuster, ${panelUrl}/events\nYou get this because of a subscription: the page Notifications of the panel shows it and ends it.\n`;
  return { subject: `[Muster] ${cut(subject, longestSubject)}`, text: [...topics.map(sectionOf), ...more, footer].join('\n') };
}

function topicsOf(events: readonly Event[]): Topic[] {
  const topics = new Map<string, Topic>();
  for (const event of events) {
    const what = topicOf(event);
    const key = `${event.severity} ${what}`;
    const topic = topics.get(key) ?? { title: what, severity: event.severity, events: [] };
    topic.events.push(event);
    topics.set(key, topic);
  }
  return [...topics.values()]
    .map((topic) => ({ ...topic, title: titleOf(topic) }))
    .toSorted((a, b) => (a.severity === b.severity ? 0 : severityIncludes(a.severity, b.severity) ? -1 : 1));
}

const topicOf = ({ kind, data }: Event): string => (kind === 'node-health' && typeof data['to'] === 'string' ? data['to'] : kind);

function titleOf({ title, events }: Topic): string {
  const names = namesOf(events);
  if (events[0]?.kind === 'node-health') return `${names.size} ${names.size === 1 ? 'node is' : 'nodes are'} ${printable(title)}`;
  return events.length === 1 ? title : `${events.length} × ${title}`;
}

const namesOf = (events: readonly Event[]): Set<string> => new Set(events.flatMap(({ nodeName }) => (nodeName === null ? [] : [nodeName])));

function sectionOf({ title, severity, events }: Topic): string {
  const names = namesOf(events);
  const shown = events.slice(0, mostShown).map(({ at, message }) => `  ${at}  ${cut(message, longestLine)}`);
  const lines = [
    `${severity.toUpperCase()}: ${title}`,
    ...(names.size > 1 ? [`  ${cut(foldNames(names), longestRange)}`] : []),
    ...shown,
    ...(events.length > mostShown ? [`  and ${events.length - mostShown} more`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Control and format characters could turn or move what a person reads; a line break could begin a header. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');

function cut(text: string, length: number): string {
  const characters = [...printable(text)];
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`;
}
