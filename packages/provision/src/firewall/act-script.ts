import { firewallNotes, zoneNotes } from '../host/firewall-notes.ts';
import { undoFolder } from '../host/undo-notes.ts';
import { workAlone } from '../packages/package-work.ts';
import { comment, type PlacedRule } from './look.ts';
import type { FirewallPlan } from './plan-firewall.ts';

/** As many rules as firewalld is told by one command. */
const mostAtOnce = 100;

/**
 * What the script reads: a line for each rule, those of a zone of firewalld together and with a line `run` after them. What is added comes
 * first, so that nothing is closed for a moment that stays open.
 */
export function actLines({ add, remove, forget }: FirewallPlan): string {
  const lines = [
    ...batches(add).flatMap((batch) => linesOf('add', batch)),
    ...batches(remove).flatMap((batch) => linesOf('remove', batch)),
    ...forget.map((rule) => ruleLine('forget', rule)),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function batches(rules: readonly PlacedRule[]): PlacedRule[][] {
  const byPlace = [...Map.groupBy(rules, ({ kind, zone }) => `${kind} ${zone}`).values()];
  return byPlace.flatMap((of) =>
    Array.from({ length: Math.ceil(of.length / mostAtOnce) }, (_, index) => of.slice(index * mostAtOnce, (index + 1) * mostAtOnce)),
  );
}

function linesOf(verb: 'add' | 'remove', batch: readonly PlacedRule[]): string[] {
  const [first] = batch;
  const end = first === undefined || first.kind === 'ufw' ? [] : [`run ${first.kind} ${first.zone} - - - - ${verb}`];
  return [...batch.map((rule) => ruleLine(verb, rule)), ...end];
}

const ruleLine = (verb: string, { kind, zone, protocol, port, source, owner }: PlacedRule): string =>
  `${verb} ${kind} ${zone} ${protocol} ${port} ${source} ${source.includes(':') ? 'ipv6' : 'ipv4'} ${owner}`;

/** firewalld where it runs; where it does not, what is kept for its next start; where it is not there any more, nothing. */
const firewalldTools = `
running=no
if command -v firewall-cmd >/dev/null 2>&1 && firewall-cmd --state >/dev/null 2>&1; then running=yes; fi
permanent() {
  if [ $running = yes ]; then firewall-cmd --permanent "$@"
  elif command -v firewall-offline-cmd >/dev/null 2>&1; then firewall-offline-cmd "$@"
  fi
}
runtime() { [ $running = no ] || firewall-cmd "$@"; }
# The first line says whether the zone is in use.
listing() { permanent --zone="$1" --list-all | sed 1d | sort; }
`;

/** firewalld writes a zone anew with each change of it, and keeps the file before: both are put back when the last rule of a run is gone. */
const zoneFiles = `
keep_zone() {
  [ ! -e ${zoneNotes}/"$1".list ] || return 0
  mkdir -p ${zoneNotes}
  for file in "$1.xml" "$1.xml.old"; do
    rm -f -- ${zoneNotes}/"$file"
    [ ! -e /etc/firewalld/zones/"$file" ] || cp -a -- /etc/firewalld/zones/"$file" ${zoneNotes}/"$file"
  done
  listing "$1" > ${zoneNotes}/"$1".list.new
  mv -- ${zoneNotes}/"$1".list.new ${zoneNotes}/"$1".list
}
restore_zones() {
  for list in ${zoneNotes}/*.list; do
    [ -e "$list" ] || continue
    zone=\${list##*/} zone=\${zone%.list}
    if grep -q "^permanent $zone " ${firewallNotes} 2>/dev/null; then continue; fi
    # Somebody has changed the zone since: then it stays as firewalld has written it.
    if listing "$zone" | cmp -s - "$list"; then
      for file in "$zone.xml.old" "$zone.xml"; do
        if [ -e ${zoneNotes}/"$file" ]; then cp -aT --remove-destination -- ${zoneNotes}/"$file" /etc/firewalld/zones/"$file"
        else rm -f -- /etc/firewalld/zones/"$file"
        fi
      done
    fi
    rm -f -- "$list" ${zoneNotes}/"$zone".xml ${zoneNotes}/"$zone".xml.old
  done
  rmdir ${zoneNotes} 2>/dev/null || true
}
`;

/**
 * Adds and takes away the rules that it reads, see `actLines`. Each is noted before it is added and struck from the notes after it was taken
 * away, so a run that is cut off leaves one note too many, never one too few. May be repeated after a failure anywhere.
 */
export const actScript = `
set -eu
export LC_ALL=C
umask 022
${workAlone}
mkdir -p -m 0700 ${undoFolder}
: > ${firewallNotes}.gone
${firewalldTools}
${zoneFiles}
note() {
  if grep -qxF -- "$1" ${firewallNotes} 2>/dev/null; then return; fi
  # All of it anew: of a line that is cut off on a full disk nobody could say whose rule it was.
  { cat ${firewallNotes} 2>/dev/null || true; printf '%s\\n' "$1"; } > ${firewallNotes}.new
  mv ${firewallNotes}.new ${firewallNotes}
}
of_ufw() {
  set --
  [ "$protocol" = any ] || set -- proto "$protocol"
  set -- "$@" from "$source"
  [ "$port" = any ] || set -- "$@" to any port "$port"
  case "$verb" in
    add) ufw allow "$@" comment ${comment} >/dev/null ;;
    remove) ! command -v ufw >/dev/null 2>&1 || ufw delete allow "$@" >/dev/null ;;
  esac < /dev/null
}
set --
while read -r verb kind zone protocol port source family owner; do
  line="$kind $zone $protocol $port $source $owner"
  case "$verb" in
    add) note "$line" ;;
    remove|forget) printf '%s\\n' "$line" >> ${firewallNotes}.gone ;;
  esac
  case "$verb $kind $port $source" in
    forget*) ;;
    run*)
      case "$kind $owner" in 'permanent add') keep_zone "$zone" ;; esac
      "$kind" --zone="$zone" "$@" < /dev/null >/dev/null
      set --
    ;;
    *' ufw '*) of_ufw ;;
    *' any '*) set -- "$@" "--$verb-source=$source" ;;
    *' any') set -- "$@" "--$verb-port=$port/$protocol" ;;
    *) set -- "$@" "--$verb-rich-rule=rule family=\\"$family\\" source address=\\"$source\\" port port=\\"$port\\" protocol=\\"$protocol\\" accept" ;;
  esac
done
if [ -e ${firewallNotes} ]; then
  grep -vxFf ${firewallNotes}.gone ${firewallNotes} > ${firewallNotes}.new || true
  if [ -s ${firewallNotes}.new ]; then mv ${firewallNotes}.new ${firewallNotes}; else rm -f ${firewallNotes} ${firewallNotes}.new; fi
fi
rm -f ${firewallNotes}.gone
restore_zones
`;
