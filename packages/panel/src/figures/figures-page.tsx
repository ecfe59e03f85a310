import type { FleetFigures } from '@muster/api';
import { PageSection, Title, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '../api/client.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Loading } from '../ui/loading.tsx';
import { ProblemState } from '../ui/problem-alert.tsx';
import { PlotCard } from './plot-card.tsx';
import type { Series } from './series.ts';
import './figures.css';

const spans = [
  { hours: 1, text: 'Hour' },
  { hours: 24, text: 'Day' },
  { hours: 168, text: 'Week' },
  { hours: 720, text: 'Month' },
] as const;

/** The fleet over the last hours. It is sampled once a minute, so it is not fetched more often. */
const figuresQuery = (hours: number) =>
  queryOptions({
    queryKey: ['figures', hours],
    queryFn: ({ signal }) => api.getFleetFigures({ query: { since: new Date(Date.now() - hours * 3_600_000).toISOString() } }, signal),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });

const asCount = (value: number): string => String(Math.round(value * 10) / 10);
const asSeconds = (value: number): string => (value < 60 ? `${Math.round(value * 10) / 10} s` : `${Math.round(value / 6) / 10} min`);
/** Distances of marks that are whole in seconds, minutes or hours. */
const secondSteps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 21_600, 86_400];
const whole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000];
/** What tasks of a kind are called. */
const kindTexts: Readonly<Record<string, string>> = {
  rotate: 'Rotations of host keys',
  exec: 'Commands',
  service: 'Services started, stopped, restarted',
  agent: 'Agents started, stopped, restarted',
  environment: 'Environments built',
};

/** How the fleet fared over time. */
export function FiguresPage() {
  useDocumentTitle('Figures');
  const [hours, setHours] = useState<number>(24);
  const { data, error, failureReason } = useQuery(figuresQuery(hours));
  const problem = data === undefined ? (error ?? failureReason) : null;
  return (
    <PageSection isFilled>
      <div className="mp-head">
        <Title headingLevel="h1">Figures</Title>
        <ToggleGroup aria-label="How far back" isCompact>
          {spans.map((span) => (
            <ToggleGroupItem
              key={span.hours}
              text={span.text}
              buttonId={`figures-${span.hours}`}
              isSelected={hours === span.hours}
              onChange={() => setHours(span.hours)}
            />
          ))}
        </ToggleGroup>
      </div>
      {problem !== null && <ProblemState error={problem} />}
      {problem === null && data === undefined && <Loading label="Loading the figures" />}
      {data !== undefined && <Plots figures={data} />}
    </PageSection>
  );
}

function Plots({ figures }: { figures: FleetFigures }) {
  const health = useMemo(() => healthSeries(figures), [figures]);
  const heartbeat = useMemo(() => heartbeatSeries(figures), [figures]);
  const tasks = useMemo(() => figures.tasks.map((one) => ({ kind: one.kind, series: taskSeries(one) })), [figures]);
  return (
    <div className="mp-plots">
      <PlotCard id="plot-health" title="Nodes by health" times={figures.times} series={health} unit={asCount} steps={whole} />
      <PlotCard
        id="plot-heartbeat"
        title="Time since the last heartbeat"
        times={figures.times}
        series={heartbeat}
        unit={asSeconds}
        steps={secondSteps}
      />
      {tasks.map(({ kind, series }) => (
        <PlotCard
          key={kind}
          id={`plot-${kind}`}
          title={`${kindTexts[kind] ?? kind}: how long they take`}
          times={figures.times}
          series={series}
          unit={asSeconds}
          steps={secondSteps}
        />
      ))}
    </div>
  );
}

const healthSeries = ({ nodes }: FleetFigures): Series[] => [
  { name: 'Good', values: nodes.good, colour: 'good' },
  { name: 'Degraded', values: nodes.degraded, colour: 'degraded' },
  { name: 'Bad', values: nodes.bad, colour: 'bad' },
  { name: 'Unknown', values: nodes.unknown, colour: 'unknown' },
];

const heartbeatSeries = ({ heartbeatAgeSeconds: { p50, p95, max } }: FleetFigures): Series[] => [
  { name: 'Half of the nodes', values: p50, colour: 'first' },
  { name: '95 in 100', values: p95, colour: 'second' },
  { name: 'The longest', values: max, colour: 'third' },
];

const taskSeries = ({ p50Seconds, p95Seconds }: FleetFigures['tasks'][number]): Series[] => [
  { name: 'Half of them', values: p50Seconds, colour: 'first' },
  { name: '95 in 100', values: p95Seconds, colour: 'second' },
];
