import type { ScriptRoot } from './script-root.ts';

/**
 * Puts stubs of ufw and firewalld into a root for scripts. They keep their rules in files: that of ufw as `ufw show added` has them; of
 * firewalld a zone's file has one a line, is written anew with each change, and the one before becomes `.old`, as with the real one.
 */
export function firewallStubs(root: ScriptRoot): void {
  root.program(
    'ufw',
    `case "$1 $2" in
      'status ') if [ -e /run/ufw ]; then echo 'Status: active'; else echo 'Status: inactive'; fi ;;
      'show added') echo 'Added user rules (see ufw status):'; sed 's/^/ufw allow /' /etc/ufw.rules ;;
      'delete allow') shift 2; ${ufwWords}; grep -v "^$rule\\( comment .*\\)\\{0,1\\}$" /etc/ufw.rules > /etc/ufw.new; cat /etc/ufw.new > /etc/ufw.rules; rm /etc/ufw.new ;;
      allow*) shift; ${ufwWords}; printf '%s\\n' "$rule$comment" >> /etc/ufw.rules ;;
    esac`,
  );
  root.write('/etc/ufw.rules');
  for (const zone of ['public', 'trusted']) {
    root.write(`/usr/lib/zones/${zone}.xml`, `of ${zone}\n`);
    root.write(`/run/zones/${zone}`, `of ${zone}\n`);
  }
  root.write('/etc/firewalld/zones/.keep');
  root.write('/run/firewalld');
  root.program('firewall-cmd', firewalldStub('[ -e /run/firewalld ] || exit 252'));
  root.program('firewall-offline-cmd', firewalldStub('set -- --permanent "$@"'));
}

/** The words of a rule as ufw has them itself. */
const ufwWords = `protocol= from= port= comment=
  while [ $# -gt 0 ]; do
    case "$1" in proto) protocol=$2 ;; from) from=$2 ;; port) port=$2 ;; comment) comment=" comment '$2'" ;; to) shift; continue ;; any) shift; continue ;; esac
    shift 2
  done
  rule="from $from"
  [ -z "$port" ] || rule="from $from to any port $port proto $protocol"
  [ "$from" != any ] || rule="$port/$protocol"`;

const firewalldStub = (first: string): string => `
${first}
permanent=no zone=
change() {
  content=$(cat "$now")
  if [ $permanent = yes ]; then
    now=/etc/firewalld/zones/$zone.xml
    [ ! -e "$now" ] || mv "$now" "$now.old"
  fi
  { printf '%s\\n' "$content" | grep -vxF -- "$2" || true; if [ "$1" = add ]; then printf '%s\\n' "$2"; fi; } > "$now"
}
find_zone() {
  zone=$1 now=/run/zones/$1
  [ $permanent = no ] || now=/usr/lib/zones/$1.xml
  if [ $permanent = yes ] && [ -e /etc/firewalld/zones/$1.xml ]; then now=/etc/firewalld/zones/$1.xml; fi
}
of() { sed -n "s/^$1=//p" "$now"; }
for word in "$@"; do
  case "$word" in
    --state) exit 0 ;;
    --get-default-zone) echo public ;;
    --permanent) permanent=yes ;;
    --zone=*) find_zone "\${word#--zone=}" ;;
    --list-all-zones)
      for name in public trusted; do
        find_zone $name
        printf '%s\\n  sources: %s\\n  ports: %s\\n  rich rules: \\n' $name "$(of source | tr '\\n' ' ')" "$(of port | tr '\\n' ' ')"
        of rich-rule | sed 's/^/\t/'
      done
    ;;
    --list-all) echo "$zone (active)"; cat "$now" ;;
    --add-*) change add "\${word#--add-}" ;;
    --remove-*) change remove "\${word#--remove-}" ;;
  esac
done`;
