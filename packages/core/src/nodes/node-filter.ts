import type { NodeFilterKey, NodeSortKey } from '@muster/api';
import type { Moment } from '../text/moment.ts';

export type NodeSort = { readonly key: NodeSortKey | `label.${string}`; readonly descending: boolean };

export const comparisons = ['>=', '<=', '!=', '>', '<', '='] as const;
export type Comparison = (typeof comparisons)[number];

/** A filter as it was understood. */
export type NodeFilter =
  /** Holds a part of the value, ignoring case; `whole`: is the value, and the empty one is that of nodes without any. */
  | { readonly kind: 'text'; readonly key: NodeFilterKey; readonly value: string; readonly whole: boolean }
  /** Is one of these. */
  | { readonly kind: 'choice'; readonly key: NodeFilterKey; readonly values: readonly string[] }
  /** Has one of these among its values. */
  | { readonly kind: 'list'; readonly key: NodeFilterKey; readonly values: readonly string[] }
  | { readonly kind: 'number'; readonly key: NodeFilterKey; readonly comparison: Comparison; readonly value: number }
  | { readonly kind: 'moment'; readonly key: NodeFilterKey; readonly comparison: Comparison; readonly moment: Moment }
  /** Has no value. */
  | { readonly kind: 'none'; readonly key: NodeFilterKey }
  | { readonly kind: 'label'; readonly label: string; readonly value: string };
