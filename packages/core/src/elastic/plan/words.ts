/** An amount of bytes for a sentence. */
export function readableBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let [amount, at] = [bytes, 0];
  for (; amount >= 1024 && at < units.length - 1; at += 1) amount /= 1024;
  return `${Number(amount.toFixed(1))} ${units[at]}`;
}

/** Millionths of the currency's unit for a sentence. */
export const readableMoney = (micros: number): string => String(Number((micros / 1_000_000).toFixed(4)));

/** A time in minutes for a sentence. */
export const readableMinutes = (ms: number): string => `${Math.max(0, Math.ceil(ms / 60_000))} min`;

/** `one machine`, `3 machines`. */
export const machines = (count: number): string => (count === 1 ? 'one machine' : `${count} machines`);
