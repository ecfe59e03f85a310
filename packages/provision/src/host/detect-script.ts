import { firewallNotes, zoneNotes } from './firewall-notes.ts';
import { reachedPath } from './reached-note.ts';

/** Looks at a host and changes nothing; prints `key=value` lines that `readHostFacts` reads. POSIX sh. */
export const detectScript = `
say() { printf '%s=%s\\n' "$1" "$2"; }
if [ -r /etc/os-release ]; then . /etc/os-release; fi
say os_id "\${ID:-}"
say os_version "\${VERSION_ID:-}"
say os_name "\${PRETTY_NAME:-}"
say architecture "$(uname -m)"
say kernel "$(uname -r)"
say hostname "$(hostname 2>/dev/null || cat /proc/sys/kernel/hostname)"
say machine_id "$(cat /etc/machine-id 2>/dev/null)"
say cores "$(getconf _NPROCESSORS_ONLN 2>/dev/null)"
say memory_kib "$(sed -n 's/^MemTotal: *\\([0-9]*\\) kB$/\\1/p' /proc/meminfo)"
say glibc "$(getconf GNU_LIBC_VERSION 2>/dev/null)"
if [ -d /run/systemd/system ]; then say systemd yes; else say systemd no; fi
for tool in tar gzip awk sha256sum systemctl useradd; do command -v "$tool" >/dev/null 2>&1 || say missing_tool "$tool"; done
say disk_opt_kib "$({ df -Pk /opt || df -Pk /; } 2>/dev/null | awk 'NR==2 {print $4}')"
say disk_var_kib "$({ df -Pk /var/lib || df -Pk /; } 2>/dev/null | awk 'NR==2 {print $4}')"
say disk_opt_size_kib "$({ df -Pk /opt || df -Pk /; } 2>/dev/null | awk 'NR==2 {print $2}')"
say disk_var_size_kib "$({ df -Pk /var/lib || df -Pk /; } 2>/dev/null | awk 'NR==2 {print $2}')"
say epoch "$(date +%s)"
for unit in ssh.service sshd.service; do
  if [ "$(systemctl show -p LoadState --value "$unit" 2>/dev/null)" = loaded ]; then say ssh_unit "$unit"; break; fi
done
if [ -e /etc/systemd/system/muster.service ]; then say management_server yes; fi
ip -o addr show 2>/dev/null | awk '{split($4, part, "/"); print "address=" $2 " " part[1] " " part[2]}'
for family in -4 -6; do ip $family route show default 2>/dev/null | sed -n '1s/^/default_route=/p'; done
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  case " $(cat /sys/fs/cgroup/cgroup.controllers) " in *' memory '*) say cgroup v2 ;; *) say cgroup v2-without-memory ;; esac
elif [ -d /sys/fs/cgroup/memory ]; then say cgroup v1; else say cgroup none; fi
say swap_kib "$(awk 'NR>1 {sum += $3} END {print sum + 0}' /proc/swaps 2>/dev/null)"
ss -Hltunp 2>/dev/null | while read -r protocol _ _ _ place _ users; do
  process='' pid='' unit=''
  case $users in *pid=*)
    process=\${users#*\\"} process=\${process%%\\"*} pid=\${users#*pid=} pid=\${pid%%,*}
    while read -r line; do
      case $line in *.service*) unit=\${line%.service*}.service unit=\${unit##*/} ;; esac
    done < "/proc/$pid/cgroup"
  ;; esac 2>/dev/null
  printf 'listener=%s %s %s %s %s\\n' "$protocol" "$place" "\${pid:--}" "\${unit:--}" "\${process:--}"
done
if perl -MSocket -e 1 2>/dev/null; then say probe perl; else
  for python in python3 /usr/libexec/platform-python; do
    if "$python" -c 'import socket, select' 2>/dev/null; then say probe "$python"; break; fi
  done
fi
# What was proven is believed for a day, and not over a restart of the host.
if [ -n "$(find ${reachedPath} -mmin -1440 2>/dev/null)" ]; then sed 's/^/reached=/' ${reachedPath}; fi
if systemctl -q is-active firewalld.service 2>/dev/null; then say firewall firewalld; fi
# Much of Ubuntu has ufw and does not use it: that is seen without starting it.
if grep -q '^ENABLED=yes' /etc/ufw/ufw.conf 2>/dev/null; then
  case "$(LC_ALL=C ufw status 2>/dev/null)" in 'Status: active'*) say firewall ufw ;; esac
fi
if [ -e ${firewallNotes} ] || [ -d ${zoneNotes} ]; then say firewall_notes yes; fi
say route "$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \\([0-9.]*\\).*/\\1/p' | head -n 1)"
`;
