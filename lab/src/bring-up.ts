import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { startContainer } from './container.ts';
import type { Place } from './container.ts';
import { ensureCredentials } from './credentials.ts';
import type { LabCredentials } from './credentials.ts';
import { LabError } from './errors.ts';
import { ensureHostDisk, hostKeys } from './host-disk.ts';
import type { LabHost } from './host.ts';
import { ensureImage } from './image.ts';
import type { LabImage } from './image.ts';
import { inventoryText, knownHostsText, writeOutput } from './inventory.ts';
import { findKeeper, inNetwork, startKeeper } from './keeper.ts';
import { hostsOf, readRecord, writeRecord } from './lab-record.ts';
import type { LabRecord } from './lab-record.ts';
import { removeControlGroups } from './leftovers.ts';
import { raiseMachineLimits } from './machine-limits.ts';
import { mostHosts } from './network.ts';
import type { Progress } from './progress.ts';
import { requireLabMachine } from './requirements.ts';
import { runCommand } from './run-command.ts';
import type { LabSettings } from './settings.ts';

/** Starting a host is mostly work for the processor; more at once than this only makes each slower. */
const startsAtOnce = 6;

async function eachAtOnce(hosts: readonly LabHost[], work: (host: LabHost) => Promise<void>): Promise<void> {
  const waiting = [...hosts];
  const worker = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) await work(host);
  };
  await Promise.all(Array.from({ length: startsAtOnce }, worker));
}

/** Waits until sshd of every host answers inside the lab's network; an error names those that do not. */
export async function waitForHosts(place: Place, hosts: readonly LabHost[], waitSeconds = 30 + hosts.length * 2): Promise<void> {
  const program = join(import.meta.dirname, 'wait-for-ssh.ts');
  const argv = [process.execPath, program, String(waitSeconds), ...hosts.map((host) => host.address)];
  const { code, stdout, stderr } = await runCommand(inNetwork(place.keeper, argv), { cwd: '/', timeoutSeconds: waitSeconds + 30 });
  if (code === 0) return;
  const silent = hosts.filter((host) => stdout.split('\n').includes(host.address)).map((host) => host.name);
  if (silent.length === 0) throw new LabError(`the wait for SSH failed: ${stderr.trim()}`);
  throw new LabError(`no SSH from ${silent.join(', ')} within ${waitSeconds} s`, {
    advice: `npm run lab -- run ${silent[0]} -- systemctl status ssh systemd-networkd`,
  });
}

async function recordFor(settings: LabSettings, count: number, prefix: string, progress: Progress): Promise<LabRecord> {
  const known = readRecord(settings);
  if (known === undefined) return { prefix, hostCount: count, image: await ensureImage(settings, progress) };
  if (known.prefix !== prefix)
    throw new LabError(`lab "${settings.name}" has hosts named ${known.prefix}1 and on`, {
      kind: 'usage',
      advice: 'npm run lab -- down first',
    });
  if (known.hostCount > count)
    throw new LabError(`lab "${settings.name}" has ${known.hostCount} hosts already, more than ${count}`, {
      kind: 'usage',
      advice: 'npm run lab -- down first',
    });
  if (!existsSync(known.image.rootDir))
    throw new LabError(`the image of lab "${settings.name}" is gone from ${known.image.rootDir}`, { advice: 'npm run lab -- down first' });
  return { ...known, hostCount: count };
}

async function ensureKeeper(settings: LabSettings): Promise<Place> {
  const found = findKeeper(settings);
  if (found !== undefined) return { settings, keeper: found };
  // A killed lab's empty groups would make LXC choose other names for the new ones.
  await removeControlGroups(settings);
  return { settings, keeper: await startKeeper(settings) };
}

async function startHosts(place: Place, hosts: readonly LabHost[], image: LabImage, credentials: LabCredentials): Promise<void> {
  await eachAtOnce(hosts, async (host) => {
    await ensureHostDisk(place.settings, host, image, credentials);
    await startContainer(place, image, host);
  });
  await waitForHosts(place, hosts);
}

/**
 * Brings a lab to `count` running hosts whose sshd answers, from whatever is there: nothing, fewer
 * hosts, hosts switched off, or the remains of a killed lab. Writes inventory and known_hosts.
 */
export async function bringUp(settings: LabSettings, count: number, prefix: string, progress: Progress): Promise<void> {
  if (!Number.isInteger(count) || count < 1 || count > mostHosts)
    throw new LabError(`a lab has 1 to ${mostHosts} hosts`, { kind: 'usage' });
  await requireLabMachine();
  const record = await recordFor(settings, count, prefix, progress);
  writeRecord(settings, record);
  raiseMachineLimits(settings, count);
  const hosts = hostsOf(record);
  const credentials = await ensureCredentials(settings);
  const place = await ensureKeeper(settings);
  await progress(`starting ${count === 1 ? '1 host' : `${count} hosts`}`, () => startHosts(place, hosts, record.image, credentials));
  const known = knownHostsText(hosts, (host) => hostKeys(settings, host));
  writeOutput(settings, inventoryText(hosts, credentials.privateKeyPath), known);
}
