import type { OperationResult } from '@muster/api';
import { foldNames } from '../range/index.ts';

/** Nodes with the same result, and that result. */
export type ResultGroup = Omit<OperationResult, 'range' | 'count'> & { readonly names: readonly string[] };

/** All outputs of an answer together may have so many characters. */
const maxOutputCharacters = 8_388_608;
const leastOutputCharacters = 1000;

/**
 * Results with their nodes as ranges. Of very many different outputs each is cut to its share, and says so: an answer has to fit into
 * memory and browser. The whole output of one task is there by itself.
 */
export function foldResults(groups: readonly ResultGroup[]): OperationResult[] {
  const share = Math.max(leastOutputCharacters, Math.floor(maxOutputCharacters / Math.max(1, groups.length)));
  return groups.map(({ names, output, truncated, ...rest }) => ({
    range: foldNames(names),
    count: names.length,
    ...rest,
    output: output.slice(0, share),
    truncated: truncated || output.length > share,
  }));
}
