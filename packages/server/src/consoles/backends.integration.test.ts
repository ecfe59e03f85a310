import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentControl, Node } from '@muster/api';
import { makeOwnKey, openConnection } from '@muster/ssh';
import type { KeptController } from '@muster/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeConsole } from '../../test/fake-console.ts';
import { type FakeRedfish, startFakeRedfish } from '../../test/fake-redfish.ts';
import { type IpmiSim, startIpmiSim } from '../../test/ipmi-sim.ts';
import { type NodeSshd, startNodeSshd } from '../../test/node-sshd.ts';
import type { SecretSealer } from '../identity/secret-sealer.ts';
import type { ConsoleBackend, ConsolePlace } from './console-backend.ts';
import { ipmiBackend } from './ipmi-backend.ts';
import { redfishBackend } from './redfish-backend.ts';
import { sshBackend } from './ssh-backend.ts';

const node = { id: '7d0c1d1e-1b1f-4c55-8a4c-0a7a3e4d1c11', name: 'web1', privateIp: '127.0.0.1' } as Node;
const place = (changes: Partial<ConsolePlace> = {}): ConsolePlace => ({
  node,
  size: { columns: 91, rows: 33 },
  endOther: false,
  ...changes,
});
const own = makeOwnKey();
const never = new AbortController().signal;
/** Secrets as they are: sealing has tests of its own. */
const sealer: SecretSealer = { seal: (_purpose, secret) => secret, open: (_purpose, sealed) => sealed };

let bmc: IpmiSim;
/** Others, because ipmi_sim takes the first packet of a session for a repetition of the last one of the session before. */
let behindRedfish: IpmiSim;
let forKill: IpmiSim;
let sshd: NodeSshd;
let redfish: FakeRedfish;
beforeAll(async () => {
  [bmc, behindRedfish, forKill] = await Promise.all([startIpmiSim(), startIpmiSim(), startIpmiSim()]);
  [sshd, redfish] = await Promise.all([startNodeSshd(own), startFakeRedfish()]);
  redfish.serialConsole = { IPMI: { ServiceEnabled: true, Port: behindRedfish.port } };
});
afterAll(async () => {
  await Promise.all([bmc, behindRedfish, forKill, sshd, redfish].map((one) => one.stop()));
});

const controllers = (changes: Partial<KeptController>) => ({
  controllers: {
    find: async () =>
      ({
        nodeId: node.id,
        nodeName: node.name,
        kind: 'ipmi',
        address: '127.0.0.1',
        port: bmc.port,
        user: bmc.user,
        sealedPassword: bmc.password,
        certificateSha256: null,
        hostKeys: [],
        ...changes,
      }) as KeptController,
  },
});
const ipmi = (changes: Partial<KeptController> = {}) => ipmiBackend({ store: controllers(changes), sealer });
/** As whoever runs the tests, in place of the user that `muster apply` makes. */
const asSelf: typeof openConnection = (target, options) => openConnection({ ...target, user: sshd.user }, options);
const ssh = (changes: Partial<AgentControl> = {}) =>
  sshBackend({
    store: {
      agentControl: {
        get: async () => ({ address: null, port: sshd.port, hostKeys: sshd.hostKeys, full: true, ...changes }) as AgentControl,
      },
    },
    keys: { key: async () => own },
    connect: asSelf,
  });
/** The Redfish service is a fake; what it leads to, here IPMI, is real. */
const byRedfish = (changes: Partial<KeptController> = {}) =>
  redfishBackend({
    store: controllers({ kind: 'redfish', port: redfish.port, certificateSha256: redfish.certificateSha256, ...changes }),
    sealer,
    connect: openConnection,
  });

async function opened(backend: ConsoleBackend, wish = place()) {
  const seen = { shown: '', ended: undefined as string | undefined };
  const onOutput = (bytes: Uint8Array) => {
    seen.shown += Buffer.from(bytes).toString('latin1');
  };
  const onEnd = (message: string) => {
    seen.ended = message;
  };
  const line = await backend.open(wish, { onOutput, onEnd }, never);
  return { line, seen, type: (text: string) => line.write(Buffer.from(text, 'latin1')) };
}

/** What each kind of console is typed, and what it then shows. */
const kinds: readonly (readonly [string, () => ConsoleBackend, string, string])[] = [
  ['the fake one', () => new FakeConsole(), 'hello', '<hello>'],
  ['serial over LAN by IPMI', () => ipmi(), 'hello\r~.~~\r', '<hello\r~.~~\r>'],
  ['what Redfish leads to', () => byRedfish(), 'good day\r~.', '<good day\r~.>'],
  ['a shell over SSH', () => ssh(), 'echo he"llo"; stty size\n', 'hello\r\n33 91\r\n'],
];

const within = { timeout: 20_000, interval: 50 };

describe.each(kinds)('every console, as %s,', (_kind, backend, typed, shown) => {
  it('sends on what is typed, shows what comes, and ends without a word when it is closed', async () => {
    const { line, seen, type } = await opened(backend());
    type(typed);
    await expect.poll(() => seen.shown, within).toContain(shown);
    line.resize({ columns: 80, rows: 24 });
    await Promise.all([line.close(), line.close()]);
    expect(seen.ended).toBeUndefined();
  });

  it('can be opened again right after', async () => {
    for (const _time of [1, 2]) {
      const { line } = await opened(backend());
      await line.close();
    }
  });
});

describe('a shell over SSH', () => {
  it('takes another size, and says that it has ended', async () => {
    const { line, seen, type } = await opened(ssh());
    line.resize({ columns: 120, rows: 50 });
    type('stty size; exit\n');
    await expect.poll(() => seen.shown, within).toContain('50 120\r\n');
    await expect.poll(() => seen.ended, within).toBe('The shell on web1 has ended.');
  });

  it('says why there is none', async () => {
    const other = makeOwnKey().publicKey;
    await expect(opened(ssh({ hostKeys: [other] }))).rejects.toThrow(/web1.*host key/u);
    await expect(opened(ssh({ port: 9 }))).rejects.toThrow(/web1/u);
    const stranger = sshBackend({
      store: { agentControl: { get: async () => ({ address: null, port: sshd.port, hostKeys: sshd.hostKeys }) as AgentControl } },
      keys: { key: async () => makeOwnKey() },
      connect: asSelf,
    });
    await expect(opened(stranger)).rejects.toThrow("web1: the login with the server's key was refused. Run `muster apply` for it.");
  });
});

describe('what a Redfish service says', () => {
  it.each<[string, Partial<KeptController>, RegExp]>([
    [
      'is not read from one with another certificate',
      { certificateSha256: '0'.repeat(64) },
      /web1: .*does not answer: it shows another certificate/u,
    ],
    ['is not read from one that is not trusted', { certificateSha256: null }, /web1: .*does not answer: .*self-signed/iu],
    ['is not told to a stranger', { user: 'stranger' }, /web1: .*refuses the sign-in/u],
    ['is not there where nothing answers', { port: 9 }, /web1: .*does not answer/u],
  ])('%s', async (_what, changes, message) => {
    await expect(opened(byRedfish(changes))).rejects.toThrow(message);
  });

  it('costs no password where the certificate is not the one that was named', async () => {
    const before = redfish.signIns.length;
    await expect(opened(byRedfish({ certificateSha256: '0'.repeat(64) }))).rejects.toThrow('another certificate');
    expect(redfish.signIns.length).toBe(before);
  });

  it('is told where it gives no console', async () => {
    redfish.serialConsole = { ServiceEnabled: false, ConnectTypesSupported: ['IPMI'] };
    await expect(opened(byRedfish())).rejects.toThrow('has its serial console turned off');
    redfish.serialConsole = { SSH: { ServiceEnabled: true, Port: sshd.port } };
    await expect(opened(byRedfish())).rejects.toThrow('whose host key is not known');
  });
});

describe('a server that was killed', () => {
  it('leaves no ipmitool behind, and types nothing into the console', async () => {
    const program = `
      import { ipmiBackend } from ${JSON.stringify(join(import.meta.dirname, 'ipmi-backend.ts'))};
      const controller = ${JSON.stringify(await controllers({ port: forKill.port }).controllers.find())};
      const backend = ipmiBackend({ store: { controllers: { find: async () => controller } }, sealer: { seal: (_, text) => text, open: (_, text) => text } });
      await backend.open({ node: ${JSON.stringify(node)}, size: { columns: 80, rows: 24 }, endOther: true }, { onOutput() {}, onEnd() {} }, new AbortController().signal);
      process.stdout.write('open');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(ipmitools()).toHaveLength(1);
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    await expect.poll(ipmitools, within).toEqual([]);
    expect(forKill.received()).toBe('');
  });
});

/** Processes of ipmitool that speak to the controller of that server. */
function ipmitools(): string[] {
  const commandOf = (pid: string): string => {
    try {
      return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .map(commandOf)
    .filter((command) => command.startsWith('ipmitool') && command.includes(`-p ${forKill.port} `));
}
