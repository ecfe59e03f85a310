import { makeKeyAndCsr } from '@muster/trust';
import { durableFiles, type DurableFiles } from '../src/state/durable-files.ts';
import type { Identity } from '../src/state/identity.ts';
import { IdentityStore } from '../src/state/identity-store.ts';
import { writeNodeRecord } from '../src/state/node-record.ts';
import type { FakeAuthority } from './fake-authority.ts';
import { nodeId } from './fake-gateway.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const nodeName = 'worker1';
const minuteMs = 60_000;
/** Certificates of the fake live one hour: at this age one is due for renewal. */
export const dueAgeMs = 50 * minuteMs;

/** Puts one more generation of an identity on the disk and makes it current. */
export async function addIdentity(authority: FakeAuthority, stateDir: string, ageMs = 0): Promise<Identity> {
  const store = new IdentityStore(stateDir);
  const pending = await store.begin(nodeName, await makeKeyAndCsr({ nodeName }));
  const chainPem = await authority.signNode({ csrPem: pending.csrPem, nodeId, nodeName, ageMs });
  const identity = await store.complete(pending.generation, chainPem, authority.authority.rootPem);
  await store.activate(identity.generation);
  return identity;
}

/** A state folder as enrolment leaves it. */
export async function enrolledNode(
  authority: FakeAuthority,
  servers: readonly string[],
  ageMs = 0,
): Promise<{ stateDir: string; identity: Identity }> {
  const stateDir = temporaryFolder();
  const identity = await addIdentity(authority, stateDir, ageMs);
  await writeNodeRecord(stateDir, { nodeId, nodeName, servers });
  return { stateDir, identity };
}

/** Thrown where a test ends the program. */
export class Crash extends Error {}

/** Files that fail at the given write and at every one after it, before or after the write itself is done. */
export function crashingFiles(at: number, when: 'before' | 'after'): { readonly files: DurableFiles; readonly crashed: () => boolean } {
  let count = 0;
  const guard =
    <A extends unknown[]>(write: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      count += 1;
      if (count < at) return write(...args);
      if (count === at && when === 'after') await write(...args);
      throw new Crash(`crash ${when} write ${at}`);
    };
  const { makeFolder, makeSharedFolder, writeFile, pointTo, removeFolder, removeFile } = durableFiles;
  return {
    files: {
      makeFolder: guard(makeFolder),
      makeSharedFolder: guard(makeSharedFolder),
      writeFile: guard(writeFile),
      pointTo: guard(pointTo),
      removeFolder: guard(removeFolder),
      removeFile: guard(removeFile),
    },
    crashed: () => count >= at,
  };
}
