/*
 * Knocks with this node's own certificate at every door of the servers named (addresses), and at SSH with every private key that this machine
 * has; prints a line of JSON for each: what was tried, whether it opened, and what was said. Runs as root, with Node.js.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const identity = '/var/lib/muster-agent/identity/current';
const own = { key: readFileSync(`${identity}/key.pem`), cert: readFileSync(`${identity}/chain.pem`), rejectUnauthorized: false };
const patienceMs = 10_000;

type Heard = { readonly isOpened: boolean; readonly said: string };

function ask(address: string, port: number, method: string, path: string, body?: object): Promise<Heard> {
  return new Promise((resolve) => {
    const refused = (error: Error): void => resolve({ isOpened: false, said: error.message });
    const call = request({ host: address, port, method, path, ...own, timeout: patienceMs }, (answer) => {
      answer.resume().on('end', () => resolve({ isOpened: (answer.statusCode ?? 0) < 400, said: String(answer.statusCode) }));
      answer.on('error', refused);
    });
    call.on('timeout', () => call.destroy(new Error('no answer in time')));
    call.on('error', refused);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The first message of a client of PostgreSQL. */
function startup(user: string): Buffer {
  const words = Buffer.from(`\0\x03\0\0user\0${user}\0database\0${user}\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(words.length + 4);
  return Buffer.concat([length, words]);
}

/** Everything up to the server's second message: it opens with R (authentication), whose 0 means that one is in; E says why not. */
function askDatabase(address: string, user: string, shown: object): Promise<Heard> {
  return new Promise((resolve) => {
    const refused = (error: Error): void => resolve({ isOpened: false, said: error.message });
    const plain: Socket = connectPlain(25_432, address, () => plain.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
    plain.setTimeout(patienceMs, () => plain.destroy(new Error('no answer in time')));
    plain.on('error', refused);
    plain.once('data', () => {
      const secure = connectTls({ socket: plain, rejectUnauthorized: false, ...shown }, () => secure.write(startup(user)));
      secure.on('error', refused);
      secure.once('data', (answer) => {
        const isOpened = answer[0] === 0x52 && answer.readUInt32BE(5) === 0;
        resolve({ isOpened, said: answer.toString('latin1').replace(/[^ -~]+/gu, ' ') });
        plain.destroy();
      });
    });
  });
}

/** Every file of this machine that holds a private key, whoever's it is. */
function privateKeys(): string[] {
  const found = spawnSync(
    'grep',
    ['-rlsE', '-e', '-----BEGIN ([A-Z]+ )?PRIVATE KEY-----', '/etc', '/root', '/home', '/var/lib', '/opt/muster-agent'],
    { encoding: 'utf8' },
  );
  return found.stdout.split('\n').filter((path) => path !== '');
}

function askSsh(address: string, key: string): Heard {
  copyFileSync(key, '/root/tried-key');
  chmodSync('/root/tried-key', 0o600);
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'ConnectTimeout=10',
  ].flatMap((one) => ['-o', one]);
  const { status, stderr } = spawnSync('ssh', [...options, '-i', '/root/tried-key', `root@${address}`, 'true'], { encoding: 'utf8' });
  return { isOpened: status === 0, said: stderr.trim().split('\n').at(-1) ?? '' };
}

const say = (server: string, door: string, heard: Heard): void =>
  void process.stdout.write(`${JSON.stringify({ server, door, ...heard })}\n`);

for (const address of process.argv.slice(2)) {
  say(address, 'api', await ask(address, 7420, 'GET', '/api/v1/nodes'));
  say(address, 'api, to remove a node', await ask(address, 7420, 'DELETE', '/api/v1/nodes/kept'));
  say(address, 'agents', await ask(address, 7421, 'GET', '/api/v1/nodes'));
  say(address, 'etcd', await ask(address, 23_790, 'POST', '/v3/kv/range', { key: 'AA==', range_end: 'AA==' }));
  say(address, 'etcd of a peer', await ask(address, 23_800, 'GET', '/members'));
  say(address, 'Patroni, to restart', await ask(address, 28_008, 'POST', '/restart', {}));
  say(address, 'Patroni, to change it', await ask(address, 28_008, 'PATCH', '/config', { ttl: 20 }));
  for (const user of ['postgres', 'muster', 'replicator']) {
    say(address, `PostgreSQL as ${user}`, await askDatabase(address, user, own));
    say(address, `PostgreSQL as ${user}, no certificate`, await askDatabase(address, user, {}));
  }
  for (const key of privateKeys()) say(address, `ssh with ${key}`, askSsh(address, key));
}
