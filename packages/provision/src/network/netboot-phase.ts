import { shellQuote, shellQuoteAll } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { makeFolders, noteFiles, takeBackFiles } from '../host/undo-notes.ts';
import { type BootFile, readBootFolder } from './boot-folder.ts';
import {
  installKept,
  keptChanges,
  type KeptService,
  observeKept,
  planKept,
  planKeptOff,
  putKept,
  type SeenService,
  startKept,
  takeAwayScript,
} from './kept-service.ts';
import { isAsked, offers } from './members.ts';
import {
  bootFilesFolder,
  loaderFolder,
  loaders,
  netbootFiles,
  netbootFolder,
  netbootPaths,
  netbootPort,
  netbootUnitName,
} from './netboot-files.ts';
import { requirePlace } from './own-network.ts';
import { withParents } from './tftp-root.ts';
import { bootFiles, bootFolderOf, bootNodes } from './wanted-netboot.ts';
import { tftpRootOf } from './wanted-network.ts';

type Observed = SeenService & {
  /** What is wanted there, as it lies in the folder on this machine. */
  readonly wanted: readonly BootFile[];
  /** SHA-256 of what lies among the kernels, by name. */
  readonly kernels: ReadonlyMap<string, string>;
  readonly hasLoaders: boolean;
};

const server: KeptService = {
  name: 'the boot server',
  unit: netbootUnitName,
  packages: ['busybox', 'ipxe'],
  paths: Object.values(netbootPaths),
  isReread: (path) => path !== netbootPaths.unit,
};

const loaderPaths = (root: string): string[] => loaders.map(({ name }) => `${root}/${loaderFolder}/${name}`);

const lookScript = (root: string): string => `
for path in ${bootFilesFolder}/*; do
  if [ -f "$path" ]; then printf 'kernel:%s=%s\\n' "\${path##*/}" "$(sha256sum < "$path" | cut -d' ' -f1)"; fi
done
loaders=yes
${loaders.map(({ target }, index) => `[ "$(readlink -- ${shellQuote(loaderPaths(root)[index] ?? '')})" = ${target} ] || loaders=no`).join('\n')}
echo "loaders=$loaders"
`;

/** What machines without a disk of their own boot: iPXE over TFTP, then scripts, kernels and initrds over HTTP, on every member alike. */
export const netbootPhase: Phase<Observed> = {
  name: 'netboot',
  // So that one answers while another is started anew.
  atOnce: 1,
  concerns: (host) => isNode(host) && isAsked(host, ['netboot']),
  observe: async (host, run) => {
    const { look, output } = await observeKept(server, host, run, lookScript(tftpRootOf(host.host)));
    const lines = readLines(output);
    const kernels = [...lines].flatMap(([key, hash]) => (key.startsWith('kernel:') ? [[key.slice('kernel:'.length), hash] as const] : []));
    return { ...look, wanted: await wantedFiles(host, run), kernels: new Map(kernels), hasLoaders: lines.get('loaders') === 'yes' };
  },
  plan: (observed, host, run) => {
    if (!offers(host.host, 'netboot')) return planKeptOff(observed, host, `stop and remove ${netbootUnitName} and what it gave`);
    const root = tftpRootOf(host.host);
    return planKept(server, observed, host.host, keptChanges(server, observed, host.host, filesOf(host, run)), [
      ...(observed.hasLoaders ? [] : [{ what: `link iPXE into ${root}/${loaderFolder}` }]),
      ...kernelChanges(observed),
    ]);
  },
  act: async (observed, host, run) => {
    const connection = connectionOf(host);
    const options = { sudo: true, signal: run.signal };
    const root = tftpRootOf(host.host);
    if (!offers(host.host, 'netboot')) {
      await runScript(connection, offScript(root), { ...options, label: 'take the boot server away' });
      return;
    }
    await installKept(observed, host, run);
    await runScript(connection, makeScript(root, observed.hasLoaders), { ...options, label: `make ${netbootFolder}` });
    await bringKernels(observed, host, run);
    const due = await putKept(server, observed, host, run, { files: filesOf(host, run), checkOf: () => 'true' });
    await startKept(server, due, host, run);
  },
  verify: async (host, run) => {
    if (!offers(host.host, 'netboot')) return;
    const options = { label: 'fetch the boot script', sudo: true, signal: run.signal };
    await runScript(connectionOf(host), verifyScript(requirePlace(host).address), options);
  },
};

const filesOf = (host: HostRun, run: Run): ManagedFile[] => netbootFiles(requirePlace(host).address, bootNodes(run.cluster.hosts));

async function wantedFiles({ host }: HostRun, run: Run): Promise<BootFile[]> {
  const names = offers(host, 'netboot') ? bootFiles(bootNodes(run.cluster.hosts)) : [];
  const folder = bootFolderOf(host);
  return names.length === 0 || folder === undefined ? [] : readBootFolder(folder, names, run.inventoryFolder);
}

const staleKernels = ({ wanted, kernels }: Observed): string[] =>
  [...kernels.keys()].filter((name) => !wanted.some((file) => file.name === name));

const kernelChanges = (observed: Observed): Change[] => [
  ...observed.wanted
    .filter(({ name, source }) => observed.kernels.get(name) !== source.sha256)
    .map(({ name, source }) => ({ what: `upload ${name} (SHA-256 ${source.sha256.slice(0, 12)}...)` })),
  ...staleKernels(observed).map((name) => ({ what: `remove ${bootFilesFolder}/${name}` })),
];

/** The upload itself holds the digest against what has arrived, and leaves what is there already. */
async function bringKernels(observed: Observed, host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  for (const { name, source } of observed.wanted) {
    const options = { mode: 0o644, owner: 'root:root', sudo: true, signal: run.signal, timeoutSeconds: 1800 };
    await connection.upload(source, `${bootFilesFolder}/${name}`, options);
  }
  const stale = staleKernels(observed).map((name) => `${bootFilesFolder}/${name}`);
  if (stale.length === 0) return;
  const options = { label: 'take old kernels away', sudo: true, signal: run.signal };
  await runScript(connection, `rm -f -- ${shellQuoteAll(stale)}`, options);
}

const makeScript = (root: string, hasLoaders: boolean): string => `
set -eu
umask 022
mkdir -p /etc/muster ${netbootFolder} ${bootFilesFolder}
${makeFolders([...withParents(root), `${root}/${loaderFolder}`])}
${hasLoaders ? '' : noteFiles(loaderPaths(root))}
${loaders.map(({ target }, index) => `ln -sfn ${target} ${shellQuote(loaderPaths(root)[index] ?? '')}`).join('\n')}
`;

const offScript = (root: string): string => `
${takeAwayScript(netbootUnitName, [netbootFolder, bootFilesFolder])}
${takeBackFiles(loaderPaths(root))}
rmdir -- ${shellQuote(`${root}/${loaderFolder}`)} 2>/dev/null || true
`;

/** By a program that is there in any case. */
const verifyScript = (address: string): string => `
i=0
until said=$(busybox wget -q -O - http://${address}:${netbootPort}/boot.ipxe 2>&1); do
  i=$((i + 1))
  if [ $i -ge 40 ]; then
    echo "the boot script is not given by http://${address}:${netbootPort}/boot.ipxe: $said. ${netbootUnitName} says:" >&2
    journalctl -q --no-pager -o cat -n 5 -u ${netbootUnitName} >&2 || true
    exit 1
  fi
  sleep 0.25
done
`;
