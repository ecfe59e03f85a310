import { describe, expect, it } from 'vitest';
import { Problem, problem, type ProblemCode, ProblemError, problemStatus } from './problem.ts';

const codes = Object.keys(problemStatus) as ProblemCode[];

describe('an error answer', () => {
  it.each(codes)('%s has a type, a title, its status and the detail', (code) => {
    const error = problem(code, 'Node web1 is there already. Choose another name.');
    expect(error).toBeInstanceOf(ProblemError);
    expect(error.message).toBe(error.problem.detail);
    expect(Problem.parse(error.problem)).toEqual({
      type: `urn:muster:problem:${code}`,
      title: expect.stringMatching(/^[A-Z]/u),
      status: problemStatus[code],
      code,
      detail: 'Node web1 is there already. Choose another name.',
    });
  });

  it('lists what is wrong in the request, where there is such a list', () => {
    const errors = [{ path: 'name', message: 'too long' }];
    expect(problem('invalid-request', 'no', errors).problem.errors).toEqual(errors);
    expect('errors' in problem('invalid-request', 'no').problem).toBe(false);
  });

  it('keeps its cause to itself', () => {
    const cause = new Error('password=hunter2');
    const error = problem('internal-error', 'Something failed.', undefined, { cause });
    expect(error.cause).toBe(cause);
    expect(JSON.stringify(error.problem)).not.toContain('hunter2');
  });

  it('is told by codes that stay: a new one is added, none is renamed', () => {
    expect(codes.toSorted()).toMatchInlineSnapshot(`
      [
        "address-taken",
        "artifact-damaged",
        "artifact-in-use",
        "authority-step",
        "environment-exists",
        "internal-error",
        "invalid-request",
        "last-administrator",
        "node-exists",
        "node-unavailable",
        "not-allowed",
        "not-found",
        "not-possible-now",
        "not-signed-in",
        "person-exists",
        "promotion-refused",
        "promotion-under-way",
        "revision-conflict",
        "second-factor-needed",
        "storage-full",
        "store-unavailable",
        "too-many-requests",
        "too-many-tasks",
        "upload-out-of-step",
        "view-exists",
        "webhook-exists",
        "would-lose-data",
      ]
    `);
  });
});
