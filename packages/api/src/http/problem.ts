import { z } from 'zod';

/** Stable codes of everything that can be wrong with a request. The text may change, the code does not. */
export const problemStatus = {
  'invalid-request': 400,
  'not-signed-in': 401,
  'not-allowed': 403,
  'not-found': 404,
  'node-exists': 409,
  'address-taken': 409,
  'revision-conflict': 409,
  'too-many-requests': 429,
  'internal-error': 500,
  'store-unavailable': 503,
} as const;
export type ProblemCode = keyof typeof problemStatus;

/** An error answer, application/problem+json (RFC 9457), with our stable `code` and, for bad input, where it is wrong. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(Object.keys(problemStatus) as [ProblemCode, ...ProblemCode[]]),
  detail: z.string(),
  /** One entry for each wrong member of the request. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** An error answer of the server, thrown by the client and, inside the server, by handlers. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.problem = problem;
  }
}

const titles: Record<ProblemCode, string> = {
  'invalid-request': 'The request is not valid',
  'not-signed-in': 'Sign in first',
  'not-allowed': 'You may not do this',
  'not-found': 'Not found',
  'node-exists': 'A node of this name exists',
  'address-taken': 'The address belongs to another node',
  'revision-conflict': 'The node was changed meanwhile',
  'too-many-requests': 'Too many requests',
  'internal-error': 'Something failed in the server',
  'store-unavailable': 'The database cannot be reached',
};

/** Makes the one shape of error that leaves the server. `detail` says what happened, to which node, and what to do. */
export function problem(
  code: ProblemCode,
  detail: string,
  errors?: { path: string; message: string }[],
  options?: ErrorOptions,
): ProblemError {
  const body: Problem = { type: `urn:muster:problem:${code}`, title: titles[code], status: problemStatus[code], code, detail };
  return new ProblemError(errors === undefined ? body : { ...body, errors }, options);
}
