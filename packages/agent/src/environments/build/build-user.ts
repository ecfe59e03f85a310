/** Whom builds run as; undefined for the user of this process, who is not root and cannot be anybody else. */
export type BuildUser = { readonly uid: number; readonly gid: number } | undefined;

/**
 * A number that no account has: of the range that systemd keeps for users that exist only while a service runs. What an environment's
 * definition brings along (conda's link scripts, conda-unpack) runs with no more rights than it.
 */
export const buildUser: BuildUser = process.getuid?.() === 0 ? { uid: 64_821, gid: 64_821 } : undefined;
