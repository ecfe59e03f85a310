import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatDateTime } from '../ui/format.ts';
import type { Series } from './series.ts';

type Props = {
  /** Seconds since the epoch. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly unit: (value: number) => string;
  /** Distances that marks of the upright axis may have. */
  readonly steps?: readonly number[];
  readonly label: string;
};

const height = 220;
const syncKey = 'muster-figures';

/** The colours of the theme in force, read where the plot stands: a canvas knows no style sheet. */
function coloursOf(element: HTMLElement): (name: string) => string {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--mp-plot-${name}`).trim();
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const hourFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const daySeconds = 86_400;

/** Marks of the level axis: hours within days, and the day where one begins. */
const momentTexts = (seconds: readonly number[], distance: number): string[] =>
  seconds.map((second, at) => {
    const moment = new Date(second * 1000);
    const isDay = distance >= daySeconds || (moment.getHours() === 0 && moment.getMinutes() === 0);
    const day = dayFormat.format(moment);
    return isDay ? day : at === 0 ? `${hourFormat.format(moment)}\n${day}` : hourFormat.format(moment);
  });

function optionsOf({ series, unit, steps }: Props, element: HTMLElement): UPlot.Options {
  const colour = coloursOf(element);
  const axis = {
    font: `12px ${getComputedStyle(element).fontFamily}`,
    stroke: colour('text'),
    grid: { stroke: colour('grid'), width: 1 },
    ticks: { stroke: colour('grid'), width: 1 },
  };
  return {
    width: Math.max(200, element.clientWidth),
    height,
    cursor: { sync: { key: syncKey } },
    legend: { live: true },
    scales: { y: { range: (_, __, most) => [0, most <= 0 ? 1 : most * 1.05] } },
    axes: [
      { ...axis, values: (_, values, __, ___, distance) => momentTexts(values, distance) },
      { ...axis, size: 62, ...(steps === undefined ? {} : { incrs: [...steps] }), values: (_, values) => values.map(unit) },
    ],
    series: [
      {
        label: 'Time',
        value: (_: UPlot, value: number | null) => (value === null ? '–' : formatDateTime(new Date(value * 1000).toISOString())),
      },
      ...series.map(({ name, colour: its }) => ({
        label: name,
        stroke: colour(its),
        width: 1.5,
        points: { show: false },
        value: (_: UPlot, value: number | null) => (value === null ? '–' : unit(value)),
      })),
    ],
  };
}

/** Lines over time. It is drawn anew when the theme or the width changes; what it shows stands in a table beside it. */
export function Plot(props: Props) {
  const { times, series, label } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const data: UPlot.AlignedData = [[...times], ...series.map(({ values }) => [...values])];
    let plot = new UPlot(optionsOf(props, element), data, element);
    const redraw = () => {
      plot.destroy();
      plot = new UPlot(optionsOf(props, element), data, element);
    };
    const sizes = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height }));
    sizes.observe(element);
    const themes = new MutationObserver(redraw);
    themes.observe(document.documentElement, { attributeFilter: ['class'] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
      plot.destroy();
    };
  }, [props, times, series]);
  return <div ref={box} role="img" aria-label={label} className="mp-plot" />;
}
