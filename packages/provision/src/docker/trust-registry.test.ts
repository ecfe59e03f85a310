import { lstatSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '@muster/ssh';
import { ClusterFixture } from '../../test/cluster-fixture.ts';
import { ScriptRoot } from '../../test/script-root.ts';
import { restoreFiles } from '../reset/traces-phase.ts';
import { observeTrust, readTrust, trustRegistry } from './trust-registry.ts';

const registry = '10.0.0.10:5000';
const link = `/etc/docker/certs.d/${registry}/ca.crt`;

let root: ScriptRoot;
beforeEach(() => {
  root = new ScriptRoot();
});
afterEach(() => root.remove());

/** Has the scripts done by a shell below the root, as a host would. */
async function trust(add: string | undefined, remove: readonly string[] = []): Promise<void> {
  const fixture = new ClusterFixture('[driver]\nboss\n');
  const exec: Connection['exec'] = async (script) => {
    const ended = await root.run(String(script));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const fake = await fixture.host('boss').exec('', { label: 'sudo id -u' });
    return { ...fake, stdout: ended.stdout };
  };
  const connection = { ...fixture.host('boss'), exec } as unknown as Connection;
  await trustRegistry({ host: fixture.cluster.driver!, connection }, fixture.run(), { add, remove });
}

const seen = async () => readTrust((await root.run(observeTrust)).stdout.replaceAll(root.folder, ''));

describe('the trust of Docker in a registry', () => {
  it('is a link to the authority, also made twice, and is seen as one of a run', async () => {
    expect(await seen()).toEqual({ all: [], ours: [] });
    await trust(registry);
    await trust(registry);
    expect(readlinkSync(root.path(link))).toBe(root.path('/etc/muster/pki/current/ca.pem'));
    expect(await seen()).toEqual({ all: [registry], ours: [registry] });
  });

  it('goes again with its folder when the registry has moved', async () => {
    await trust(registry);
    await trust('10.0.0.11:5000', [registry]);
    expect(await seen()).toEqual({ all: ['10.0.0.11:5000'], ours: ['10.0.0.11:5000'] });
    expect(root.has(`/etc/docker/certs.d/${registry}`)).toBe(false);
  });

  it('goes with a reset, which brings back what somebody had there', async () => {
    root.write(link, 'of somebody');
    await trust(registry);
    expect(lstatSync(root.path(link)).isSymbolicLink()).toBe(true);
    expect(await root.run(`set -eu\n${restoreFiles}`)).toMatchObject({ code: 0, stderr: '' });
    expect([lstatSync(root.path(link)).isSymbolicLink(), root.read(link)]).toEqual([false, 'of somebody']);
  });
});
