import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { panelUrl, serverConfiguration, serverUnit } from './server-files.ts';

describe('the files of the server', () => {
  it.each([
    ['10.0.0.10', 'https://10.0.0.10:7420', '10.0.0.10:7421'],
    ['2001:db8::10', 'https://[2001:db8::10]:7420', '[2001:db8::10]:7421'],
  ])('name the address %s as others use it', (address, publicUrl, agents) => {
    const file = serverConfiguration({ address });
    expect(file).toMatchObject({ path: '/etc/muster/muster.yaml', mode: 0o644 });
    expect(parse(file.content)).toEqual({
      dataDir: '/var/lib/muster',
      http: { host: '0.0.0.0', port: 7420, publicUrl },
      agents: { host: '0.0.0.0', port: 7421, addresses: [agents] },
      agentLiveness: { enabled: true, threshold: '40s' },
      socket: { path: '/run/muster/muster.sock' },
    });
    expect(panelUrl(address)).toBe(publicUrl);
    expect(file.content).toMatch(/^# Written by "muster apply"/u);
  });

  it('name Patroni and the file of its password, and not the password', () => {
    const patroni = { urls: ['https://10.0.0.10:28008'], passwordFile: '/etc/muster/pool/patroni-password', caFile: '/ca.pem' };
    const { content } = serverConfiguration({ address: '10.0.0.10', databaseUrl: 'postgresql://a,b/muster', patroni });
    expect(parse(content)).toMatchObject({ database: { url: 'postgresql://a,b/muster', patroni } });
  });

  it('are the same for the same address: a second run finds nothing to change', () => {
    expect(serverConfiguration({ address: '10.0.0.10' })).toEqual(serverConfiguration({ address: '10.0.0.10' }));
  });

  it('let the server write to its state and nowhere else, as a user of its own', () => {
    for (const line of ['User=muster', 'ProtectSystem=strict', 'NoNewPrivileges=yes', 'CapabilityBoundingSet=', 'StateDirectory=muster']) {
      expect(serverUnit.content.split('\n')).toContain(line);
    }
    expect(serverUnit.content).toContain('ExecStart=/opt/muster/bin/muster up --config /etc/muster/muster.yaml\n');
  });

  it('are started again by systemd for as long as it takes', () => {
    for (const line of ['Restart=always', 'StartLimitIntervalSec=0']) expect(serverUnit.content.split('\n')).toContain(line);
  });
});
