import { undoFolder } from '../host/undo-notes.ts';

/** Where a host keeps what its network was like before Docker, which changes more of it than its package takes back. */
const notes = `${undoFolder}/docker.before`;

/** Lines of script that note it, once. Docker's rules come back with every start of it, so a later look would not tell them apart. */
export const noteBeforeDocker = `
if [ ! -e ${notes} ]; then
  mkdir -p ${undoFolder}
  {
    cat /proc/sys/net/ipv4/ip_forward 2>/dev/null | sed 's/^/forward=/'
    if { iptables -S FORWARD || nft list chain ip filter FORWARD; } 2>/dev/null | grep -qiE -- '-P FORWARD DROP|policy drop'; then echo policy=drop; fi
    if { ip6tables -S FORWARD || nft list chain ip6 filter FORWARD; } 2>/dev/null | grep -qiE -- '-P FORWARD DROP|policy drop'; then echo policy6=drop; fi
    nft list tables 2>/dev/null || true
    if [ -e /sys/class/net/docker0 ]; then echo docker0; fi
    if [ -e /etc/cni ]; then echo cni; fi
  } > ${notes}.new
  mv ${notes}.new ${notes}
fi
`;

/** Lines of script that remove what Docker made in the network, after it was stopped and while iptables is still there. */
export const removeDockerNetwork = `
cut -d' ' -f2 /proc/mounts | grep -E '^/(run|var/run|var/lib)/docker/' | sort -r | while read -r path; do umount -l "$path" || true; done
grep -qxF docker0 ${notes} 2>/dev/null || ip link delete docker0 2>/dev/null || true
for tool in iptables ip6tables iptables-legacy ip6tables-legacy; do
  command -v $tool-save >/dev/null 2>&1 || continue
  rules=$($tool-save 2>/dev/null) || continue
  case "$rules" in *DOCKER*|*docker0*) ;; *) continue ;; esac
  accept='s/^:FORWARD DROP /:FORWARD ACCEPT /'
  case $tool in ip6*) policy=policy6=drop ;; *) policy=policy=drop ;; esac
  if grep -qxF $policy ${notes} 2>/dev/null; then accept=; fi
  printf '%s\\n' "$rules" | grep -vE 'DOCKER|docker0' | sed "$accept" | $tool-restore
done
grep -qxF cni ${notes} 2>/dev/null || rmdir /etc/cni/net.d /etc/cni 2>/dev/null || true
# A table that came with Docker and holds no rule any more.
if command -v nft >/dev/null 2>&1; then
  nft list tables 2>/dev/null | grep -E '^table ip6? (nat|filter|raw|mangle)$' | while read -r table; do
    if grep -qxF -- "$table" ${notes} 2>/dev/null; then continue; fi
    left=$(nft list $table 2>/dev/null | grep -vE '^(table|[[:space:]]*(chain .*|type .* policy accept;|\\}))' | grep -v '^}' | grep -c '[^[:space:]]' || true)
    case "$left" in 0) nft delete $table ;; esac
  done
fi
if grep -qxF forward=0 ${notes} 2>/dev/null; then sysctl -qw net.ipv4.ip_forward=0 || true; fi
`;
