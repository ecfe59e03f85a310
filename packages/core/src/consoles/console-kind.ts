import type { ConsoleKind } from '@muster/api';

/** What decides about the kind of a node's console. */
export type ConsoleWays = {
  readonly nodeName: string;
  /** What was said of its management controller. */
  readonly controller: { readonly kind: ConsoleKind } | undefined;
  /** How the server logs in to it; `full`: as root too. */
  readonly ssh: { readonly full: boolean } | undefined;
  /** Whether commands may be run on nodes at all (`exec.enabled`). */
  readonly execEnabled: boolean;
};

/** The kind of console a node has, or why it has none. */
export type ConsoleChoice = { readonly kind: ConsoleKind } | { readonly reason: string };

/** By its management controller where one is known, else by a shell over SSH where the server is root there. Pure. */
export function consoleKindOf({ nodeName, controller, ssh, execEnabled }: ConsoleWays): ConsoleChoice {
  if (controller !== undefined && controller.kind !== 'ssh') return { kind: controller.kind };
  const orController =
    controller === undefined ? ` or say how its management controller is reached: muster node controller set ${nodeName}` : '';
  if (ssh?.full !== true)
    return {
      reason: `${nodeName} has no console: the server is not root there over SSH. Set muster_control=full for it and run "muster apply"${orController}.`,
    };
  if (!execEnabled)
    return {
      reason: `${nodeName} has no console: a shell over SSH runs commands, which the configuration does not allow. Set exec.enabled: true${orController}.`,
    };
  return { kind: 'ssh' };
}
