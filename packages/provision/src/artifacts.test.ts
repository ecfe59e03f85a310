import { describe, expect, it } from 'vitest';
import { artifacts } from '../test/cluster-fixture.ts';
import { ubuntuArmOutput } from '../test/host-outputs.ts';
import { artifactFor } from './artifacts.ts';
import { readHostFacts } from './host/host-facts.ts';
import { ProvisionError } from './provision-error.ts';

describe('what is installed on a host', () => {
  it('is made for its processor', () => {
    const x64 = { ...readHostFacts('', 0), architecture: 'x86_64' };
    expect(artifactFor('agent', artifacts, x64)).toBe(artifacts.agent.x64);
    expect(artifactFor('server', artifacts, x64)).toBe(artifacts.server.x64);
  });

  it.each(['aarch64', 'riscv64', ''])('is missing for "%s", and that is said', (architecture) => {
    const facts = { ...readHostFacts(ubuntuArmOutput, 0), architecture };
    expect(() => artifactFor('agent', artifacts, facts)).toThrow(ProvisionError);
    expect(() => artifactFor('agent', artifacts, facts)).toThrow(`There is no agent to install for ${architecture}`);
  });
});
