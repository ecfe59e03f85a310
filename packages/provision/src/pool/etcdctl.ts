import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { peerUrl } from './etcd-files.ts';
import { authorityPath, etcdPort, memberCertificatePath, memberKeyPath } from './places.ts';
import type { PoolMember } from './record.ts';

/** A function of shell that asks the etcd of this machine, by the key of root. */
export const askEtcd = `
etcdctl_() {
  ETCDCTL_API=3 etcdctl --endpoints=https://127.0.0.1:${etcdPort} --cacert=${authorityPath} --cert=${memberCertificatePath} --key=${memberKeyPath} \\
    --dial-timeout=3s --command-timeout=10s "$@"
}
`;

/**
 * Takes a member that lost its disk out and in again, or adds one; prints the list with which it is started. What is waiting to be started
 * already, from a run before, stays. etcd refuses such changes while it finds itself unwell, which passes.
 */
const admitScript = `
set -eu
${askEtcd}
IFS= read -r name
IFS= read -r url
i=0
again() {
  i=$((i + 1))
  if [ $i -ge 20 ]; then printf '%s\\n' "$1" >&2; exit 1; fi
  sleep 2
}
until list=$(etcdctl_ member list 2>&1); do again "$list"; done
old=$(printf '%s\\n' "$list" | awk -F ', ' -v url="$url" -v name="$name" '($4 == url || $3 == name) && $3 != "" { print $1 }')
for id in $old; do until said=$(etcdctl_ member remove "$id" 2>&1); do again "$said"; done; done
if ! printf '%s\\n' "$list" | awk -F ', ' -v url="$url" '$4 == url && $3 == "" { found = 1 } END { exit !found }'; then
  until said=$(etcdctl_ member add "$name" --peer-urls="$url" 2>&1); do again "$said"; done
fi
until list=$(etcdctl_ member list 2>&1); do again "$list"; done
printf '%s\\n' "$list" | awk -F ', ' -v url="$url" -v name="$name" '{ printf "%s%s=%s", (NR > 1 ? "," : ""), ($4 == url ? name : $3), $4 }'
`;

/** Makes a place for a member in a cluster that runs; returns the members with which it is to be started. May be repeated. */
export async function admitMember(through: HostRun, member: PoolMember, run: Run): Promise<string> {
  const options = { label: 'admit a member to etcd', sudo: true, signal: run.signal, timeoutSeconds: 180 };
  return (await runScript(connectionOf(through), admitScript, { ...options, stdin: `${member.name}\n${peerUrl(member)}\n` })).trim();
}
