import { shellQuoteAll } from '@muster/ssh';
import { undoFolder } from '../host/undo-notes.ts';
import { workAlone } from '../packages/package-work.ts';
import { binaryPath, dataFolder, unitPath } from './files.ts';
import { imageNotes, k3sMark } from './look.ts';
import { existedNote, k3sPlaces } from './places.ts';

/** Settings of the kernel that k3s changes while it runs, and the tables of rules that were there before. */
const sysctlNote = `${undoFolder}/k3s-sysctl`;
const tablesNote = `${undoFolder}/k3s-tables`;
const sysctls = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'];

/** Lines of script that note, before the first change, what k3s will change by itself. */
export const noteK3sPlaces = `
if [ ! -e ${existedNote} ]; then
  { nft list tables || true; } > ${tablesNote} 2>/dev/null
  for key in ${sysctls.join(' ')}; do printf '%s=%s\\n' "$key" "$(sysctl -n $key 2>/dev/null)"; done > ${sysctlNote}
  for path in ${shellQuoteAll(k3sPlaces)}; do [ ! -e "$path" ] || printf '%s\\n' "$path"; done > ${existedNote}.new
  mv ${existedNote}.new ${existedNote}
fi
: >> ${k3sMark}
`;

/** Prints what of k3s a run has put on a host, a line each; nothing where it was never one of its machines. */
export const lookForK3s = `
[ -e ${k3sMark} ] || exit 0
for path in ${unitPath('server')} ${unitPath('agent')} ${binaryPath} /etc/rancher/k3s ${dataFolder}; do [ ! -e "$path" ] || printf '%s\\n' "$path"; done
echo ${k3sMark}
`;

/** Stops both units. Their containers go on by themselves (KillMode=process), so whatever is in their control groups is ended after them. */
const stopAll = `
for unit in k3s-agent.service k3s.service; do
  if [ -e /etc/systemd/system/$unit ]; then
    systemctl disable --quiet --now $unit 2>/dev/null || systemctl stop $unit || true
    rm -rf /etc/systemd/system/$unit /etc/systemd/system/$unit.d /etc/systemd/system/$unit.env
    systemctl reset-failed $unit 2>/dev/null || true
  fi
  rm -f /run/muster-restart-pending.$unit
done
systemctl daemon-reload
left() {
  find /sys/fs/cgroup \\( -path '*/k3s.service/*' -o -path '*/k3s-agent.service/*' -o -path '*kubepods*' \\) -name cgroup.procs -exec cat {} + 2>/dev/null || true
}
if ! was_there /var/lib/kubelet; then
  i=0
  while [ -n "$(left)" ] && [ $i -lt 20 ]; do
    for pid in $(left); do kill -9 "$pid" 2>/dev/null || true; done
    i=$((i + 1))
    sleep 0.2
  done
fi
`;

/** The deepest mounts first. One that is busy is let go when it is no longer. */
const unmountAll = `
mounts() { awk -v top="$1" '$2 == top || index($2, top "/") == 1 { print $2 }' /proc/self/mounts | sort -r; }
for top in ${[...k3sPlaces, '/run/netns'].join(' ')}; do
  if was_there "$top"; then continue; fi
  mounts "$top" | while read -r path; do
    case "$path" in /run/netns|/run/netns/[!c]*) continue ;; esac
    umount "$path" 2>/dev/null || umount -l "$path" || true
  done
done
rm -f /run/netns/cni-*
`;

const removeInterfaces = `
for link in cni0 flannel.1 flannel-v6.1 kube-ipvs0 flannel-wg flannel-wg-v6; do
  if ip link show "$link" >/dev/null 2>&1; then ip link delete "$link"; fi
done
`;

/**
 * Takes the rules of Kubernetes and its network out, by the programs that the host or k3s itself has, and leaves every other. A table that was
 * not there before and holds nothing else goes as a whole.
 */
const removeRules = `
PATH="$PATH:${dataFolder}/data/current/bin:${dataFolder}/data/current/bin/aux"
for tool in iptables ip6tables; do
  command -v $tool-save >/dev/null 2>&1 || continue
  rules=$($tool-save 2>/dev/null || true)
  case "$rules" in
    *KUBE-*|*CNI-*|*FLANNEL-*|*flannel*)
      printf '%s\\n' "$rules" | grep -v -e KUBE- -e CNI- | grep -vi flannel | $tool-restore || true
      ;;
  esac
done
if command -v nft >/dev/null 2>&1 && [ -e ${tablesNote} ]; then
  nft list tables 2>/dev/null | grep -vxF -f ${tablesNote} | while read -r _ family name; do
    case "$name" in filter|nat|mangle|raw|security) ;; *) continue ;; esac
    others=$(nft list table "$family" "$name" | awk '
      /chain .*{/ { ours = $2 ~ /^(KUBE|CNI|FLANNEL)-/; next }
      /^[ \\t]*(type .*hook|table |}|#|$)/ { next }
      !ours && !/KUBE-|CNI-|FLANNEL-/ { print }')
    [ -n "$others" ] || nft delete table "$family" "$name"
  done
fi
if [ -e ${sysctlNote} ]; then
  while IFS== read -r key value; do [ -z "$value" ] || sysctl -q -w "$key=$value" 2>/dev/null || true; done < ${sysctlNote}
fi
`;

/** Takes the configuration of k3s out of its folder. Settings that an administrator has put into `config.yaml.d` are not ours to take. */
export const removeConfiguration = (folder: string): string => `
if [ -d ${folder} ]; then
  find ${folder} -mindepth 1 -maxdepth 1 ! -name config.yaml.d -exec rm -rf --one-file-system {} +
  rmdir ${folder}/config.yaml.d 2>/dev/null || true
  rmdir ${folder} 2>/dev/null || true
fi
`;

const removeFiles = `
for name in kubectl crictl ctr; do
  case "$(readlink /usr/local/bin/$name || true)" in k3s|${binaryPath}) rm -f /usr/local/bin/$name ;; esac
done
rm -f ${binaryPath} ${binaryPath}.new
rm -rf --one-file-system /etc/rancher/node ${dataFolder}
${removeConfiguration('/etc/rancher/k3s')}
for path in ${k3sPlaces.filter((path) => path !== '/etc/rancher').join(' ')}; do
  was_there "$path" || rm -rf --one-file-system "$path"
done
was_there /etc/rancher || rmdir /etc/rancher 2>/dev/null || true
rm -f ${imageNotes} ${tablesNote} ${sysctlNote} ${existedNote}
rm -f ${k3sMark}
`;

/**
 * Takes k3s off a host, with the containers, mounts, interfaces, rules and folders that it made. May be repeated, works on half of one and
 * without the API. The mark goes last: until then a reset begins again.
 */
export const removeK3s = `
set -eu
${workAlone}
[ -e ${k3sMark} ] || exit 0
was_there() { [ -e ${existedNote} ] && grep -qxF -- "$1" ${existedNote}; }
${stopAll}
${unmountAll}
${removeInterfaces}
${removeRules}
${removeFiles}
`;
