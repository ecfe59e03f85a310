import type { OperationSpec } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { planOperation } from './plan-operation.ts';

describe('the plan of an operation', () => {
  it.each<[OperationSpec, string, string]>([
    [{ kind: 'service', action: 'restart', unit: 'ssh.service' }, 'restart ssh.service', 'service'],
    [{ kind: 'exec', command: ['ls', '-l', 'a b', '$x'], timeoutSeconds: 5 }, 'ls -l "a b" "$x"', 'exec'],
    [{ kind: 'exec', command: ['echo', '\u001B[2J\n', ''], timeoutSeconds: 5 }, String.raw`echo "\u001b[2J\n" ""`, 'exec'],
    [{ kind: 'rotate' }, 'rotate the certificate', 'rotate'],
    [{ kind: 'agent', action: 'stop' }, 'stop the agent', 'stop-agent'],
  ])('for %j says %s and asks for %s', (spec, title, action) => {
    expect(planOperation(spec)).toMatchObject({ title, action, work: { kind: spec.kind } });
  });

  it('gives a command the time that was asked for, and its words unchanged', () => {
    const command = ['printf', '%s', '; rm -rf /'];
    expect(planOperation({ kind: 'exec', command, timeoutSeconds: 7 })).toMatchObject({
      timeoutSeconds: 7,
      doneBy: 'agent',
      lane: 'control',
      work: { kind: 'exec', command },
    });
  });

  it('has the server do what is about the agent itself', () => {
    expect(planOperation({ kind: 'agent', action: 'restart' }).doneBy).toBe('server');
  });

  it('has a title that fits on a line, however long the command', () => {
    const { title } = planOperation({ kind: 'exec', command: ['echo', 'x'.repeat(10_000)], timeoutSeconds: 1 });
    expect([title.length, title.at(-1)]).toEqual([201, '…']);
  });
});
