/** Generic resources that are asked for, or that a node has. */
export type Gres = { readonly gpus: number; /** Models of GPU, and other resources than GPUs. */ readonly words: readonly string[] };

/**
 * Reads `gres:gpu:1`, `gres/gpu:a100:2,gres/nic:1`, `gpu:2(S:0-1)`; a resource without a number is one. A model is a word `gpu:a100`, another resource
 * one of its own name. Undefined for what is no such list. Pure.
 */
export function readGres(text: string): Gres | undefined {
  if (text === '' || text === '(null)' || text === 'N/A') return { gpus: 0, words: [] };
  let gpus = 0;
  const words: string[] = [];
  for (const part of text.replaceAll(/\([^)]*\)/gu, '').split(',')) {
    const [, name = '', model, number] = /^(?:gres[:/])?([a-z_]\w*)(?::([a-z_]\w*))?(?:[:=](\d+)[KMG]?)?$/iu.exec(part.trim()) ?? [];
    if (name === '') return undefined;
    const amount = Number(number ?? 1);
    if (name !== 'gpu') {
      if (amount > 0) words.push(name);
      continue;
    }
    gpus += amount;
    if (model !== undefined && amount > 0) words.push(`gpu:${model}`);
  }
  return { gpus, words };
}
