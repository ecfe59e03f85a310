/** The largest index that Slurm can be configured for (slurm.conf(5), MaxArraySize). */
const largestIndex = 4_000_001;

/**
 * Which tasks of a job array still wait, and how many may run at once, by the words of Slurm: `3-5%2`, `1,3,7-20:4`. Undefined where the text was
 * cut off or is none. Pure.
 */
export function arrayTasks(text: string): { readonly waiting: readonly number[]; readonly atOnce: number } | undefined {
  const [, list = '', limit] = /^([\d,:-]+)(?:%(\d+))?$/u.exec(text) ?? [];
  if (list === '') return undefined;
  const waiting: number[] = [];
  for (const part of list.split(',')) {
    const [, first, last, step = '1'] = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/u.exec(part) ?? [];
    const end = Number(last ?? first);
    if (first === undefined || Number(step) === 0 || end < Number(first) || end > largestIndex) return undefined;
    for (let index = Number(first); index <= end; index += Number(step)) waiting.push(index);
  }
  return { waiting, atOnce: limit === undefined ? Infinity : Number(limit) };
}
