import { shellQuote } from '@muster/ssh';
import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { fileChange, hashLine, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { observeProof, owesProof } from '../host/proof.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteRestart, observeService, restartService, serviceState, type ServiceState } from '../host/service.ts';
import { noteFiles, undoFolder } from '../host/undo-notes.ts';
import { archivesOf, imageNamesOf } from '../k3s/sources.ts';
import { ProvisionError } from '../provision-error.ts';
import { installPackagesScript, missingPackagesScript } from '../packages/install-packages.ts';
import { packageFolder, packagesFor, uploadPackages } from '../packages/package-source.ts';
import { certificateFolder, registryConfigPath, registryDropInPath, registryFiles, registryFolder, registryUnit } from './files.ts';
import { nameInRegistry, requireOneEach, type WantedImage } from './image-names.ts';
import { pushArchive, pushedNotes } from './push.ts';

type Observed = {
  readonly missing: readonly string[];
  readonly hashes: ReadonlyMap<string, string>;
  readonly service: ServiceState;
  /** Images that are not in it yet. */
  readonly images: readonly WantedImage[];
  readonly owesProof: boolean;
};

const packages = ['docker-registry', 'skopeo'];

const lookScript = `
${missingPackagesScript(packages)}
${registryFiles()
  .map(({ path }) => hashLine(path, path))
  .join('\n')}
${observeService(registryUnit)}
${observeProof('registry')}
if grep -qxF docker-registry ${undoFolder}/packages 2>/dev/null || grep -qxF ${registryConfigPath} ${undoFolder}/files 2>/dev/null; then echo ours=yes; fi
sed 's/^/pushed=/' ${pushedNotes} 2>/dev/null || true
`;

/** The registry: Debian's, with the node's own certificate, and in it the images of the artifact folder. */
export const registryPhase: Phase<Observed> = {
  name: 'registry',
  concerns: ({ roles }) => roles.includes('registry'),
  observe: async (host, run) => {
    const wanted = await wantedImages(host, run);
    const output = await runScript(connectionOf(host), lookScript, { label: 'look at the registry', sudo: true, signal: run.signal });
    const lines = output.split('\n');
    requireOurs(host, lines);
    const pushed = pushedIn(lines);
    return {
      missing: packages.filter((name) => lines.includes(`missing=${name}`)),
      hashes: new Map([...readLines(output)].filter(([key]) => key.startsWith('/'))),
      service: serviceState(output),
      owesProof: owesProof(output),
      images: wanted.filter(({ sha256, name }) => pushed.get(name) !== sha256),
    };
  },
  plan: (seen, { host }) => {
    const folder = packageFolder(host);
    return [
      ...(seen.missing.length === 0
        ? []
        : [{ what: `install ${seen.missing.join(', ')}${folder === undefined ? '' : ` from ${folder}`}` }]),
      ...changedFiles(seen).flatMap((file) => fileChange(file, seen.hashes.get(file.path) ?? 'none')),
      ...(isDue(seen) ? [{ what: `${seen.service.active ? 'restart' : 'start'} ${registryUnit}` }] : []),
      ...(seen.owesProof ? [{ what: 'ask the registry, which has not answered yet' }] : []),
      ...seen.images.map(({ name, archive }) => ({ what: `push ${name} of ${archive}` })),
    ];
  },
  act: async (seen, host, run) => {
    const connection = connectionOf(host);
    if (seen.missing.length > 0) await install(seen.missing, host, run);
    if (isDue(seen)) {
      const files = changedFiles(seen);
      const options = { sudo: true, signal: run.signal };
      await runScript(connection, beforeFiles, { ...options, label: 'make the folders of the registry' });
      for (const file of files) await writeManaged(connection, file, run.signal);
      await runScript(connection, restartService(registryUnit), { ...options, label: `start ${registryUnit}` });
    }
    for (const archive of await archivesOf(host, run)) {
      const images = seen.images.filter((one) => one.archive === archive.name);
      if (images.length > 0) await pushArchive(host, run, { archive, images });
    }
  },
  owesProof: true,
  verify: async (host, run) => {
    const options = { label: 'ask the registry', sudo: true, signal: run.signal, timeoutSeconds: 180 };
    await runScript(connectionOf(host), answersScript(host.address ?? ''), options);
  },
};

/** Read from the provisioner's side once, for all archives. */
async function wantedImages(host: HostRun, run: Run): Promise<WantedImage[]> {
  const images: WantedImage[] = [];
  for (const archive of await archivesOf(host, run)) {
    for (const image of await imageNamesOf(archive, run))
      images.push({ archive: archive.name, sha256: archive.sha256, image, name: nameInRegistry(image) });
  }
  requireOneEach(images);
  return images;
}

/** What each name in the registry is: its last note counts, because an archive may be replaced by the one before it. */
const pushedIn = (lines: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    lines.flatMap((line): [string, string][] => {
      const [, sha256, name] = /^pushed=(\S+) (\S+)$/u.exec(line) ?? [];
      return sha256 === undefined || name === undefined ? [] : [[name, sha256]];
    }),
  );

/** Somebody else's registry would lose its images with a reset, and its settings with a run. @throws ProvisionError with the way out */
function requireOurs({ host: { name } }: HostRun, lines: readonly string[]): void {
  if (lines.includes('missing=docker-registry') || lines.includes('ours=yes')) return;
  throw new ProvisionError(
    `${name} has a docker-registry that Muster did not install. Set install_registry=no for ${name} and go on using that one, or take it off first (apt-get purge docker-registry, and its folder ${registryFolder}).`,
  );
}

const changedFiles = ({ hashes }: Observed): ManagedFile[] =>
  registryFiles().filter((file) => fileChange(file, hashes.get(file.path)).length > 0);

const isDue = (seen: Observed): boolean => {
  const { active, enabled, restartPending } = seen.service;
  return changedFiles(seen).length > 0 || seen.missing.includes('docker-registry') || !active || !enabled || restartPending;
};

async function install(missing: readonly string[], host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  const folder = packageFolder(host.host);
  if (folder !== undefined) await uploadPackages(connection, await packagesFor(folder, factsOf(host)), run.signal);
  const options = { label: `install ${missing.join(', ')}`, sudo: true, signal: run.signal, timeoutSeconds: 1800 };
  await runScript(connection, installPackagesScript(missing, folder !== undefined), options);
}

/** The certificate comes with the agent's first connection. */
const beforeFiles = `
set -eu
i=0
until [ -s ${certificateFolder}/chain.pem ] && [ -s ${certificateFolder}/key.pem ]; do
  i=$((i + 1))
  if [ $i -ge 60 ]; then echo "the agent has put no certificate into ${certificateFolder}; read there: journalctl -u muster-agent" >&2; exit 1; fi
  sleep 1
done
${noteRestart(registryUnit)}
${noteFiles(registryFiles().map(({ path }) => path))}
mkdir -p /etc/docker/registry ${registryDropInPath.slice(0, registryDropInPath.lastIndexOf('/'))}
install -d -m 0750 -o docker-registry -g docker-registry ${registryFolder}
`;

/** Until it answers by TLS, with a certificate of Muster's authority for its address. The agent brings the program that asks. */
const answersScript = (address: string): string => `
exec /opt/muster-agent/runtime/node --input-type=commonjs - ${shellQuote(address)} <<'END'
const https = require('node:https');
const { readFileSync } = require('node:fs');
const end = Date.now() + 60_000;
const ask = () => {
  const options = { host: process.argv[2], port: 5000, path: '/v2/', ca: readFileSync('${certificateFolder}/ca.pem'), timeout: 5000 };
  const call = https.get(options, (answer) => {
    if (answer.statusCode === 200) process.exit(0);
    again(new Error('it answers with status ' + answer.statusCode));
  });
  call.on('timeout', () => call.destroy(new Error('no answer within 5 s')));
  call.on('error', again);
};
const again = (error) => {
  if (Date.now() > end) {
    process.stderr.write('the registry does not answer on port 5000: ' + error.message + '. Read there: journalctl -u ${registryUnit}\\n');
    process.exit(1);
  }
  setTimeout(ask, 1000);
};
ask();
END
`;
