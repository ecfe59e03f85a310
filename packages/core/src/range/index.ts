export { expandRange, type ExpandOptions } from './expand-range.ts';
export { foldNames } from './fold-names.ts';
export { inlineRangeFiles, type InlinedRange } from './inline-files.ts';
export { compareNatural } from './natural-order.ts';
export { NodeRangeError } from './node-range-error.ts';
export { parseRange } from './parse-range.ts';
export type { RangeAst } from './range-ast.ts';
export type { AttributeValue, RangeWorld } from './range-world.ts';
