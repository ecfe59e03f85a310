import { type Connection, shellQuote } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { runScript } from '../host/run-script.ts';
import { noteRestart } from '../host/service.ts';
import { undoFolder } from '../host/undo-notes.ts';
import { ProvisionError } from '../provision-error.ts';
import type { LocalFile } from './artifact-folder.ts';
import { binaryPath, imageFolder, type K3sKind, manifestFolder, tokenPath, unitOf } from './files.ts';
import { imageNotes } from './look.ts';
import { noteK3sPlaces } from './remove-script.ts';
import { waitSeconds } from './settings.ts';
import { uploadOf } from './sources.ts';
import { judgeVersion, type VersionVerdict } from './versions.ts';

type AllowedVersion = Exclude<VersionVerdict, { readonly kind: 'refuse' }>;

const stagedBinary = (binary: LocalFile): string => `/var/cache/muster/k3s-${binary.sha256.slice(0, 16)}`;

/**
 * Brings the binary beside the one in use, and asks it for its version.
 * @throws ProvisionError before anything in use is touched, when the machine may not go from its version to this one
 */
export async function stageBinary(host: HostRun, run: Run, how: { binary: LocalFile; installed: string }): Promise<AllowedVersion> {
  const connection = connectionOf(host);
  const path = stagedBinary(how.binary);
  const options = { sudo: true, signal: run.signal };
  await runScript(connection, 'umask 022; mkdir -p /var/cache/muster', { ...options, label: 'make /var/cache/muster' });
  await connection.upload(await uploadOf(how.binary, run), path, { mode: 0o755, owner: 'root:root', ...options });
  const said = await runScript(connection, `timeout 60 ${path} --version | head -n 1`, { ...options, label: 'ask k3s for its version' });
  const verdict = judgeVersion(how.installed, said);
  if (verdict.kind !== 'refuse') return verdict;
  throw new ProvisionError(`${host.host.name} keeps the k3s it has: ${verdict.why}.`);
}

/** Marks the host, and makes the folders. What was there before any of it is noted once. */
const prepareScript = (kind: K3sKind, starts: boolean): string => `
set -eu
umask 022
mkdir -p -m 0700 ${undoFolder}
${noteK3sPlaces}
${starts ? noteRestart(unitOf(kind)) : ''}
mkdir -p /etc/rancher/k3s ${imageFolder}
${kind === 'server' ? `mkdir -p -m 0700 ${manifestFolder}` : ''}
`;

/** Puts the staged binary in use by one rename, and lets its other names be found where nobody else has them. */
const useBinary = (binary: LocalFile): string => `
set -eu
cp -p ${stagedBinary(binary)} ${binaryPath}.new
mv ${binaryPath}.new ${binaryPath}
for name in kubectl crictl ctr; do
  command -v $name >/dev/null 2>&1 || ln -s k3s /usr/local/bin/$name
done
rm -f ${stagedBinary(binary)}
`;

export async function prepare(
  host: HostRun,
  run: Run,
  { kind, starts }: { readonly kind: K3sKind; readonly starts: boolean },
): Promise<void> {
  await runScript(connectionOf(host), prepareScript(kind, starts), { label: 'make the folders of k3s', sudo: true, signal: run.signal });
}

export async function putInUse(host: HostRun, run: Run, binary: LocalFile): Promise<void> {
  await runScript(connectionOf(host), useBinary(binary), { label: 'put the k3s binary in use', sudo: true, signal: run.signal });
}

/** Brings archives of images, notes what they are, and removes those of an earlier release. */
export async function bringImages(
  host: HostRun,
  run: Run,
  { wanted, obsolete }: { readonly wanted: readonly LocalFile[]; readonly obsolete: readonly string[] },
): Promise<void> {
  const connection = connectionOf(host);
  const options = { sudo: true, signal: run.signal };
  for (const file of wanted) {
    await connection.upload(await uploadOf(file, run), `${imageFolder}/${file.name}`, { mode: 0o644, owner: 'root:root', ...options });
  }
  const note = ({ name, sha256 }: LocalFile): string =>
    `printf '%s %s %s\\n' ${sha256} "$(stat -c '%s-%Y' ${imageFolder}/${name})" ${shellQuote(name)} >> ${imageNotes}.new`;
  const script = `
set -eu
rm -f ${imageNotes}.new
if [ -e ${imageNotes} ]; then cp ${imageNotes} ${imageNotes}.new; fi
${wanted.map(note).join('\n')}
cd ${imageFolder}
${obsolete.map((name) => `rm -f -- ${shellQuote(name)}`).join('\n')}
if [ -e ${imageNotes}.new ]; then mv ${imageNotes}.new ${imageNotes}; fi
`;
  await runScript(connection, script, { ...options, label: 'note the images of k3s' });
}

/** Writes configuration and unit. */
export async function writeFiles(connection: Connection, files: readonly ManagedFile[], signal: AbortSignal): Promise<void> {
  for (const file of files) await writeManaged(connection, file, signal);
}

/** Takes a token from standard input. */
export async function writeToken(host: HostRun, run: Run, token: string): Promise<void> {
  const script = `
set -eu
umask 077
cat > ${tokenPath}.new
mv ${tokenPath}.new ${tokenPath}
`;
  const options = { label: 'write the token of k3s', sudo: true, signal: run.signal, stdin: token };
  await runScript(connectionOf(host), script, options);
}

/** Makes the token of a new cluster on its first server; one that is there stays. */
export async function makeToken(host: HostRun, run: Run): Promise<void> {
  const script = `
set -eu
umask 077
if [ ! -s ${tokenPath} ]; then
  od -An -v -tx1 -N 32 /dev/urandom | tr -d ' \\n' > ${tokenPath}.new
  mv ${tokenPath}.new ${tokenPath}
fi
`;
  await runScript(connectionOf(host), script, { label: 'make the token of k3s', sudo: true, signal: run.signal });
}

/**
 * Starts a unit anew and waits for it, on a server until its API answers too. Systemd is not waited for: a server that never gets ready
 * would hold it up for ever.
 */
const startScript = (kind: K3sKind, seconds: number): string => {
  const unit = unitOf(kind);
  const isUp =
    kind === 'server'
      ? `systemctl -q is-active ${unit} && timeout 20 ${binaryPath} kubectl get --raw /readyz`
      : `systemctl -q is-active ${unit}`;
  return `
set -u
systemctl daemon-reload
systemctl enable --quiet ${unit} || exit 1
systemctl stop ${unit}
systemctl reset-failed ${unit} 2>/dev/null
systemctl start --no-block ${unit} || exit 1
end=$(($(date +%s) + ${seconds}))
until ${isUp} >/dev/null 2>&1; do
  if [ "$(date +%s)" -ge $end ]; then
    journalctl -u ${unit} -n 15 --no-pager -o cat >&2
    echo "${unit} is not ready after ${seconds} s" >&2
    exit 1
  fi
  sleep 1
done
rm -f /run/muster-restart-pending.${unit}
`;
};

export async function start(host: HostRun, run: Run, kind: K3sKind): Promise<void> {
  const seconds = waitSeconds(host.host);
  await runScript(connectionOf(host), startScript(kind, seconds), {
    label: `start ${unitOf(kind)}`,
    sudo: true,
    signal: run.signal,
    timeoutSeconds: seconds + 120,
  });
}
