import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKey } from '../test/run-program.ts';
import { testFolder } from '../test/test-folder.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { createHostKeyChecker, fanOut, openConnection } from './index.ts';

let sshd: TestSshd;

beforeAll(async () => {
  sshd = await startSshd();
});

afterAll(() => sshd.stop());

const servers: Server[] = [];

afterAll(() => {
  servers.forEach((server) => server.close());
});

/** A plain TCP server on a free port. */
async function listenTcp(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a host that answers', () => {
  test('is logged in to, says who it is, and can be closed twice', async () => {
    const connection = await openConnection(sshd.target(), sshd.options());
    expect(connection.host).toEqual({ name: 'node1', address: '127.0.0.1', port: sshd.port });
    await connection.close();
    await connection.close();
    expect(await connection.closed).toBeUndefined();
    await expect.poll(() => sshd.sessionPids()).toEqual([]);
  });

  test('by IPv6 or by name is the same host only if known_hosts says so', async () => {
    const opening = openConnection(sshd.target({ address: 'localhost' }), sshd.options());
    await expect(opening).rejects.toMatchObject({ kind: 'hostKeyUnknown' });
  });

  test('fifty connections at once, each with a command', async () => {
    const options = sshd.options();
    const results = await fanOut(
      Array.from({ length: 50 }, (_, index) => index),
      50,
      async (index) => {
        const connection = await openConnection(sshd.target({ name: `node${index}` }), options);
        const { stdout } = await connection.exec(['echo', String(index)]);
        await connection.close();
        return stdout;
      },
    );
    expect(results.map((result) => (result.status === 'done' ? result.value : result))).toEqual(
      Array.from({ length: 50 }, (_, index) => `${index}\n`),
    );
  });

  test('that lets in few logins at once (MaxStartups) is tried again', async () => {
    const busy = await startSshd({ config: ['MaxStartups 3:80:6', 'LogLevel VERBOSE'] });
    try {
      const options = busy.options();
      const results = await fanOut(
        Array.from({ length: 12 }, (_, index) => index),
        12,
        async () => {
          const connection = await openConnection(busy.target(), options);
          await connection.close();
        },
      );
      expect(results.filter((result) => result.status !== 'done')).toEqual([]);
      expect(busy.log()).toMatch(/drop connection/);
    } finally {
      await busy.stop();
    }
  });

  test('and leads to another behind it', async () => {
    const gate = await openConnection(sshd.target({ name: 'gate' }), sshd.options());
    const inner = await startSshd();
    try {
      const stream = await gate.openStream('127.0.0.1', inner.port);
      const connection = await openConnection(inner.target({ name: 'inner' }), inner.options({ stream }));
      expect((await connection.exec('echo through')).stdout).toBe('through\n');
      await gate.close();
      expect(await connection.closed).toMatchObject({ kind: 'connectionLost', host: { name: 'inner' } });
      await expect(gate.openStream('127.0.0.1', inner.port)).rejects.toMatchObject({ kind: 'connectionLost' });
    } finally {
      await inner.stop();
    }
  });

  test('but whose stream to another is refused says so', async () => {
    const gate = await openConnection(sshd.target({ name: 'gate' }), sshd.options());
    await expect(gate.openStream('127.0.0.1', 1)).rejects.toMatchObject({ kind: 'channelRefused', host: { name: 'gate' } });
    await gate.close();
  });
});

describe('a host that does not answer as it should', () => {
  test('refuses', async () => {
    const opening = openConnection(sshd.target({ port: 1 }), sshd.options());
    await expect(opening).rejects.toMatchObject({
      kind: 'unreachable',
      message:
        'node1 (127.0.0.1:1): cannot connect: ECONNREFUSED. Nothing listens there: is sshd running, and is the port right (ansible_port)?',
    });
  });

  test('has a name that does not resolve', async () => {
    const opening = openConnection(sshd.target({ address: 'no-such-host.invalid' }), sshd.options());
    await expect(opening).rejects.toMatchObject({ kind: 'unreachable' });
  });

  test('accepts and stays silent', async () => {
    const port = await listenTcp(() => undefined);
    const startedAtMs = performance.now();
    const opening = openConnection(sshd.target({ port }), sshd.options({ connectTimeoutSeconds: 0.5 }));
    await expect(opening).rejects.toMatchObject({ kind: 'timeout', what: 'no connection within 0.5 s: connected, but no SSH banner came' });
    expect(performance.now() - startedAtMs).toBeLessThan(1500);
  });

  test('shows a banner and then stays silent', async () => {
    const port = await listenTcp((socket) => socket.write('SSH-2.0-Silent\r\n'));
    const opening = openConnection(sshd.target({ port }), sshd.options({ connectTimeoutSeconds: 0.5 }));
    await expect(opening).rejects.toMatchObject({ kind: 'timeout' });
  });

  test('hangs up at once, every time', async () => {
    let calls = 0;
    const port = await listenTcp((socket) => {
      calls += 1;
      socket.end();
    });
    const opening = openConnection(sshd.target({ port }), sshd.options());
    await expect(opening).rejects.toMatchObject({ kind: 'unreachable', what: 'the connection was closed before the SSH banner' });
    expect(calls).toBe(4);
  });

  test('resets the connection in the middle of the handshake', async () => {
    const port = await listenTcp((socket) => {
      socket.write('SSH-2.0-Resetting\r\n');
      socket.once('data', () => socket.resetAndDestroy());
    });
    const opening = openConnection(sshd.target({ port }), sshd.options());
    await expect(opening).rejects.toMatchObject({ kind: 'unreachable', what: 'lost during the login: ECONNRESET' });
  });

  test('is no SSH server', async () => {
    const port = await listenTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const opening = openConnection(sshd.target({ port }), sshd.options({ connectTimeoutSeconds: 5 }));
    await expect(opening).rejects.toMatchObject({ kind: 'unreachable', advice: expect.stringContaining('no SSH server') });
  });

  test('sends garbage', async () => {
    const port = await listenTcp((socket) => socket.end(`SSH-2.0-x\r\n${'\0garbage'.repeat(100)}`));
    const opening = openConnection(sshd.target({ port }), sshd.options({ connectTimeoutSeconds: 5 }));
    await expect(opening).rejects.toMatchObject({ kind: 'handshakeFailed' });
  });

  test('allows only algorithms this client lacks', async () => {
    const modern = await startSshd({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    try {
      await expect(openConnection(modern.target(), modern.options())).rejects.toMatchObject({
        kind: 'handshakeFailed',
        what: expect.stringContaining('no matching key exchange algorithm'),
        advice: expect.stringContaining('curve25519-sha256'),
      });
    } finally {
      await modern.stop();
    }
  });
});

describe('opening is cancelled', () => {
  test('before it starts', async () => {
    const opening = openConnection(sshd.target(), sshd.options({ signal: AbortSignal.abort() }));
    await expect(opening).rejects.toMatchObject({ kind: 'aborted' });
  });

  test('while the host is silent, and the socket is closed', async () => {
    const hungUp = Promise.withResolvers<void>();
    const control = new AbortController();
    const port = await listenTcp((socket) => {
      socket.on('close', () => hungUp.resolve());
      setTimeout(() => control.abort(new Error('Ctrl-C')), 100);
      socket.resume();
    });
    const opening = openConnection(sshd.target({ port }), sshd.options({ signal: control.signal }));
    await expect(opening).rejects.toMatchObject({ kind: 'aborted', cause: new Error('Ctrl-C') });
    await hungUp.promise;
  });
});

describe('a question to a person', () => {
  test('stops the clock of the connection', async () => {
    const folder = await testFolder();
    const hostKeys = createHostKeyChecker({
      policy: 'ask',
      files: [`${folder}/known_hosts`],
      confirmHostKey: () => new Promise((resolve) => setTimeout(() => resolve(true), 1500)),
    });
    const connection = await openConnection(sshd.target(), sshd.options({ hostKeys, connectTimeoutSeconds: 1 }));
    expect(connection.host.name).toBe('node1');
    await connection.close();
  });
});

describe('a target that cannot be dialled', () => {
  test.each([
    [{ port: 0 }, '0 is not a port'],
    [{ port: 65_536 }, '65536 is not a port'],
    [{ port: 22.5 }, '22.5 is not a port'],
    [{ address: '' }, 'the address is empty or contains blanks'],
    [{ address: 'a b' }, 'the address is empty or contains blanks'],
    [{ user: '' }, 'there is no user to log in as'],
  ])('%j', async (changes, what) => {
    await expect(openConnection(sshd.target(changes), sshd.options())).rejects.toMatchObject({ kind: 'badInput', what });
  });

  test('a time limit of nothing', async () => {
    const opening = openConnection(sshd.target(), sshd.options({ connectTimeoutSeconds: 0 }));
    await expect(opening).rejects.toMatchObject({ kind: 'badInput' });
  });

  test('a key that is not among the authorised ones', async () => {
    const folder = await testFolder();
    const privateKeyFile = await makeKey(folder, 'stranger');
    const opening = openConnection(sshd.target({ privateKeyFile }), sshd.options());
    await expect(opening).rejects.toMatchObject({
      kind: 'authFailed',
      what: expect.stringMatching(/login as \S+ was refused: tried key .*stranger \(ssh-ed25519 SHA256:.*; the host accepts publickey/),
    });
  });
});
