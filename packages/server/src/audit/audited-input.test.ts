import { type Route, routes, secretText } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditedInput } from './audited-input.ts';

const bodyOf = (name: keyof typeof routes): z.ZodType | undefined => (routes[name] as Route).body;

describe('what the audit log keeps of a request', () => {
  it('is of a file’s bytes only how many there were, told at once', () => {
    const before = performance.now();
    expect(auditedInput(bodyOf('uploadArtifact'), new Uint8Array(8_388_608))).toEqual({ bytes: 8_388_608 });
    expect(performance.now() - before).toBeLessThan(500);
  });

  it('is what was sent, without secrets', () => {
    expect(auditedInput(bodyOf('signIn'), { email: 'ada@example.org', password: 'hunter2', code: '123456' })).toEqual({
      email: 'ada@example.org',
      password: '(secret)',
      code: '(secret)',
    });
    expect(auditedInput(bodyOf('signIn'), { token: 'abc' })).toEqual({ token: '(secret)' });
    expect(auditedInput(bodyOf('setPassword'), { newPassword: 'a', currentPassword: 'b' })).toEqual({
      newPassword: '(secret)',
      currentPassword: '(secret)',
    });
    expect(auditedInput(bodyOf('invitePerson'), { email: 'a@x.org', groups: ['web'], mayExec: false })).toEqual({
      email: 'a@x.org',
      groups: ['web'],
      mayExec: false,
    });
    expect(auditedInput(bodyOf('startOperation'), { spec: { kind: 'exec', command: ['uptime'] }, range: 'web[1-9]' })).toEqual({
      spec: { kind: 'exec', command: ['uptime'] },
      range: 'web[1-9]',
    });
  });

  it('is nothing where nothing is sent', () => {
    expect(auditedInput(undefined, { a: 1 })).toBeNull();
    expect(auditedInput(bodyOf('signIn'), undefined)).toBeNull();
    expect(auditedInput(z.string(), 'text')).toBeNull();
  });

  it.each(['password', 'newPassword', 'passphrase', 'clientSecret', 'joinToken', 'privateKey', 'api_key', 'code', 'credentials', 'Cookie'])(
    'leaves out a member named %s, whatever its schema says',
    (name) =>
      expect(auditedInput(z.record(z.string(), z.string()), { [name]: 'hunter2', notes: 'x' })).toEqual({ [name]: '(secret)', notes: 'x' }),
  );

  it('leaves out what a schema marks, wherever it stands', () => {
    const inner = z.object({ plain: z.string(), hidden: secretText(z.string()) });
    const schema = z.object({
      list: z.array(z.union([inner, z.string()])),
      map: z.record(z.string(), inner.optional()),
      perhaps: inner.nullable().default(null),
      whole: secretText(z.object({ a: z.string() })),
    });
    const value = { plain: 'p', hidden: 'hunter2' };
    const shown = auditedInput(schema, { list: [value, 'x'], map: { m: value }, perhaps: value, whole: { a: 'hunter2' } });
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown).toMatchObject({ list: [{ plain: 'p' }, 'x'], map: { m: { plain: 'p' } }, perhaps: { plain: 'p' }, whole: '(secret)' });
  });

  it('is short, however much was sent', () => {
    const schema = z.object({ text: z.string(), list: z.array(z.string()), deep: z.unknown() });
    const shown = auditedInput(schema, { text: 'x'.repeat(600), list: Array.from({ length: 150 }, () => 'y'), deep: null });
    expect(shown).toMatchObject({ text: expect.stringMatching(/^x{500} \(and 100 more characters\)$/u) as string });
    expect(shown?.['list']).toHaveLength(101);
    const wide = auditedInput(schema, { text: '', list: Array.from({ length: 100 }, () => 'z'.repeat(400)), deep: null });
    expect(wide).toEqual({ leftOut: 'what was sent is too long to be kept' });
    let deep: unknown = 'end';
    for (let i = 0; i < 50; i++) deep = { deep };
    expect(JSON.stringify(auditedInput(schema, { deep }))).toContain('(left out)');
  });

  it('never fails and never shows a marked member, for any JSON', () => {
    const schema = z.object({ marked: secretText(z.unknown()), other: z.unknown() });
    fc.assert(
      fc.property(fc.jsonValue(), (other) => {
        const shown = JSON.stringify(auditedInput(schema, { marked: 'hunter2-hunter2', other }));
        expect(shown).not.toContain('hunter2-hunter2');
        expect(shown.length).toBeLessThan(20_000);
      }),
    );
  });
});
