import { RunPhase } from '@muster/api';
import type { RunOutcome } from '@muster/core';
import { z } from 'zod';

const Failure = z.object({ phase: z.string(), kind: z.string(), message: z.string() });
const Line = z.discriminatedUnion('event', [
  z.object({ event: z.literal('phase-started'), phase: z.string(), hosts: z.number() }),
  z.object({
    event: z.literal('host-finished'),
    phase: z.string(),
    host: z.string(),
    status: RunPhase.shape.status,
    seconds: z.number(),
    changes: z.array(z.object({ what: z.string() })),
    warnings: z.array(z.string()).optional(),
    failure: Failure.optional(),
  }),
  z.object({ event: z.literal('phase-finished'), phase: z.string() }),
  z.object({ event: z.literal('finished') }),
]);

/** What a line of `muster apply -o json` tells. */
export type RunLine =
  | { readonly event: 'phase-started'; readonly phase: string; readonly hosts: number }
  | ({ readonly event: 'host-finished'; readonly phase: string } & RunOutcome)
  | { readonly event: 'phase-finished'; readonly phase: string }
  | { readonly event: 'finished' };

/** Reads a line; undefined for what is none of them. What a later program tells besides is left out. */
export function readLine(line: string): RunLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = Line.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
