import type { Change } from '../engine/phase.ts';
import { fileChange, type ManagedFile } from '../host/managed-file.ts';
import { ProvisionError } from '../provision-error.ts';
import type { K3sArtifacts, LocalFile } from './artifact-folder.ts';
import { binaryPath, type K3sKind, unitOf } from './files.ts';
import type { K3sSeen } from './look.ts';

/** What a machine of k3s is to have. */
export type K3sWanted = {
  readonly kind: K3sKind;
  readonly artifacts: K3sArtifacts;
  /** Archives besides k3s' own. */
  readonly archives: readonly LocalFile[];
  /** What k3s reads at its start. */
  readonly files: readonly ManagedFile[];
  /** What a running k3s takes up by itself. */
  readonly manifests: readonly ManagedFile[];
  /** SHA-256 of the token that the file is to hold; `own`: the one that is there, or a new one. */
  readonly token: string;
  readonly hasGpu: boolean;
};

/** What has to be done on it. */
export type K3sPlan = {
  readonly binary: LocalFile | undefined;
  readonly images: readonly LocalFile[];
  readonly obsolete: readonly string[];
  readonly files: readonly ManagedFile[];
  readonly takesToken: boolean;
  readonly starts: boolean;
  readonly changes: readonly Change[];
};

/** What differs between what a machine has and what it is to have. Pure. */
export function decideK3s(seen: K3sSeen, wanted: K3sWanted): K3sPlan {
  const { binary: newest, images: airgap } = wanted.artifacts;
  const all = [airgap, ...wanted.archives];
  const read = differing(seen, wanted.files);
  const plan = {
    binary: seen.hashes.get(binaryPath) === newest.sha256 ? undefined : newest,
    images: all.filter(({ name, sha256 }) => seen.images.get(name)?.sha256 !== sha256),
    obsolete: [...seen.images].filter(([name, { isOurs }]) => isObsolete(name, isOurs, all)).map(([name]) => name),
    files: [...read, ...differing(seen, wanted.manifests)],
    takesToken: wanted.token === 'own' ? seen.tokenHash === '' : seen.tokenHash !== wanted.token,
  };
  const isStale = plan.binary !== undefined || read.length > 0 || plan.takesToken || (wanted.hasGpu && seen.lacksGpuRuntime);
  const starts = isStale || !isRunning(seen);
  return { ...plan, starts, changes: changesOf({ ...plan, starts }, seen, wanted) };
}

const differing = (seen: K3sSeen, files: readonly ManagedFile[]): ManagedFile[] =>
  files.filter((file) => fileChange(file, seen.hashes.get(file.path)).length > 0);

const isRunning = ({ service: { active, enabled, restartPending } }: K3sSeen): boolean => active && enabled && !restartPending;

/** A plan in words. */
function changesOf(plan: Omit<K3sPlan, 'changes'>, seen: K3sSeen, { kind, token }: K3sWanted): Change[] {
  const { binary, images, obsolete, files, takesToken, starts } = plan;
  return [
    ...(binary === undefined ? [] : [{ what: `${seen.version === '' ? 'install' : 'upgrade'} ${binaryPath} from ${binary.path}` }]),
    ...images.map(({ name }) => ({ what: `bring the images ${name}` })),
    ...obsolete.map((name) => ({ what: `remove the images ${name}` })),
    ...files.flatMap((file) => fileChange(file, seen.hashes.get(file.path) ?? 'none')),
    ...(takesToken ? [{ what: `${token === 'own' ? 'make' : 'take'} the token of the cluster` }] : []),
    ...(seen.isDrained ? [{ what: 'let the node take pods again' }] : []),
    ...(seen.owesProof ? [{ what: 'run the pod that has not run yet' }] : []),
    ...(starts ? [{ what: `${seen.service.active ? 'restart' : 'start'} ${unitOf(kind)}` }] : []),
  ];
}

/** Archives that a run has brought and nobody wants, and k3s' own of another release. What somebody else has put there stays. */
const isObsolete = (name: string, isOurs: boolean, wanted: readonly LocalFile[]): boolean =>
  wanted.every((one) => one.name !== name) && (isOurs || name.startsWith('k3s-airgap-images-'));

/**
 * A k3s that somebody else has installed is left alone, and a machine does not become the other kind by itself.
 * @throws ProvisionError with the way out
 */
export function requireOurs(name: string, kind: K3sKind, seen: K3sSeen): void {
  if (seen.foreign !== '') {
    throw new ProvisionError(
      `${name} has a ${seen.foreign} that Muster did not put there. Take that k3s off first (k3s-uninstall.sh or k3s-agent-uninstall.sh), or leave ${name} out of k3s.`,
    );
  }
  if (!seen.hasOtherUnit) return;
  const [is, becomes] = kind === 'server' ? ['an agent', 'a server'] : ['a server', 'an agent'];
  throw new ProvisionError(
    `${name} is ${is} of k3s and is to be ${becomes}. Take it out first: muster reset -i INVENTORY --limit ${name}, then apply again.`,
  );
}

/**
 * The token of a cluster is part of its data: another one in the inventory would keep its servers from starting.
 * @throws ProvisionError with the way out
 */
export function requireSameToken(name: string, seen: K3sSeen, givenHash: string | undefined): void {
  if (givenHash === undefined || !seen.hasDatastore || seen.secretHash === '' || givenHash === seen.secretHash) return;
  throw new ProvisionError(
    `The cluster of ${name} was made with another token than k3s_token (or convect_token) now says. Put the old one back, or change it there first: k3s token rotate, and write the new one to /etc/rancher/k3s/token.`,
  );
}
