import { shellQuoteAll } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { makeFolders, noteFiles, undoFolder } from '../host/undo-notes.ts';
import { registryEndpoint, registryHostOf } from '../registry/endpoint.ts';
import { certificateFolder } from '../registry/files.ts';

const folder = '/etc/docker/certs.d';
/** The root of the node's own certificate, kept up to date by its agent. */
const authority = `${certificateFolder}/ca.pem`;

/** Where Docker looks for the authority of a registry, each time it asks that one. */
const linkOf = (endpoint: string): string => `${folder}/${endpoint}/ca.crt`;

/** Registries, as `ADDRESS:PORT`, that Docker trusts by Muster's authority; `ours`: because a run has made it so. */
export type TrustSeen = { readonly all: readonly string[]; readonly ours: readonly string[] };

/** Lines of script that print what `readTrust` reads. */
export const observeTrust = `
for link in ${folder}/*/ca.crt; do
  [ "$(readlink "$link" 2>/dev/null)" = ${authority} ] || continue
  endpoint=\${link%/ca.crt}
  printf 'trusts=%s\\n' "\${endpoint##*/}"
  if grep -qxF -- "$link" ${undoFolder}/files 2>/dev/null; then printf 'trusts_ours=%s\\n' "\${endpoint##*/}"; fi
done
`;

/** Reads what the script printed. */
export function readTrust(output: string): TrustSeen {
  const all = (prefix: string): string[] =>
    output.split('\n').flatMap((line) => (line.startsWith(prefix) ? [line.slice(prefix.length)] : []));
  return { all: all('trusts='), ours: all('trusts_ours=') };
}

/** The registry to trust, and those of before that are no longer one. */
export type TrustPlan = { readonly add: string | undefined; readonly remove: readonly string[] };

/** What differs. While the address of the registry's host is not known, everything stays. */
export function planTrust(seen: TrustSeen, run: Run): TrustPlan {
  const endpoint = registryEndpoint(run);
  if (endpoint === undefined && registryHostOf(run) !== undefined) return { add: undefined, remove: [] };
  return {
    add: endpoint === undefined || seen.all.includes(endpoint) ? undefined : endpoint,
    remove: seen.ours.filter((one) => one !== endpoint),
  };
}

/** The same in words. */
export const trustChanges = ({ add, remove }: TrustPlan): Change[] => [
  ...(add === undefined ? [] : [{ what: `let Docker trust the registry ${add}` }]),
  ...remove.map((one) => ({ what: `let Docker no longer trust the registry ${one}` })),
];

/** A link, so that it also holds after the authority was rotated. Docker needs no restart for it. May be repeated. */
export async function trustRegistry(host: HostRun, run: Run, { add, remove }: TrustPlan): Promise<void> {
  const options = { label: 'let Docker trust the registry', sudo: true, signal: run.signal };
  if (add !== undefined) {
    const script = `
set -eu
umask 022
mkdir -p /etc/docker
${noteFiles([linkOf(add)])}
${makeFolders([folder, `${folder}/${add}`])}
ln -sfT ${authority} ${shellQuoteAll([linkOf(add)])}
`;
    await runScript(connectionOf(host), script, options);
  }
  if (remove.length === 0) return;
  const script = `
for link in ${shellQuoteAll(remove.map(linkOf))}; do
  rm -f -- "$link"
  rmdir -- "\${link%/ca.crt}" 2>/dev/null || true
done
`;
  await runScript(connectionOf(host), script, options);
}
