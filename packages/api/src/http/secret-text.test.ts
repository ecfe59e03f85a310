import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import { isSecret, secretText } from './secret-text.ts';

/** Words by which a member of a request gives away that it holds a secret. */
const secretName = /password|passphrase|secret|token|^code$|key$/iu;

/** What a node shows of itself may come back in a PUT and is passed over: codes of reasons, and no second factor. */
const isShown = (path: string): boolean => path === '.health.reasons.code';

/** All members of a schema, also inside unions, lists and options, with their paths. */
function membersOf(schema: z.ZodType, path = ''): { path: string; schema: z.ZodType }[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((one) => membersOf(one as z.ZodType, path));
  if (schema instanceof z.ZodArray) return membersOf(schema.element as z.ZodType, path);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return membersOf(schema.unwrap() as z.ZodType, path);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, member]) => [
    { path: `${path}.${name}`, schema: member },
    ...membersOf(member, `${path}.${name}`),
  ]);
}

const bodies = Object.entries(routes as Record<string, Route>).flatMap(([name, { body }]) => (body === undefined ? [] : [{ name, body }]));

describe('secrets in requests', () => {
  it('are known as such through options and defaults', () => {
    expect(isSecret(secretText(z.string()))).toBe(true);
    expect(isSecret(secretText(z.string()).optional())).toBe(true);
    expect(isSecret(secretText(z.string()).nullable().default(null))).toBe(true);
    expect(isSecret(z.string().optional())).toBe(false);
  });

  it.each(bodies)('are marked in $name wherever a name gives them away', ({ body }) => {
    const unmarked = membersOf(body).filter(
      ({ path, schema }) => secretName.test(path.split('.').at(-1) ?? '') && !isSecret(schema) && !isShown(path),
    );
    expect(unmarked.map(({ path }) => path)).toEqual([]);
  });

  it('are where they are expected', () => {
    const marked = bodies.flatMap(({ name, body }) =>
      membersOf(body).flatMap((one) => (isSecret(one.schema) ? [`${name}${one.path}`] : [])),
    );
    expect(marked.toSorted()).toEqual(
      expect.arrayContaining(['setPassword.currentPassword', 'setPassword.newPassword', 'signIn.code', 'signIn.password', 'signIn.token']),
    );
  });
});
