/** One line of a plot: its name, its values, and the class that gives it its colour. */
export type Series = { readonly name: string; readonly values: readonly (number | null)[]; readonly colour: SeriesColour };
export type SeriesColour = 'good' | 'degraded' | 'bad' | 'unknown' | 'first' | 'second' | 'third';

/** A series in four numbers; null where it has no value at all. */
export type Summary = {
  readonly name: string;
  readonly last: number;
  readonly least: number;
  readonly most: number;
  readonly mean: number;
};

/** What a series says in numbers, for whoever does not see the plot. */
export function summaryOf({ name, values }: Series): Summary | null {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return null;
  return {
    name,
    last,
    least: Math.min(...known),
    most: Math.max(...known),
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
  };
}
