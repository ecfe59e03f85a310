/** The largest index that Slurm can be configured for (slurm.conf(5), MaxArraySize). */
const largestIndex = 4_000_001;

/**
 * Which tasks of a job array still wait, and how many may run at once, by the words of Slurm: `3-5%2`, `1,3,7-20:4`. Undefined where the text was
 * cut off or is none. Pure.
 */
export function arrayTasks(text: string): { readonly waiting: readonly number[]; readonly atOnce: number } | undefined {
  const [, list, limit] = /^([\d,:-]+)(?:%(\d+))?$/u.exec(text) ?? [];
  const parts = list?.split(',').map(indexesOf) ?? [undefined];
  const waiting = parts.filter((part) => part !== undefined).flat();
  if (parts.includes(undefined)) return undefined;
  return { waiting, atOnce: limit === undefined ? Infinity : Number(limit) };
}

/** Of `5`, `7-20` or `7-20:4`. */
function indexesOf(part: string): number[] | undefined {
  const [, from, to, by] = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/u.exec(part) ?? [];
  if (from === undefined) return undefined;
  const [first, last, step] = [Number(from), Number(to ?? from), Number(by ?? 1)];
  if (step === 0 || last < first || last > largestIndex) return undefined;
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, at) => first + at * step);
}
