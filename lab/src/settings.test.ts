import { describe, expect, it } from 'vitest';

import { LabError } from './errors.ts';
import { bridgeName } from './network.ts';
import { labSettings, requireHostPrefix } from './settings.ts';

describe('labSettings', () => {
  it('names state and output after the lab, the default one plainly', () => {
    const plain = labSettings({}, {});
    expect(plain).toMatchObject({ name: 'muster', stateDir: '/var/lib/muster-lab/muster', cacheDir: '/var/cache/muster-lab' });
    expect(plain.outputDir.endsWith('/.lab')).toBe(true);
    expect(labSettings({}, { MUSTER_LAB: 'e2e' }).outputDir).toBe(`${plain.outputDir}/e2e`);
  });

  it('takes the caller before the environment', () => {
    const env = { MUSTER_LAB: 'one', MUSTER_LAB_STATE: '/srv/labs', MUSTER_LAB_CACHE: '/srv/images' };
    expect(labSettings({ name: 'two' }, env)).toMatchObject({ stateDir: '/srv/labs/two', cacheDir: '/srv/images' });
  });

  it.each(['', 'UPPER', '1st', 'a b', '../etc', 'a'.repeat(21)])('refuses the lab name "%s"', (name) => {
    expect(() => labSettings({ name }, {})).toThrow(LabError);
  });

  it.each(['relative/path', '/with blank', '/with:colon', '/with,comma'])('refuses the state folder "%s"', (path) => {
    expect(() => labSettings({}, { MUSTER_LAB_STATE: path })).toThrow(/MUSTER_LAB_STATE/);
  });
});

describe('bridgeName', () => {
  it('differs from lab to lab, stays the same, and fits the kernel', () => {
    const names = ['one', 'two', 'one'].map((name) => bridgeName(labSettings({ name }, {})));
    expect(names[0]).toBe(names[2]);
    expect(names[0]).not.toBe(names[1]);
    expect(names[0]?.length).toBeLessThanOrEqual(15);
  });
});

describe('requireHostPrefix', () => {
  it('passes a host name and refuses what is none', () => {
    expect(requireHostPrefix('gpu-')).toBe('gpu-');
    expect(() => requireHostPrefix('my_node')).toThrow(/my_node/);
    expect(() => requireHostPrefix('x'.repeat(41))).toThrow(LabError);
  });
});
