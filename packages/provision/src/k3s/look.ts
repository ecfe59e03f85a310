import { hashLine } from '../host/managed-file.ts';
import { observeProof, owesProof } from '../host/proof.ts';
import { readLines } from '../host/run-script.ts';
import { observeService, serviceState, type ServiceState } from '../host/service.ts';
import { undoFolder } from '../host/undo-notes.ts';
import {
  binaryPath,
  configPath,
  dataFolder,
  fullTokenPath,
  imageFolder,
  type K3sKind,
  ownSettings,
  registriesPath,
  tokenPath,
  unitOf,
  unitPath,
} from './files.ts';
import { gpuPath, ingressPath } from './manifests.ts';

/** Stands from the first change that a run makes for k3s: what is there then is ours, and a reset takes it away. */
export const k3sMark = `${undoFolder}/k3s`;
/** `SHA256 SIZE-MTIME NAME` of the archives that a run has brought, so that not every run reads all of them. */
export const imageNotes = `${undoFolder}/k3s-images`;

/** Stands from the drain of a node to the moment in which it takes pods again. */
export const drainedMark = `${undoFolder}/k3s-drained`;

export type SeenImage = { readonly sha256: string; readonly isOurs: boolean };

/** What a machine has of k3s. */
export type K3sSeen = {
  /** SHA-256 of files by path; `none` where there is none. */
  readonly hashes: ReadonlyMap<string, string>;
  /** What `k3s --version` prints; empty without k3s. */
  readonly version: string;
  /** SHA-256 of the token file, and of the secret in it. */
  readonly tokenHash: string;
  readonly secretHash: string;
  /** SHA-256 of the cluster's full token, on a server that has one. */
  readonly fullTokenHash: string;
  /** Whether this server holds the data of a cluster. */
  readonly hasDatastore: boolean;
  /** How its configuration lets it join: the line, empty without one. */
  readonly joinLine: string;
  /** What of k3s was there before a run: a path; empty where nothing was, or it came with a run. */
  readonly foreign: string;
  /** The unit of the other kind, where this machine has it. */
  readonly hasOtherUnit: boolean;
  /** The archives in the folder of images by name; `isOurs`: a run has brought it. */
  readonly images: ReadonlyMap<string, SeenImage>;
  /** NVIDIA's container runtime is there, and k3s was started without it. */
  readonly lacksGpuRuntime: boolean;
  /** A run has drained it and was cut off. */
  readonly isDrained: boolean;
  /** A run has not seen it run a pod since it changed something. */
  readonly owesProof: boolean;
  readonly service: ServiceState;
};

const files = (kind: K3sKind): string[] => [
  configPath,
  registriesPath,
  unitPath(kind),
  binaryPath,
  ...(kind === 'server' ? [ingressPath, gpuPath] : []),
];

/** Prints what `readSeen` reads. Tokens are shown as their hashes. */
export const lookScript = (kind: K3sKind): string => `
hash() { tr -d '\\n' | sha256sum | cut -d' ' -f1; }
${files(kind)
  .map((path) => hashLine(path, path))
  .join('\n')}
if [ -x ${binaryPath} ]; then printf 'version=%s\\n' "$(timeout 30 ${binaryPath} --version 2>/dev/null | head -n 1)"; fi
if [ -s ${tokenPath} ]; then
  printf 'token=%s\\n' "$(hash < ${tokenPath})"
  printf 'secret=%s\\n' "$(sed 's/^K10.*::[^:]*://' ${tokenPath} | hash)"
fi
if [ -s ${fullTokenPath} ]; then printf 'full_token=%s\\n' "$(hash < ${fullTokenPath})"; fi
if [ -d ${dataFolder}/server/db ]; then echo datastore=yes; fi
printf 'join=%s\\n' "$(grep -E '^(server|cluster-init):' ${configPath} 2>/dev/null | head -n 1)"
if [ ! -e ${k3sMark} ]; then
  for path in ${binaryPath} ${unitPath('server')} ${unitPath('agent')} /etc/rancher/k3s/* ${dataFolder}; do
    # Settings that an administrator keeps there are no k3s.
    if [ "$path" != ${ownSettings} ] && [ -e "$path" ]; then printf 'foreign=%s\\n' "$path"; break; fi
  done
fi
if [ -e ${unitPath(kind === 'server' ? 'agent' : 'server')} ]; then echo other=yes; fi
if [ -e ${drainedMark} ]; then echo drained=yes; fi
${observeProof(`k3s-${kind}s`)}
for file in ${imageFolder}/*; do
  [ -f "$file" ] || continue
  stamp="$(stat -c '%s-%Y' "$file")"
  hash=$(awk -v stamp="$stamp" -v name="\${file##*/}" '$2 == stamp && $3 == name { print $1; exit }' ${imageNotes} 2>/dev/null)
  [ -n "$hash" ] || hash=$(sha256sum < "$file" | cut -d' ' -f1)
  noted=$(awk -v name="\${file##*/}" '$3 == name { print "noted"; exit }' ${imageNotes} 2>/dev/null)
  printf 'image=%s %s %s\\n' "$hash" "\${file##*/}" "$noted"
done
if command -v nvidia-container-runtime >/dev/null 2>&1 && [ -e ${dataFolder}/agent/etc/containerd/config.toml ] &&
  ! grep -q nvidia ${dataFolder}/agent/etc/containerd/config.toml; then echo lacks_gpu_runtime=yes; fi
${observeService(unitOf(kind))}
`;

/** Reads what `lookScript` printed. */
export function readSeen(output: string): K3sSeen {
  const lines = readLines(output);
  const text = (key: string): string => lines.get(key) ?? '';
  const images = [...output.matchAll(/^image=([0-9a-f]{64}) (\S+) ?(noted)?$/gmu)].map(
    ([, sha256 = '', name = '', noted]): [string, SeenImage] => [name, { sha256, isOurs: noted !== undefined }],
  );
  return {
    hashes: new Map([...lines].filter(([key]) => key.startsWith('/'))),
    version: text('version'),
    tokenHash: text('token'),
    secretHash: text('secret'),
    fullTokenHash: text('full_token'),
    hasDatastore: text('datastore') === 'yes',
    joinLine: text('join'),
    foreign: text('foreign'),
    hasOtherUnit: text('other') === 'yes',
    images: new Map(images),
    lacksGpuRuntime: text('lacks_gpu_runtime') === 'yes',
    isDrained: text('drained') === 'yes',
    owesProof: owesProof(output),
    service: serviceState(output),
  };
}
