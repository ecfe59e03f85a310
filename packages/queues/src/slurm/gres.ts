/** Generic resources that are asked for, or that a node has. */
export type Gres = { readonly gpus: number; /** Models of GPU, and other resources than GPUs. */ readonly words: readonly string[] };

/** What Slurm writes where there are none. */
const none: ReadonlySet<string> = new Set(['', '(null)', 'N/A']);

/**
 * Reads `gres:gpu:1`, `gres/gpu:a100:2,gres/nic:1`, `gpu:2(S:0-1)`; a resource without a number is one. A model is a word `gpu:a100`, another resource
 * one of its own name. Undefined for what is no such list. Pure.
 */
export function readGres(text: string): Gres | undefined {
  if (none.has(text)) return { gpus: 0, words: [] };
  const parts = text
    .replaceAll(/\([^)]*\)/gu, '')
    .split(',')
    .map(readPart);
  const read = parts.filter((part) => part !== undefined);
  if (read.length < parts.length) return undefined;
  return { gpus: read.reduce((sum, { gpus }) => sum + gpus, 0), words: read.flatMap(({ words }) => words) };
}

/** Of one resource. */
function readPart(part: string): Gres | undefined {
  const [, name, model, number] = /^(?:gres[:/])?([a-z_]\w*)(?::([a-z_]\w*))?(?:[:=](\d+)[KMG]?)?$/iu.exec(part.trim()) ?? [];
  if (name === undefined) return undefined;
  const amount = Number(number ?? 1);
  if (name !== 'gpu') return { gpus: 0, words: amount > 0 ? [name] : [] };
  return { gpus: amount, words: model !== undefined && amount > 0 ? [`gpu:${model}`] : [] };
}
