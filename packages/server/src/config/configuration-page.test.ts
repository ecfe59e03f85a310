import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Config, configKeys } from './config.ts';
import { loadConfig, variableOf } from './load-config.ts';

const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');

type Row = { readonly key: string; readonly variable: string; readonly byDefault: string; readonly meaning: string };

/** The rows of the table of keys. */
const rows: Row[] = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [key = '', variable = '', byDefault = '', meaning = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return { key: key.replaceAll('`', ''), variable: variable.replaceAll('`', ''), byDefault, meaning };
  });

const defaults = Config.parse({}) as unknown as Record<string, unknown>;
const defaultOf = (key: string): unknown =>
  key.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], defaults);

describe('the page about the configuration', () => {
  it('names every key of the schema, in its order, and no other', () => {
    expect(rows.map((row) => row.key)).toEqual(configKeys());
  });

  it.each(rows)('is right about $key', ({ key, variable, byDefault, meaning }) => {
    expect(variable).toBe(variableOf(key));
    expect(meaning).not.toBe('');
    const value = defaultOf(key);
    if (value === undefined) expect(byDefault).not.toMatch(/^`/u);
    else expect(byDefault).toBe(`\`${value as string}\``);
  });

  it('shows an example that is taken as it stands', () => {
    const text = /```yaml\n([^]*?)```/u.exec(page)?.[1] ?? '';
    expect(loadConfig({ file: { path: 'example', text }, environment: {} })).toMatchObject({ http: { host: '0.0.0.0' } });
  });
});
