import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { Config } from './config.ts';
import { printConfig } from './print-config.ts';

const withUrl = (url: string) => printConfig(Config.parse({ database: { url } }));

describe('the printed configuration', () => {
  it('is YAML that gives the same configuration again', () => {
    const config = Config.parse({ http: { port: 8080 }, agents: { addresses: ['a:1'] } });
    expect(Config.parse(parse(printConfig(config)))).toEqual(config);
  });

  it.each([
    'postgresql://muster:hunter2@db.example.org:5432/muster',
    'postgres://muster:hunter2@/muster?host=/run/postgresql',
    'postgresql://db/muster?user=muster&password=hunter2',
    'postgresql://db/muster?sslkey=/hunter2&sslpassword=hunter2',
    'postgresql://muster:hunter2@host:not-a-port/x',
    'postgresql://muster:hun@ter2:hunter2@host/x',
    'postgresql://muster:hunter2/@[bad/x?password=hunter2',
  ])('masks what is secret in %s', (url) => {
    expect(withUrl(url)).not.toContain('hunter2');
    expect(withUrl(url)).toContain('postgres');
  });

  it('leaves a URL without a secret as it is', () => {
    expect(withUrl('postgresql://muster@db/muster')).toContain('postgresql://muster@db/muster');
  });
});
