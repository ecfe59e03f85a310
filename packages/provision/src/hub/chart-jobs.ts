import { shellQuote } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { binaryPath } from '../k3s/files.ts';
import { waitSeconds } from '../k3s/settings.ts';
import { type ChartManifest, revisionKey } from './chart-manifest.ts';

/** k3s makes a job anew, under the old name, shortly after it has taken a changed chart: the old one is not to be taken for it. */
const settleSeconds = 10;

const revision = `{.metadata.annotations.${revisionKey.replaceAll('.', String.raw`\.`)}}`;
const trueConditions = '{.status.conditions[?(@.status=="True")].type}';

/** Lines that wait until k3s has taken a chart in, in the form in which it was written. */
const waitForTaken = ({ name, revision: wanted }: ChartManifest): string => `
until [ "$(run get helmchart ${shellQuote(name)} -o 'jsonpath=${revision}' 2>/dev/null)" = ${wanted} ]; do
  over ${shellQuote(name)} 'k3s has not taken it in; read there: journalctl -u k3s'
done
`;

/** Lines that wait until Helm has installed it. A job that has failed is tried no more; one that goes on failing is at its end with the time. */
const waitForJob = ({ name }: ChartManifest): string => `
while :; do
  job=$(run get helmchart ${shellQuote(name)} -o 'jsonpath={.status.jobName}' 2>/dev/null)
  state=
  if [ -n "$job" ]; then state=$(run get job "$job" -o 'jsonpath=${trueConditions}' 2>/dev/null); fi
  case "$state" in
    *Complete*) break ;;
    *Failed*) end=0 ;;
  esac
  over ${shellQuote(name)} 'Helm has not installed it'
done
`;

const waitScript = (charts: readonly ChartManifest[], seconds: number): string => `
end=$(($(date +%s) + ${seconds}))
job=
run() { timeout 60 ${binaryPath} kubectl --namespace kube-system "$@"; }
over() {
  if [ "$(date +%s)" -lt $end ]; then sleep 1; return; fi
  if [ -n "$job" ]; then run logs "job/$job" --tail=15 2>&1 | cut -c 1-400 | tail -n 3 >&2; fi
  echo "the chart $1: $2" >&2
  exit 1
}
${charts.map((chart) => waitForTaken(chart)).join('')}
sleep ${Math.min(settleSeconds, seconds)}
${charts.map((chart) => waitForJob(chart)).join('')}
`;

/** Until Helm has installed every chart as it was written. @throws ProvisionError with the last lines of its job where it has not */
export async function waitForCharts(charts: readonly ChartManifest[], host: HostRun, run: Run): Promise<void> {
  if (charts.length === 0) return;
  const seconds = waitSeconds(host.host);
  const options = { label: 'wait for the charts', sudo: true, signal: run.signal, timeoutSeconds: seconds + 300 };
  await runScript(connectionOf(host), waitScript(charts, seconds), options);
}
