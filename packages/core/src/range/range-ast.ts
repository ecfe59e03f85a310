import type { NumberRun } from './number-run.ts';
import type { RangeSource, Span } from './node-range-error.ts';
import type { TextPattern } from './pattern/text-pattern.ts';

/** A range, parsed. Whether its names exist only a world can tell; everything else was checked. */
export interface RangeAst extends RangeLevel {
  readonly source: RangeSource;
}

/** Items with commas between them: the whole range, or what parentheses enclose. */
export interface RangeLevel extends Span {
  readonly items: readonly RangeItem[];
}

/** Terms with @ between them: nodes that are in all of them are included, or excluded after everything on their level. */
export interface RangeItem extends Span {
  readonly excludes: boolean;
  readonly terms: readonly RangeTerm[];
}

/** `=~` and `!~` carry the pattern; the others compare with `value`. */
export type AttributeOperator = '=' | '!=' | '=~' | '!~' | '<' | '<=' | '>' | '>=';

/** What picks nodes by an attribute. */
export interface AttributeTerm extends Span {
  readonly kind: 'attribute';
  readonly attribute: string;
  readonly operator: AttributeOperator;
  readonly value: string;
  readonly pattern?: TextPattern;
}

/** What picks nodes. */
export type RangeTerm = Span &
  (
    | { readonly kind: 'all' }
    /** A node, a group, or two of them with a hyphen between: names may hold hyphens, so only a world can tell. */
    | { readonly kind: 'word'; readonly word: string }
    | { readonly kind: 'pattern'; readonly parts: readonly (string | readonly NumberRun[])[] }
    | { readonly kind: 'between'; readonly first: string; readonly last: string }
    | { readonly kind: 'from'; readonly first: string; readonly more: number }
    | { readonly kind: 'regex'; readonly pattern: TextPattern }
    | { readonly kind: 'file'; readonly path: string }
    | ({ readonly kind: 'level' } & RangeLevel)
    | AttributeTerm
  );
