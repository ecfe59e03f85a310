import { X509Certificate } from 'node:crypto';
import type { AuthorityStatus, Certificate } from '@muster/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DemoServer } from './demo-server.ts';

let demo: DemoServer;
beforeAll(async () => {
  demo = await DemoServer.start(2);
}, 180_000);
afterAll(() => demo.stop(), 60_000);

describe('muster certificate', () => {
  it('rotates, and the list has the new certificates', async () => {
    const before = await demo.json<Certificate[]>('certificates', '--sort', 'name');
    expect(before.map(({ nodeName }) => nodeName)).toEqual(['demo-1', 'demo-2']);
    const { code, stdout, stderr } = await demo.run('certificate', 'rotate', '--all', '--max-fail', '0');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/2 succeeded/u)]);
    expect(stdout).toMatch(/^demo-2: succeeded\n {2}Certificate [0-9a-f]+ is in use/mu);
    const after = await demo.json<Certificate[]>('certificates', '--state', 'in-use', '--sort', 'name');
    expect(after.map(({ nodeName }) => nodeName)).toEqual(['demo-1', 'demo-2']);
    expect(after.map(({ serial }) => serial)).not.toEqual(before.map(({ serial }) => serial));
    expect((await demo.run('certificates', '--expiring')).stderr).toBe('No certificate matches.\n');
    expect((await demo.run('certificates', 'demo-1', '-o', 'name')).stdout).toContain(after[0]?.serial);
    expect(await demo.run('certificates', 'nobody')).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody') });
  }, 120_000);

  it('revokes all of a node, which is then out', async () => {
    const { code, stdout } = await demo.run('certificate', 'revoke', 'demo-2', '--reason', 'key-compromise', '--yes');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Revoked [0-9a-f, ]+ of demo-2\.\n$/u)]);
    expect((await demo.run('certificates', '-o', 'wide')).stdout).not.toContain('demo-2');
    expect((await demo.run('certificates', 'demo-2', '--state', 'revoked', '-o', 'wide')).stdout).toContain('key-compromise');
    expect((await demo.run('certificate', 'revoke', 'demo-2', '--yes')).stdout).toBe('Nothing was left to revoke of demo-2.\n');
    expect(await demo.run('certificate', 'revoke', '--serial', 'abc', '--yes')).toMatchObject({ code: 1 });
  }, 60_000);
});

describe('muster authority', () => {
  it('prints the root that is trusted, and whose fingerprint the status has', async () => {
    const { code, stdout } = await demo.run('authority', 'certificate');
    expect(code).toBe(0);
    const { trusted } = await demo.json<AuthorityStatus>('authority', 'status');
    expect(new X509Certificate(stdout).fingerprint256.replaceAll(':', '').toLowerCase()).toBe(trusted[0]?.fingerprint);
  });

  it('begins a replacement and takes it back', async () => {
    expect(await demo.run('authority', 'rotate', 'agents')).toMatchObject({ code: 1, stderr: expect.stringContaining('rotate prepare') });
    expect((await demo.run('authority', 'rotate', 'prepare')).stdout).toMatch(/^Phase +prepare/mu);
    expect(await demo.run('authority', 'rotate', 'servers')).toMatchObject({ code: 1, stderr: expect.stringContaining('rotate agents') });
    expect((await demo.run('authority', 'rotate', 'roll-back')).stdout).toMatch(/^Phase +rollback/mu);
    expect((await demo.run('authority', 'rotate', 'finish', '--yes')).stdout).toMatch(/^Rotation +none/mu);
  }, 60_000);
});
