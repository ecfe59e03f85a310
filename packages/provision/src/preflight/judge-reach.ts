import { error, type Finding } from './checks.ts';
import type { Need } from './port-table.ts';
import type { ProbeResult } from './probe.ts';

/** What became of one need. */
export type Tried = Need & { readonly result: ProbeResult };

const words: Readonly<Record<ProbeResult, string>> = {
  ok: 'reached',
  refused: 'refused',
  unreachable: 'unreachable (a firewall forbids it, or there is no route)',
  timeout: 'no answer (dropped?)',
  other: 'another program answered, not the one that listens there',
};

/** `worker1 -> driver tcp/6443: no answer (dropped?)` */
const sentence = ({ from, to, protocol, port, result }: Tried): string => `${from} -> ${to} ${protocol}/${port}: ${words[result]}`;

/**
 * Whom to hold for what was not reached, so that one closed host does not stop the others: the host that nobody reaches on a port, where
 * several tried; else the one that tried, unless it is the driver. Pure.
 */
export function judgeReach(tried: readonly Tried[], driver: string | undefined): Map<string, Finding[]> {
  const portOf = ({ to, protocol, port }: Tried): string => `${to} ${protocol}/${port}`;
  const byPort = Map.groupBy(tried, portOf);
  const findings = new Map<string, Finding[]>();
  for (const one of tried.filter(({ result }) => result !== 'ok')) {
    const others = byPort.get(portOf(one)) ?? [];
    const isClosed = others.length > 1 && others.every(({ result }) => result !== 'ok');
    const held = isClosed || one.from === driver ? one.to : one.from;
    findings.set(held, [...(findings.get(held) ?? []), error('ports-reachable', sentence(one))]);
  }
  return findings;
}
