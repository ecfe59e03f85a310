import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { parseConfig, readConfig } from './config.ts';

const parse = (value: unknown): unknown => parseConfig(JSON.stringify(value), '/etc/muster/agent.json');

describe('the configuration', () => {
  it('takes every key', () => {
    const value = { watch: ['ssh.service', 'slurm*.service'], servers: ['a.example:7443', '[2001:db8::1]:7443'], logLevel: 'debug' };
    expect(parse(value)).toEqual(value);
  });

  it('has defaults for every key', () => expect(parse({})).toEqual({ watch: [], logLevel: 'info' }));

  it('starts a unit once after enrolment', () =>
    expect(parse({ startAfterEnrolment: ['b.service', 'a.timer', 'b.service'] })).toMatchObject({
      startAfterEnrolment: ['b.service', 'a.timer'],
    }));

  it('watches a unit once', () => expect(parse({ watch: ['a.service', 'a.service'] })).toMatchObject({ watch: ['a.service'] }));

  it.each([
    [{ wacth: [] }, /unknown key "wacth"; known are watch, servers, logLevel, startAfterEnrolment/],
    [{ watch: 'ssh.service' }, /a list of texts as "watch"/],
    [{ watch: [1] }, /a list of texts as "watch"/],
    [{ watch: ['--version'] }, /watches "--version", which is not the name of a systemd unit/],
    [{ watch: Array.from({ length: 300 }, (_, index) => `a${index}.service`) }, /watches 300 units; at most 256/],
    [{ startAfterEnrolment: 'nginx.service' }, /a list of texts as "startAfterEnrolment"/],
    [{ startAfterEnrolment: ['nginx'] }, /starts "nginx" after enrolment, which is not the name of a systemd unit/],
    [{ startAfterEnrolment: ['slurm*.service'] }, /which is a pattern: name each unit/],
    [{ servers: [] }, /empty list of servers/],
    [{ servers: ['a'] }, /names the server "a", which is not host:port/],
    [{ logLevel: 'loud' }, /logLevel other than debug, info, warn, error/],
    [[], /must hold one JSON object/],
    [null, /must hold one JSON object/],
  ])('refuses %j', (value, message) => {
    expect(() => parse(value)).toThrow(message);
    expect(() => parse(value)).toThrow(/^The configuration \/etc\/muster\/agent\.json/u);
  });

  it('says on one line that a file is not JSON', () =>
    expect(() => parseConfig('{\n"watch": [,]}', 'f')).toThrow(/^The configuration f is not JSON: [^\n]+$/u));
});

describe('its file', () => {
  it('is read', async () => {
    const file = join(temporaryFolder(), 'agent.json');
    writeFileSync(file, '{"watch": ["ssh.service"]}');
    expect(await readConfig(file)).toEqual({ watch: ['ssh.service'], logLevel: 'info' });
  });

  it('must be there when it was named', async () => {
    await expect(readConfig('/no/such/file')).rejects.toMatchObject({ code: 'usage', exitStatus: 2 });
  });
});

describe('the host name to report', () => {
  it('is the one of the configuration, where it has one', () => {
    expect(parseConfig('{"hostname": "demo-1"}', 'f').hostname).toBe('demo-1');
    expect(parseConfig('{}', 'f').hostname).toBeUndefined();
  });

  it.each(['""', '"-x"', '"a b"', '7', '"a\\n"'])('is refused when it is none: %s', (text) => {
    expect(() => parseConfig(`{"hostname": ${text}}`, '/etc/muster/agent.json')).toThrow(/agent\.json has a "hostname"/u);
  });
});
