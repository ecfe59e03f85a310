import { SshError } from '@muster/ssh';
import { describe, expect, it } from 'vitest';
import { ProvisionError } from '../provision-error.ts';
import { failureOf } from './failure.ts';

const host = { name: 'web1', address: '10.0.0.11', port: 22 };

describe('why a host failed', () => {
  it('is told with the command that failed, where there was one', () => {
    const error = new ProvisionError('sudo is missing', { command: 'sudo id -u' });
    expect(failureOf('connect', 'web1', error)).toEqual({
      host: 'web1',
      phase: 'connect',
      kind: 'failed',
      command: 'sudo id -u',
      message: 'sudo is missing',
    });
    expect(failureOf('connect', 'web1', new ProvisionError('no address'))).not.toHaveProperty('command');
  });

  it('is told by the kind of an SSH error', () => {
    const error = new SshError({ kind: 'unreachable', host, what: 'nothing answers', advice: 'Is it up?' });
    expect(failureOf('connect', 'web1', error)).toEqual({
      host: 'web1',
      phase: 'connect',
      kind: 'unreachable',
      message: 'web1 (10.0.0.11:22): nothing answers. Is it up?',
    });
  });

  it.each([
    [new TypeError('not a function'), 'not a function'],
    ['a plain word', 'a plain word'],
    [undefined, 'undefined'],
  ])('is told of anything else that was thrown: %s', (thrown, message) => {
    expect(failureOf('agent', 'web1', thrown)).toEqual({ host: 'web1', phase: 'agent', kind: 'failed', message });
  });
});
