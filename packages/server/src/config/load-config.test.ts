import { describe, expect, it } from 'vitest';
import { Config, configKeys } from './config.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig, variableOf } from './load-config.ts';

const file = (text: string) => ({ file: { path: '/etc/muster/muster.yaml', text } });
const load = (text: string, environment: Record<string, string> = {}): Config => loadConfig({ ...file(text), environment });
const failure = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
};

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(loadConfig({ environment: {} })).toEqual(Config.parse({}));
    expect(load('')).toMatchObject({ dataDir: '.muster', http: { host: '127.0.0.1', port: 7420, tls: 'auto' }, agents: { port: 7421 } });
    expect(load('# nothing yet\n')).toEqual(Config.parse({}));
  });

  it('comes from the file, the environment over it, member by member', () => {
    const text = 'http: { port: 8080, tls: "on" }\nagents: { addresses: ["a:1"] }\nlog: { level: debug }\n';
    const environment = {
      MUSTER_HTTP_PORT: '9090',
      MUSTER_AGENTS_ADDRESSES: 'b:2, [2001:db8::1]:3',
      PATH: '/bin',
      MUSTER_DATABASE_URL: 'postgres://x/y',
    };
    expect(load(text, environment)).toMatchObject({
      http: { port: 9090, tls: 'on', host: '127.0.0.1' },
      agents: { addresses: ['b:2', '[2001:db8::1]:3'] },
      log: { level: 'debug' },
      database: { url: 'postgres://x/y' },
    });
  });

  it('takes every key from its own variable', () => {
    expect(configKeys().map(variableOf)).toEqual(
      expect.arrayContaining(['MUSTER_DATA_DIR', 'MUSTER_HTTP_PUBLIC_URL', 'MUSTER_AGENTS_JOIN_TOKEN_MINUTES']),
    );
    expect(new Set(configKeys().map(variableOf)).size).toBe(configKeys().length);
  });

  it('leaves variables of other programs of Muster alone', () => {
    const environment = { MUSTER_CONFIG: 'x', MUSTER_SOCKET: 'x', MUSTER_LAB_STATE: '/x', MUSTER_TEST_RUN: '1' };
    expect(loadConfig({ environment })).toEqual(Config.parse({}));
  });
});

describe('what is wrong with a configuration is said with its place', () => {
  it.each([
    { text: 'htpp: { port: 1 }', says: 'the key "htpp" is not known; did you mean "http"?' },
    { text: 'http: { prot: 1 }', says: 'the key "http.prot" is not known; did you mean "http.port"?' },
    { text: 'port: 1', says: 'the key "port" is not known; did you mean "http.port"?' },
    { text: 'http: { zzzzzzzzzz: 1 }', says: 'the key "http.zzzzzzzzzz" is not known.' },
    { text: 'http: { port: "many" }', says: 'http.port: ' },
    { text: 'http: { port: 70000 }', says: 'http.port: ' },
    { text: 'http: 7', says: 'http: ' },
    { text: 'agents: { addresses: ["worker1"] }', says: 'agents.addresses.0: an address here is HOST:PORT' },
    { text: 'agents: { addresses: ["a:99999"] }', says: 'agents.addresses.0: a port is from 1 to 65535' },
    { text: 'http: { publicUrl: "javascript:alert(1)" }', says: 'http.publicUrl: an address here is http://HOST:PORT' },
    { text: 'http: { publicUrl: "https://user:pw@host" }', says: 'http.publicUrl: ' },
    { text: 'http: { publicUrl: "https://host/muster" }', says: 'http.publicUrl: ' },
    { text: 'database: { url: "mysql://x" }', says: 'database.url: must begin with postgresql://' },
    { text: 'http: { port: 1, port: 2 }', says: 'not valid YAML' },
    { text: 'a: [', says: 'not valid YAML' },
    { text: 'a: *nothing', says: 'not valid YAML' },
    { text: 'agentLiveness: { enabled: "on" }', says: 'agentLiveness.enabled: ' },
    { text: 'agentLiveness: { threshold: 40 }', says: 'agentLiveness.threshold: ' },
    { text: 'agentLiveness: { threshold: "40" }', says: 'agentLiveness.threshold: a duration here is a number and a unit' },
    { text: 'agentLiveness: { threshold: "0s" }', says: 'agentLiveness.threshold: a duration' },
    { text: '- a', says: 'the file must hold keys and values' },
  ])('$text', ({ text, says }) => {
    const message = failure(() => load(text));
    expect(message).toMatch(/^\/etc\/muster\/muster\.yaml: /u);
    if (says.startsWith('the key "port"')) expect(message).toContain('the key "port" is not known');
    else expect(message).toContain(says);
  });

  it.each([
    { name: 'MUSTER_HTTP_PROT', value: '1', says: 'Environment variable MUSTER_HTTP_PROT is not known; did you mean "MUSTER_HTTP_PORT"?' },
    { name: 'MUSTER_WHATEVER_ELSE_AT_ALL', value: '1', says: 'Environment variable MUSTER_WHATEVER_ELSE_AT_ALL is not known' },
    { name: 'MUSTER_HTTP_PORT', value: '', says: 'Environment variable MUSTER_HTTP_PORT: ' },
    { name: 'MUSTER_HTTP_PORT', value: 'x', says: 'Environment variable MUSTER_HTTP_PORT: ' },
    { name: 'MUSTER_LOG_LEVEL', value: 'loud', says: 'Environment variable MUSTER_LOG_LEVEL: ' },
    { name: 'MUSTER_AGENT_LIVENESS_ENABLED', value: 'yes', says: 'Environment variable MUSTER_AGENT_LIVENESS_ENABLED: ' },
    { name: 'MUSTER_AGENT_LIVENESS_THRESHOLD', value: 'soon', says: 'Environment variable MUSTER_AGENT_LIVENESS_THRESHOLD: ' },
    { name: 'MUSTER_AGENTS_HEARTBEAT_SECONDS', value: '0', says: 'Environment variable MUSTER_AGENTS_HEARTBEAT_SECONDS: ' },
  ])('$name=$value', ({ name, value, says }) => {
    expect(failure(() => loadConfig({ environment: { [name]: value } }))).toContain(says);
  });

  it('names everything at once', () => {
    const message = failure(() => load('http: { port: 0 }\nlog: { level: loud }\nx: 1\n'));
    expect(message.split('\n')).toHaveLength(3);
  });

  it('shows no password', () => {
    const message = failure(() => load('database: { url: "mysql://muster:hunter2@db/x" }'));
    expect(message).not.toContain('hunter2');
  });
});
