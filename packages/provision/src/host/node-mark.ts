/**
 * Holds the id of the node that was made of this installation of the host. It is written before the enrolment, so that one that was
 * cut off anywhere is known again; it is gone when the machine is made anew.
 */
export const nodeMark = '/etc/muster/node-id';

/** Reads the id from the first line of standard input and keeps it, in one step; what follows is left for the next program. */
export const writeMarkScript = `
set -eu
IFS= read -r id
mkdir -p /etc/muster
printf '%s\\n' "$id" > ${nodeMark}.new
chmod 0644 ${nodeMark}.new
mv ${nodeMark}.new ${nodeMark}
`;
