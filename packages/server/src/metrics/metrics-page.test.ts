import { readFileSync } from 'node:fs';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ownMetrics } from './own-metrics.ts';

const docs = (name: string) => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
const typeOf = (metric: unknown) =>
  metric instanceof Counter ? 'counter' : metric instanceof Histogram ? 'histogram' : metric instanceof Gauge ? 'gauge' : '';

type Described = { readonly name: string; readonly help: string; readonly labelNames: readonly string[] };
const metrics = Object.values(ownMetrics(new Registry())) as unknown as Described[];

describe('the page about the metrics', () => {
  it('has every metric with its type, labels and meaning, in their order, and no other', () => {
    const rows = docs('metrics.md')
      .split('\n')
      .filter((line) => line.startsWith('| `muster_'))
      .map((line) =>
        line
          .split('|')
          .slice(1, 5)
          .map((cell) => cell.trim()),
      );
    expect(rows).toEqual(
      metrics.map((metric) => [
        `\`${metric.name}\``,
        typeOf(metric),
        metric.labelNames.map((label) => `\`${label}\``).join(', '),
        metric.help,
      ]),
    );
  });
});

type Panel = {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly gridPos: object;
  readonly id: number;
};
type Dashboard = {
  readonly title: string;
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: { readonly name: string; readonly query?: unknown }[] };
};

describe('the dashboard', () => {
  const text = docs('grafana/muster.json');
  const dashboard = JSON.parse(text) as Dashboard;
  const known = new Set(
    metrics.flatMap((metric) =>
      typeOf(metric) === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => metric.name + end) : [metric.name],
    ),
  );

  it('asks for metrics that are there, and for most of them', () => {
    const asked = new Set([...text.matchAll(/muster_[a-z_]+/gu)].map(([name]) => name));
    for (const name of asked) expect(known, name).toContain(name);
    const shown = metrics.filter((metric) => [...asked].some((name) => name.startsWith(metric.name)));
    expect(metrics.length - shown.length).toBeLessThanOrEqual(2);
  });

  it('asks by labels that the metrics have', () => {
    const labelsOf = new Map(metrics.map((metric) => [metric.name, new Set([...metric.labelNames, 'le', 'job', 'instance'])]));
    for (const [, name = '', selector = ''] of text.matchAll(/(muster_[a-z_]+)\{((?:[^{}]|\\")*)\}/gu)) {
      const labels = labelsOf.get(name) ?? labelsOf.get(name.replace(/_(?:bucket|sum|count)$/u, ''));
      for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/gu)) expect(labels, `${name}{${label}}`).toContain(label);
    }
  });

  it('has panels that each have a title, a number and a query', () => {
    expect(dashboard).toMatchObject({ title: 'Muster', uid: 'muster' });
    const ids = dashboard.panels.map((panel) => panel.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const panel of dashboard.panels) {
      expect(panel).toMatchObject({ title: expect.stringMatching(/./u), gridPos: { w: expect.any(Number), h: expect.any(Number) } });
      for (const { expr } of panel.targets ?? []) expect(balanced(expr), expr).toBe(true);
    }
  });
});

/** Whether every bracket of a query is closed, in order. */
function balanced(text: string): boolean {
  const open: string[] = [];
  for (const sign of text) {
    if ('([{'.includes(sign)) open.push(sign);
    if (')]}'.includes(sign) && open.pop() !== '([{'[')]}'.indexOf(sign)]) return false;
  }
  return open.length === 0;
}
