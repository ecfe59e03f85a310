/** What becomes of a machine that has one version of k3s and is to have another. */
export type VersionVerdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'first'; readonly to: string }
  | { readonly kind: 'upgrade'; readonly to: string }
  | { readonly kind: 'refuse'; readonly why: string };

/** Minor and patch of `k3s version v1.32.5+k3s1 (...)`; undefined for another text. */
export function k3sVersion(text: string): string | undefined {
  return /\bv\d+\.\d+\.\d+(?:[-+][\w.+-]+)?/u.exec(text)?.[0];
}

/**
 * Whether a machine may go from one version to another: never back, because the datastore does not, and not over a minor version, because
 * Kubernetes does not (docs.k3s.io, "Upgrades"). Texts are what `k3s --version` prints; empty where there is none. Pure.
 */
export function judgeVersion(installed: string, wanted: string): VersionVerdict {
  const to = k3sVersion(wanted);
  if (to === undefined) return { kind: 'refuse', why: `the binary does not say its version: "${wanted.slice(0, 60)}"` };
  const from = k3sVersion(installed);
  if (from === undefined) return { kind: 'first', to };
  const order = compare(numbersOf(from), numbersOf(to));
  if (order === 0) return { kind: 'same' };
  if (order > 0) return { kind: 'refuse', why: `it runs ${from}, and the artifacts are ${to}: k3s does not go back` };
  const [fromMajor = 0, fromMinor = 0] = numbersOf(from);
  const [toMajor = 0, toMinor = 0] = numbersOf(to);
  if (toMajor !== fromMajor || toMinor - fromMinor > 1) {
    return { kind: 'refuse', why: `it runs ${from}, and the artifacts are ${to}: install each minor version between them first` };
  }
  return { kind: 'upgrade', to };
}

/** The servers whose version is below another: no kubelet may be newer than an API that it asks. Texts without a version do not count. Pure. */
export const serversBelow = (version: string, servers: ReadonlyMap<string, string>): string[] =>
  [...servers].filter(([, one]) => k3sVersion(one) !== undefined && compare(numbersOf(one), numbersOf(version)) < 0).map(([name]) => name);

/** v1.32.5+k3s2 as 1, 32, 5, 2. */
const numbersOf = (version: string): number[] =>
  [...version.matchAll(/\d+/gu)]
    .slice(0, 5)
    .map(([digits]) => Number(digits))
    .filter((_, i) => i !== 3);

function compare(a: readonly number[], b: readonly number[]): number {
  const different = [0, 1, 2, 3].find((i) => (a[i] ?? 0) !== (b[i] ?? 0));
  return different === undefined ? 0 : (a[different] ?? 0) - (b[different] ?? 0);
}
