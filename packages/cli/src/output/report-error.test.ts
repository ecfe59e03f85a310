import { problem } from '@muster/api';
import { InventoryError } from '@muster/core';
import { ProvisionError } from '@muster/provision';
import { SshError } from '@muster/ssh';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CliError } from '../cli-error.ts';
import { reportError } from './report-error.ts';

let said = '';
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());

/** An error of another room, which tells itself by its name. */
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

describe('an error', () => {
  const host = { name: 'web1', address: '10.0.0.1', port: 22 };
  it.each([
    ['of the command line', new CliError('Say which.', 2), 2, 'Say which.'],
    ['of a command', new CliError('It is gone.'), 1, 'It is gone.'],
    ['of the server', problem('not-found', 'There is no node web9.'), 1, 'There is no node web9.'],
    ['of the inventory', new InventoryError({ problem: 'no such file', advice: 'Look.' }), 1, 'no such file. Look.'],
    ['of a step on a host', new ProvisionError('tar failed'), 1, 'tar failed'],
    [
      'of SSH',
      new SshError({ kind: 'timeout', host, what: 'nobody answers', advice: 'Look.' }),
      1,
      'web1 (10.0.0.1:22): nobody answers. Look.',
    ],
    ['of a store that does not open', named('StoreRefused', 'The data are of a newer version.'), 1, 'The data are of a newer version.'],
    ['of a store that is away', named('StoreUnavailable', 'The database is away.'), 1, 'The database is away.'],
    ['of a start', named('StartError', 'Port 7420 is taken.'), 1, 'Port 7420 is taken.'],
    ['of a configuration', named('ConfigError', 'a: wrong\nb: wrong'), 1, 'a: wrong\nb: wrong'],
  ])('%s is told by its message alone', (_what, error, code, text) => {
    expect(reportError(error)).toBe(code);
    expect(said).toBe(`error: ${text}\n`);
  });

  it('that nobody meant to show says so, still without a stack', () => {
    expect(reportError(new TypeError('x is not a function'))).toBe(1);
    expect(said).toMatch(/^error: x is not a function\nThis message is not one Muster means to give\. .*report what it prints\.\n$/u);
    said = '';
    expect(reportError('a word')).toBe(1);
    expect(said).toContain('error: a word\n');
  });

  it('shows where it comes from only to whoever asks', () => {
    vi.stubEnv('MUSTER_LOG_LEVEL', 'debug');
    reportError(new CliError('It is gone.'));
    expect(said).toMatch(/\n\s+at /u);
    vi.unstubAllEnvs();
  });

  it('does not move the terminal with what a host said', () => {
    reportError(new ProvisionError('tar: \u001B[2Jgone\nnext'));
    expect(said).toBe('error: tar: \uFFFD[2Jgone\nnext\n');
  });
});
