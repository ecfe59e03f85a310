import { shellQuote, shellQuoteAll } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { fileChange, hashLine, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { observeProof, owesProof } from '../host/proof.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { textVariable } from '../host/variables.ts';
import { binaryPath, manifestFolder } from '../k3s/files.ts';
import { bracketed, clusterAddressOf, portVariable, waitSeconds } from '../k3s/settings.ts';
import { waitForCharts } from './chart-jobs.ts';
import { chartManifest, type ChartManifest, chartPrefix } from './chart-manifest.ts';
import { chartsOf } from './charts.ts';

type Observed = {
  readonly files: readonly ManagedFile[];
  readonly hashes: ReadonlyMap<string, string>;
  readonly gone: readonly string[];
  /** Manifests of charts on a server that is not the one to have them any more. */
  readonly stale: readonly string[];
  readonly owesProof: boolean;
};

const none: Observed = { files: [], hashes: new Map(), gone: [], stale: [], owesProof: false };

/** The guide's hub and further charts, which k3s installs by itself from manifests on one of its servers. */
export const hubPhase: Phase<Observed> = {
  name: 'hub',
  needs: ['k3s-servers'],
  concerns: ({ roles }) => roles.includes('k3s-server'),
  observe: async (host, run) => {
    const founder = run.hosts.find((one) => one.host.name === run.k3s?.founder);
    if (founder === undefined || founder.failed === true) return none;
    if (founder !== host) return { ...none, stale: (await lookAtCharts(host, run, [])).there };
    const files = await manifestsOf(host, run);
    const { there, ...seen } = await lookAtCharts(host, run, files);
    return { ...none, ...seen, files, gone: there.filter((path) => files.every((file) => file.path !== path)) };
  },
  // What the files hold is not shown: values have passwords in them, and archives are long.
  plan: ({ files, hashes, gone, stale, owesProof: isOwed }) => [
    ...changed(files, hashes).map(({ path }) => ({
      what: `${(hashes.get(path) ?? 'none') === 'none' ? 'install' : 'change'} the chart ${nameOf(path)}`,
    })),
    ...gone.map((path) => ({ what: `uninstall the chart ${nameOf(path)}` })),
    ...stale.map((path) => ({ what: `remove ${path}, which another server has now` })),
    ...(isOwed ? [{ what: 'wait for the charts, which were not seen to be there yet' }] : []),
  ],
  act: async ({ files, hashes, gone, stale }, host, run) => {
    const connection = connectionOf(host);
    // The chart itself stays: only k3s on this server would bring back what was in it once.
    if (stale.length > 0) {
      const options = { label: 'remove old manifests of charts', sudo: true, signal: run.signal };
      await runScript(connection, `rm -f -- ${shellQuoteAll(stale)}`, options);
    }
    for (const path of gone) {
      const name = shellQuote(nameOf(path));
      const script = `timeout 300 ${binaryPath} kubectl --namespace kube-system delete helmchart ${name} --ignore-not-found >&2 && rm -f ${shellQuote(path)}`;
      const label = `uninstall the chart ${nameOf(path)}`;
      await runScript(connection, script, { label, sudo: true, signal: run.signal, timeoutSeconds: 360 });
    }
    for (const file of changed(files, hashes)) await writeManaged(connection, file, run.signal);
  },
  owesProof: true,
  verify: async (host, run) => {
    if (run.k3s?.founder !== host.host.name) return;
    await waitForCharts(await manifestsOf(host, run), host, run);
    if (textVariable(host.host, 'jhub_config_path') !== undefined) await waitForSignIn(host, run);
  },
};

async function manifestsOf(host: HostRun, run: Run): Promise<ChartManifest[]> {
  const manifests: ChartManifest[] = [];
  for (const chart of await chartsOf(host, run)) manifests.push(await chartManifest(host, chart));
  return manifests;
}

/** The manifests of charts on a server, and the hashes of those that are wanted. */
async function lookAtCharts(host: HostRun, run: Run, files: readonly ManagedFile[]) {
  const script = `
for path in ${manifestFolder}/${chartPrefix}*.yaml; do
  [ -e "$path" ] || continue
  printf 'chart=%s\\n' "$path"
done
${files.map(({ path }) => hashLine(path, path)).join('\n')}
${observeProof('hub')}
`;
  const output = await runScript(connectionOf(host), script, { label: 'look at the charts', sudo: true, signal: run.signal });
  const there = output.split('\n').flatMap((line) => (line.startsWith('chart=') ? [line.slice('chart='.length)] : []));
  return { there, hashes: readLines(output), owesProof: owesProof(output) };
}

const changed = (files: readonly ManagedFile[], hashes: ReadonlyMap<string, string>): ManagedFile[] =>
  files.filter((file) => fileChange(file, hashes.get(file.path)).length > 0);

const nameOf = (path: string): string => path.slice(`${manifestFolder}/${chartPrefix}`.length, -'.yaml'.length);

/**
 * Asks for a page until it is one to sign in on. Run by the Node that the agent brings, because a host need not have curl. The certificate
 * is not judged: until somebody gives the ingress one, it shows one of its own.
 */
const signInScript = `
const [seconds, ...urls] = process.argv.slice(2);
const end = Date.now() + Number(seconds) * 1000;
const said = new Map();
const look = async (url) => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10000) });
    const text = await answer.text();
    if (answer.ok && /type=.?password|name=.?password|jupyterhub|sign in|log ?in/i.test(text)) process.exit(0);
    said.set(url, 'status ' + answer.status + ', and no page to sign in on');
  } catch (error) {
    said.set(url, String(error.cause ?? error));
  }
};
const run = async () => {
  for (;;) {
    for (const url of urls) await look(url);
    if (Date.now() >= end) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  for (const [url, why] of said) process.stderr.write(url + ': ' + why + '\\n');
  process.exit(1);
};
run();
`;

async function waitForSignIn(host: HostRun, run: Run): Promise<void> {
  const address = bracketed(clusterAddressOf(host));
  const seconds = waitSeconds(host.host);
  const urls = [
    `http://${address}:${portVariable(host.host, 'http_port') ?? 80}/`,
    `https://${address}:${portVariable(host.host, 'https_port') ?? 443}/`,
  ];
  const script = `
NODE_TLS_REJECT_UNAUTHORIZED=0 NODE_NO_WARNINGS=1 exec /opt/muster-agent/runtime/node --input-type=commonjs - ${shellQuoteAll([String(seconds), ...urls])} <<'END'
${signInScript}END
`;
  const options = { label: "open the hub's page", sudo: true, signal: run.signal, timeoutSeconds: seconds + 120 };
  await runScript(connectionOf(host), script, options);
}
