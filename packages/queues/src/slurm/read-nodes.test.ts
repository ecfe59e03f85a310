import { describe, expect, it } from 'vitest';
import { drainMark, readNode } from './read-nodes.ts';
import { readSettings } from './read-settings.ts';
import { SlurmNode } from './slurm-json.ts';

const node = (rest: object) =>
  readNode(SlurmNode.parse({ name: 'n1', state: 'idle', state_flags: [], cpus: 4, real_memory: 1000, ...rest }), []);

describe('a node of Slurm', () => {
  it.each([
    ['idle', [], 'idle'],
    ['allocated', [], 'busy'],
    ['mixed', ['DRAIN'], 'busy'],
    ['idle', ['COMPLETING'], 'busy'],
    ['idle', ['DRAIN'], 'idle'],
    ['idle', ['NOT_RESPONDING'], 'down'],
    ['down', [], 'down'],
    ['down', ['COMPLETING'], 'down'],
    ['unknown', [], 'down'],
    ['idle', ['FAIL'], 'failed'],
    ['idle', ['CLOUD', 'POWERED_DOWN'], null],
    ['allocated', ['CLOUD', 'NOT_RESPONDING', 'POWERING_UP'], null],
  ])('%s %j is %s', (state, flags, expected) => {
    expect(node({ state, state_flags: flags }).state).toBe(expected);
    expect(node({ state: [state.toUpperCase(), ...flags] }).state).toBe(expected);
  });

  it('is drained by Muster or by a person', () => {
    expect(node({}).drain).toBeNull();
    expect(node({ state_flags: ['DRAIN'], reason: `${drainMark}not needed` }).drain).toBe('planner');
    expect(node({ state_flags: ['DRAIN'], reason: 'disk is noisy' }).drain).toBe('person');
  });

  it('has what Slurm takes it for', () => {
    expect(node({ features: 'big,zone1', gres: 'gpu:a100:2(S:0)' })).toMatchObject({
      cores: 4,
      memoryBytes: 1000 * 1024 ** 2,
      gpus: 2,
      features: ['big', 'zone1', 'gpu:a100'],
    });
  });
});

describe('the settings of Slurm', () => {
  it.each([
    ['SelectTypeParameters    = CR_CORE_MEMORY\nDefMemPerNode           = UNLIMITED\n', { countsMemory: true, defaultMemory: null }],
    ['SelectTypeParameters    = CR_CORE\nDefMemPerCPU            = 100\n', { countsMemory: false, defaultMemory: { perCpuMb: 100 } }],
    ['DefMemPerNode           = 2000\n', { countsMemory: false, defaultMemory: { perNodeMb: 2000 } }],
  ])('%j', (text, expected) => {
    expect(readSettings(text)).toEqual(expected);
  });
});
