import type { KnownNode } from '../engine/phase.ts';

/** Everything that decides whether a host gets a certificate. */
export type EnrolmentQuestion = {
  /** Whether the host's agent has an identity. */
  readonly enrolled: boolean;
  /** The node that an earlier run made of this installation of the host; empty where none did. */
  readonly mark: string;
  /** What the server knows of the node; undefined when there is none, or no server yet. */
  readonly node: Pick<KnownNode, 'id' | 'name' | 'registration'> | undefined;
  /** Servers that its agent speaks to now, where it does and none of them is the one of this run. */
  readonly elsewhere: readonly string[];
  /** Name of the host in the inventory. */
  readonly name: string;
  /** Whether somebody said yes to a new certificate for this very node. */
  readonly reissue: boolean;
};

/** `keep` what it has; `enrol` it, with `reissue` in place of a certificate that counts; or refuse it, with what to do. */
export type EnrolmentVerdict =
  | { readonly kind: 'keep' }
  | { readonly kind: 'enrol'; readonly reissue: boolean }
  | { readonly kind: 'refuse'; readonly why: string };

/**
 * Decides whether a host is to be enrolled. A host without an identity, whose node holds a certificate that counts, is one of two things: the
 * installation that this node was made of, of which a part got lost or was never finished, and then it bears the node's mark and is
 * repaired; or another machine, or one that was made anew, under an old name, and then somebody has to say yes. Pure.
 */
export function judgeEnrolment({ enrolled, mark, node, reissue, elsewhere, name }: EnrolmentQuestion): EnrolmentVerdict {
  if (node === undefined && enrolled && elsewhere.length > 0 && !reissue) {
    return {
      kind: 'refuse',
      why:
        `${name} is a node of another management server (${elsewhere.join(', ')}), and that one would lose it. If it is to come to this one for good, ` +
        `say: apply with --reissue ${name}. If [driver] was changed by mistake, name the former host there again.`,
    };
  }
  if (node?.registration !== 'registered') return { kind: 'enrol', reissue: false };
  if (reissue) return { kind: 'enrol', reissue: true };
  if (enrolled) return { kind: 'keep' };
  if (mark === node.id) return { kind: 'enrol', reissue: true };
  return {
    kind: 'refuse',
    why:
      `The node ${node.name} holds a certificate, and this host is not the installation that it was given to: the machine was made anew, or it is ` +
      `another one. If it is to take the place of the old one, whose certificate is then revoked, say: muster node reissue ${node.name}, ` +
      `or apply with --reissue ${node.name}.`,
  };
}
