import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { runInDash } from '../../test/dash.ts';
import { detectScript } from './detect-script.ts';
import { readHostFacts } from './host-facts.ts';

/* Run on this machine: it changes nothing. */
describe('the look at a host', () => {
  it('finds out what this machine is', async () => {
    const { code, stdout } = await runInDash(detectScript);
    expect(code).toBe(0);
    const facts = readHostFacts(stdout, Date.now());
    expect(facts).toMatchObject({ hostname: hostname(), glibc: expect.stringMatching(/^2\.\d+$/u) });
    expect(['x86_64', 'aarch64']).toContain(facts.architecture);
    expect(facts.cores).toBeGreaterThan(0);
    expect(facts.memoryBytes).toBeGreaterThan(2 ** 28);
    expect(facts.freeOptBytes).toBeGreaterThan(0);
    expect(facts.freeVarBytes).toBeGreaterThan(0);
    expect(Math.abs(facts.clockSkewSeconds)).toBeLessThan(10);
  });

  it('goes on to the end where there is no /etc/os-release', async () => {
    const { code, stdout } = await runInDash(detectScript.replaceAll('/etc/os-release', '/nonexistent/os-release'));
    expect(code).toBe(0);
    expect(readHostFacts(stdout, Date.now())).toMatchObject({ osId: '', hostname: hostname() });
  });

  it('takes the space of the root where a folder is not there yet', async () => {
    const { stdout } = await runInDash(detectScript.replace('df -Pk /opt ', 'df -Pk /nonexistent '));
    expect(readHostFacts(stdout, Date.now()).freeOptBytes).toBeGreaterThan(0);
  });

  it('goes on to the end where commands are missing, and names those that are needed', async () => {
    const { code, stdout } = await runInDash(detectScript, { env: { PATH: '/nonexistent' } });
    expect(code).toBe(0);
    const facts = readHostFacts(stdout, 0);
    expect(facts.missingTools).toEqual(['tar', 'gzip', 'awk', 'sha256sum', 'systemctl', 'useradd']);
    expect(facts).toMatchObject({ addresses: [], routeAddress: '' });
  });
});
