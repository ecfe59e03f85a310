import { dnsmasqPaths, dnsmasqStateFolder, dnsmasqUnitName } from './dnsmasq-files.ts';

const leases = `${dnsmasqStateFolder}/leases`;

/**
 * Prints the lines of the leases (time, card, address, name, client) that do not stand in the way: an address that is now another card's is
 * not. First the reservations with blanks for commas, then the leases.
 */
const keep = `
FNR == NR {
  for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$/) address = $i
  for (i = 1; i <= NF; i++) cards[address] = cards[address] " " $i " "
  next
}
!($3 in cards) || index(cards[$3], " " $2 " ") > 0`;

/**
 * Lines of script that drop leases of cards which were exchanged: dnsmasq would lend the new card another address for as long as the old lease
 * lasts. It keeps them in memory, so it is stopped for that, and only where there is such a lease.
 */
export const dropOldLeases = `
if [ -s ${leases} ]; then
  folder=$(mktemp -d)
  sed '/^#/d; s/,/ /g' ${dnsmasqPaths.reservations} > "$folder/reservations"
  # Without a reservation there is nothing to compare, and awk would take the second file for the first.
  if [ -s "$folder/reservations" ] && awk '${keep}' "$folder/reservations" ${leases} > "$folder/kept" && ! cmp -s "$folder/kept" ${leases}; then
    systemctl stop ${dnsmasqUnitName}
    awk '${keep}' "$folder/reservations" ${leases} > "$folder/kept"
    cat "$folder/kept" > ${leases}
    systemctl start ${dnsmasqUnitName}
  fi
  rm -rf "$folder"
fi
`;
