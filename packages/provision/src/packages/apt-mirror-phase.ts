import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteFiles, undoFolder } from '../host/undo-notes.ts';
import { flagVariable, listVariable, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import {
  componentsFor,
  observeSource,
  readSourceKey,
  requireSource,
  sourceChanges,
  sourceFiles,
  sourcePath,
  writeSource,
} from './apt-source.ts';
import { aptGet, workAlone } from './package-work.ts';

type Observed = {
  readonly files: readonly ManagedFile[];
  readonly changes: readonly Change[];
  readonly others: readonly string[];
  readonly isUnproven: boolean;
};

const name = 'mirror';

/** Stands from a change of the sources until apt has read them: a run that fails in between leaves the proof to the next one. */
const unproven = `${undoFolder}/unproven.apt-mirror`;

/** Sources of the host itself: those that Muster writes have names of their own. */
const observeScript = `
${observeSource(name)}
if command -v apt-get >/dev/null 2>&1; then echo apt=yes; fi
if [ -e ${unproven} ]; then echo unproven=yes; fi
for path in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  case "$path" in /etc/apt/sources.list.d/muster-*) continue ;; esac
  if [ -f "$path" ] && grep -qE '^[[:space:]]*[^#[:space:]]' "$path"; then printf 'other:%s\\n' "$path"; fi
done
`;

/**
 * Sets the package sources of hosts to a mirror: `apt_mirror`. The sources that the host had are put aside, because apt fails as a whole where
 * one of them cannot be reached; a reset brings them back.
 */
export const aptMirrorPhase: Phase<Observed> = {
  name: 'apt-mirror',
  concerns: (host) => textVariable(host, 'apt_mirror') !== undefined,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), observeScript, {
      label: 'look at the package sources',
      sudo: true,
      signal: run.signal,
    });
    const lines = readLines(output);
    if (lines.get('apt') !== 'yes') throw new ProvisionError(`${host.host.name} has no apt: apt_mirror is for Debian and Ubuntu.`);
    const files = await mirrorFiles(host, lines.get('codename') ?? '');
    const all = output.split('\n').flatMap((line) => (line.startsWith('other:/etc/apt/') ? [line.slice('other:'.length)] : []));
    const others = flagVariable(host.host, 'apt_mirror_only', true) ? all : [];
    return { files, others, isUnproven: lines.get('unproven') === 'yes', changes: sourceChanges(name, files, lines) };
  },
  plan: ({ changes, others, isUnproven }) => {
    const all = [...changes, ...others.map((path) => ({ what: `put ${path} aside` }))];
    return all.length === 0 && isUnproven ? [{ what: 'read the package sources' }] : all;
  },
  act: async ({ files, others }, host, run) => {
    const connection = connectionOf(host);
    const note = `set -eu\nmkdir -p ${undoFolder}\n: > ${unproven}`;
    await runScript(connection, note, { label: 'note that the package sources are to be read', sudo: true, signal: run.signal });
    await writeSource(connection, name, files, run.signal);
    // A file that stays, empty, in place of sources.list: some programs complain where it is missing.
    const aside = `
set -eu
${noteFiles(others)}
rest=${sourcePath(name)}
while read -r path; do
  [ "$path" != "$rest" ] || continue
  # Also where an earlier run has noted the path: somebody has written it anew since, and gets that back.
  mkdir -p -- "${undoFolder}/before$(dirname -- "$path")"
  cp -a -- "$path" "${undoFolder}/before$path.new"
  mv -f -- "${undoFolder}/before$path.new" "${undoFolder}/before$path"
  if [ "$path" = /etc/apt/sources.list ]; then
    printf '# Put aside by "muster apply": the sources are in %s.\\n' "$rest" > "$path.new"
    mv "$path.new" "$path"
  else
    rm -f -- "$path"
  fi
done
`;
    const stdin = others.map((path) => `${path}\n`).join('');
    if (others.length > 0)
      await runScript(connection, aside, { label: 'put other package sources aside', sudo: true, signal: run.signal, stdin });
  },
  verify: async (host, run) => {
    const script = `${workAlone}\n${aptGet} -o APT::Update::Error-Mode=any update >&2 && rm -f ${unproven}`;
    const options = { label: 'apt-get update from apt_mirror', sudo: true, signal: run.signal, timeoutSeconds: 600 };
    await runScript(connectionOf(host), script, options);
  },
};

async function mirrorFiles({ host }: HostRun, codename: string): Promise<ManagedFile[]> {
  const entries = mirrorEntries(host, codename);
  requireSource(host, 'apt_mirror', { entries });
  const key = await readSourceKey(host, 'apt_mirror_key', textVariable(host, 'apt_mirror_key'));
  return sourceFiles({ name, entries, key, isTrusted: flagVariable(host, 'apt_mirror_trusted', false) });
}

/** The mirror, and with `apt_mirror_security` the one of the distribution's security updates. @throws ProvisionError */
function mirrorEntries(host: ClusterHost, codename: string) {
  const suites = listVariable(host, 'apt_mirror_suites') ?? [codename];
  if (suites.includes(''))
    throw new ProvisionError(`${host.name} does not say the name of its release. Set apt_mirror_suites, for example to bookworm.`);
  const components = listVariable(host, 'apt_mirror_components') ?? ['main'];
  const security = textVariable(host, 'apt_mirror_security');
  return [
    { uri: textVariable(host, 'apt_mirror') ?? '', suites, components: componentsFor(suites, components) },
    ...(security === undefined ? [] : [{ uri: security, suites: [`${codename}-security`], components }]),
  ];
}
