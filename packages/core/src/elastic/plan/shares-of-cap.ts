import type { NewMachine } from '../fit/place-jobs.ts';
import type { RankedType } from '../fit/type-table.ts';

/**
 * How many machines of each type a price cap allows where it is shared out in turn: one of each wanted type after the other, dearest first, as
 * long as the price is left. The Arvados Node Manager does it so.
 */
export function sharesOfCap(wanted: readonly NewMachine[], ranked: readonly RankedType[], priceMicros: number): number[] {
  const missing = ranked.map(() => 0);
  for (const { ranked: one } of wanted) missing[one.rank] = (missing[one.rank] ?? 0) + 1;
  const shares = ranked.map(() => 0);
  let [left, given] = [priceMicros, true];
  while (given) {
    given = false;
    for (const { rank, type } of ranked.toReversed()) {
      if ((missing[rank] ?? 0) <= (shares[rank] ?? 0) || type.pricePerHourMicros > left) continue;
      shares[rank] = (shares[rank] ?? 0) + 1;
      left -= type.pricePerHourMicros;
      given = true;
    }
  }
  return shares;
}
