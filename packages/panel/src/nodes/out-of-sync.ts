import type { NodeSync } from '@muster/api';
import { createContext } from 'react';

/** Nodes whose environments are not what they should be, by id; the cells of the table look themselves up. */
export const OutOfSync = createContext<ReadonlyMap<string, NodeSync>>(new Map());
