import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '@muster/lab';
import { onHost } from './on-host.ts';

/*
 * Lab hosts share the machine's clock. libfaketime of Debian gives programs that ask the C library another one: the server, Patroni and
 * PostgreSQL. etcd, a Go program, keeps the true one. Monotonic time stays as it is, as on a machine whose clock is set.
 */

const library = '/usr/local/lib/libfaketime.so.1';
const offsetFile = '/etc/muster-clock';
const units = ['muster', 'muster-database'];

/** @throws Error when the package cannot be had */
function readLibrary(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'faketime-'));
  try {
    execFileSync('apt-get', ['download', 'libfaketime'], { cwd: folder, stdio: 'ignore' });
    const [archive = ''] = readdirSync(folder);
    execFileSync('dpkg', ['-x', archive, '.'], { cwd: folder });
    const [triplet = ''] = readdirSync(join(folder, 'usr/lib'));
    return readFileSync(join(folder, 'usr/lib', triplet, 'faketime/libfaketime.so.1'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const dropIn = `[Service]
Environment=LD_PRELOAD=${library} FAKETIME_TIMESTAMP_FILE=${offsetFile} FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1
`;

/** The units of a member take their time from a file from now on; the members are started anew one after the other. */
export async function makeClockMovable(lab: Lab, members: readonly string[]): Promise<void> {
  const encoded = readLibrary().toString('base64');
  for (const member of members) {
    const dropIns = units.map(
      (unit) =>
        `mkdir -p /etc/systemd/system/${unit}.service.d && printf '%s' '${dropIn}' > /etc/systemd/system/${unit}.service.d/clock.conf`,
    );
    await onHost(lab, member, [`base64 -d > ${library} <<'END'\n${encoded}\nEND`, `echo +0 > ${offsetFile}`, ...dropIns].join('\n'));
    await onHost(lab, member, `systemctl daemon-reload; systemctl restart ${units.join(' ')}`);
  }
}

/** Sets a member's clock so many seconds ahead of the true time. @throws Error when its server still has another */
export async function setAhead(lab: Lab, host: string, seconds: number): Promise<void> {
  const look = `curl -s -o /dev/null -D - --unix-socket /run/muster/muster.sock http://localhost/api/v1/health | sed -n 's/^[Dd]ate: //p' | tr -d '\\r'`;
  const said = await onHost(lab, host, `echo +${seconds} > ${offsetFile}; sleep 2.5; ${look}`);
  const ahead = (Date.parse(said) - Date.now()) / 1000;
  if (!(Math.abs(ahead - seconds) < 5)) throw new Error(`the clock of ${host} is ${ahead} s ahead, not ${seconds}: ${said}`);
}
