import { z } from 'zod';

/** Stable codes of everything that can be wrong with a request. The text may change, the code does not. */
export const problemStatus = {
  'invalid-request': 400,
  'not-signed-in': 401,
  'second-factor-needed': 401,
  'not-allowed': 403,
  'not-found': 404,
  'node-exists': 409,
  'address-taken': 409,
  'revision-conflict': 409,
  'webhook-exists': 409,
  'view-exists': 409,
  'not-possible-now': 409,
  'promotion-refused': 409,
  'would-lose-data': 409,
  'promotion-under-way': 409,
  'environment-exists': 409,
  'artifact-in-use': 409,
  'upload-out-of-step': 409,
  'artifact-damaged': 422,
  'authority-step': 409,
  'node-unavailable': 409,
  'too-many-tasks': 409,
  'person-exists': 409,
  'last-administrator': 409,
  'too-many-requests': 429,
  'internal-error': 500,
  'store-unavailable': 503,
  'storage-full': 507,
} as const;
export type ProblemCode = keyof typeof problemStatus;

/** What is wrong with one member of a request. In a text such as a range, also where: a place in UTF-16 code units. */
const ProblemPart = z.object({
  path: z.string(),
  message: z.string(),
  offset: z.number().int().nonnegative().optional(),
  length: z.number().int().nonnegative().optional(),
});
export type ProblemPart = z.infer<typeof ProblemPart>;

/** An error answer, application/problem+json (RFC 9457), with our stable `code` and, for bad input, where it is wrong. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(Object.keys(problemStatus) as [ProblemCode, ...ProblemCode[]]),
  detail: z.string(),
  /** One entry for each wrong member of the request. */
  errors: z.array(ProblemPart).optional(),
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
  'second-factor-needed': 'A second factor is needed',
  'not-allowed': 'You may not do this',
  'not-found': 'Not found',
  'node-exists': 'A node of this name exists',
  'address-taken': 'The address belongs to another node',
  'revision-conflict': 'The node was changed meanwhile',
  'webhook-exists': 'A webhook of this name exists',
  'view-exists': 'A view of this name exists',
  'not-possible-now': 'The state of a node stands in the way',
  'promotion-refused': 'This server cannot be made the primary now',
  'would-lose-data': 'The copy lacks acknowledged changes',
  'promotion-under-way': 'Another promotion is under way',
  'environment-exists': 'An environment of this name exists',
  'artifact-in-use': 'An environment is made of this artifact',
  'upload-out-of-step': 'The piece does not follow on what is there',
  'artifact-damaged': 'The file is not what its SHA-256 says',
  'authority-step': 'The authority cannot take this step now',
  'node-unavailable': 'The node cannot do this now',
  'too-many-tasks': 'Too much waits for a node',
  'person-exists': 'There is an account with this address',
  'last-administrator': 'This is the last administrator',
  'too-many-requests': 'Too many requests',
  'internal-error': 'Something failed in the server',
  'store-unavailable': 'The database cannot be reached',
  'storage-full': 'The server’s disk is full',
};

/** Makes the one shape of error that leaves the server. `detail` says what happened, to which node, and what to do. */
export function problem(code: ProblemCode, detail: string, errors?: ProblemPart[], options?: ErrorOptions): ProblemError {
  const body: Problem = { type: `urn:muster:problem:${code}`, title: titles[code], status: problemStatus[code], code, detail };
  return new ProblemError(errors === undefined ? body : { ...body, errors }, options);
}
