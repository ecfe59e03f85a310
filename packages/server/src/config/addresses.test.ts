import { describe, expect, it } from 'vitest';
import { agentAddressesOf, identityHostsOf, publicUrlOf, socketPathOf, usesTls } from './addresses.ts';
import { Config } from './config.ts';

const config = (http: object = {}, agents: object = {}, rest: object = {}) => Config.parse({ http, agents, ...rest });

describe('addresses', () => {
  it('are of this machine alone unless the configuration says otherwise', () => {
    expect(publicUrlOf(config())).toBe('http://localhost:7420');
    expect(agentAddressesOf(config())).toEqual(['127.0.0.1:7421']);
    expect(usesTls(config())).toBe(false);
  });

  it('speak TLS where others can reach them', () => {
    expect(usesTls(config({ host: '0.0.0.0' }))).toBe(true);
    expect(usesTls(config({ host: '0.0.0.0', tls: 'off' }))).toBe(false);
    expect(usesTls(config({ tls: 'on' }))).toBe(true);
    expect(publicUrlOf(config({ host: '2001:db8::7' }))).toBe('https://[2001:db8::7]:7420');
    expect(publicUrlOf(config({ host: '::' }))).toMatch(/^https:\/\/(?!\[::\])/u);
    expect(publicUrlOf(config({ publicUrl: 'https://muster.example.org/' }))).toBe('https://muster.example.org');
  });

  it('of the agents’ door are what the configuration says, or every one on which it can be reached', () => {
    expect(agentAddressesOf(config({}, { addresses: ['a:1', 'b:2'] }))).toEqual(['a:1', 'b:2']);
    expect(agentAddressesOf(config({}, { host: '192.0.2.1', port: 1 }))).toEqual(['192.0.2.1:1']);
    for (const address of agentAddressesOf(config({}, { host: '0.0.0.0' }))) expect(address).toMatch(/:7421$/u);
    expect(identityHostsOf(config({ publicUrl: 'https://p' }, { addresses: ['a:1'] }))).toEqual(['127.0.0.1', 'a:1', 'p']);
  });

  it('of the socket lie in the data folder, and are no longer than a socket may be', () => {
    expect(socketPathOf(config(), '/data')).toBe('/data/muster.sock');
    expect(socketPathOf(config({}, {}, { socket: { path: '/run/m.sock' } }), '/data')).toBe('/run/m.sock');
    expect(() => socketPathOf(config(), `/${'ä'.repeat(60)}`)).toThrow(/longer than a Unix socket may have \(107 bytes\).*socket\.path/u);
  });
});
