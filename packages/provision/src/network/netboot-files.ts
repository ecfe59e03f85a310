import type { ManagedFile } from '../host/managed-file.ts';
import { markedFile } from './marked-file.ts';
import type { BootChoice, BootNode } from './wanted-netboot.ts';

export const netbootUnitName = 'muster-netboot.service';
export const netbootFolder = '/etc/muster/netboot';
/** Kernels and initrds. */
export const bootFilesFolder = '/var/lib/muster-netboot';
/** What is given over HTTP: made anew at each start from the scripts, with a link to the kernels. */
const servedFolder = '/run/muster-netboot';
/** Of plain HTTP: firmware and iPXE know no authority of ours. Below 32768, as the ports of the pool. */
export const netbootPort = 28_069;

export const netbootPaths = {
  /** All scripts in one file, so that a cluster of a thousand machines is one file to look at. */
  scripts: `${netbootFolder}/scripts`,
  unfold: `${netbootFolder}/unfold`,
  unit: `/etc/systemd/system/${netbootUnitName}`,
} as const;

/** Below the folder of TFTP, by firmware: iPXE, which uses the card as the firmware has it. Links to what the package `ipxe` brings. */
export const loaders = [
  { name: 'undionly.kpxe', target: '/usr/lib/ipxe/undionly.kpxe' },
  { name: 'snponly.efi', target: '/usr/lib/ipxe/snponly.efi' },
] as const;
export const loaderFolder = 'muster';

/**
 * What DHCP tells machines to boot: first iPXE over TFTP, as their firmware takes it (RFC 4578), then, when that asks (it names option 175), its
 * script over HTTP; both of the server that answers. Pure.
 */
export const netbootSettings = (address: string): string[] => [
  'dhcp-match=set:ipxe,175',
  ...[7, 9].map((architecture) => `dhcp-match=set:efi64,option:client-arch,${architecture}`),
  `dhcp-boot=tag:ipxe,http://${address}:${netbootPort}/boot.ipxe,,${address}`,
  `dhcp-boot=tag:!ipxe,tag:efi64,${loaderFolder}/snponly.efi,,${address}`,
  `dhcp-boot=tag:!ipxe,tag:!efi64,${loaderFolder}/undionly.kpxe,,${address}`,
];

/** The files of a member's boot server; only the unit differs between members. Pure. */
export const netbootFiles = (address: string, nodes: readonly BootNode[]): ManagedFile[] => [
  markedFile(netbootPaths.scripts, folded(nodes)),
  markedFile(netbootPaths.unfold, unfold),
  markedFile(netbootPaths.unit, unit(address)),
];

const folded = (nodes: readonly BootNode[]): string =>
  [
    `== boot.ipxe\n${entry}`,
    ...nodes.map(
      ({ name, macs, boot }) => `== ${macs.map((mac) => `nodes/${mac.replaceAll(':', '-')}.ipxe`).join(' ')}\n${script(name, boot)}`,
    ),
  ].join('');

const ownDisk = `iseq \${platform} efi && exit 1 ||
sanboot --no-describe --drive 0x80 ||
exit 1
`;

/** What every machine reads first: iPXE itself puts its card's address in. A machine that nobody knows goes on to its disk. */
const entry = `#!ipxe
chain --replace --autofree nodes/\${netX/mac:hexhyp}.ipxe ||
echo Muster: no machine of the inventory has the card \${netX/mac}. It goes on to its own disk.
${ownDisk}`;

/** A machine whose server dies under it asks for another one, as long as it takes. */
function script(name: string, boot: BootChoice): string {
  if (boot.kind === 'local') return `#!ipxe\necho Muster: \${next-server} sends ${name} to its own disk.\n${ownDisk}`;
  const { kernel, initrds, arguments: args } = boot;
  const line = ['kernel', `../files/${kernel}`, ...initrds.map((one) => `initrd=${one}`), args.replaceAll('{server}', '${next-server}')];
  return `#!ipxe
echo Muster: ${name} boots ${kernel} of \${next-server}.
${line.filter((word) => word !== '').join(' ')} || goto another
${initrds.map((one) => `initrd --name ${one} ../files/${one} || goto another\n`).join('')}boot || goto another
:another
echo Muster: ${name} could not boot ${kernel} of \${next-server}. It asks again in 3 seconds.
imgfree
sleep 3
dhcp || goto another
chain --replace --autofree http://\${next-server}:${netbootPort}/boot.ipxe || goto another
`;
}

/** Puts each script in its place by a rename, and takes away those of machines that are no longer there. Run again at each reload. */
const unfold = `set -eu
umask 022
to=${servedFolder}
new=$to/.new
rm -rf "$new"
mkdir -p "$to/nodes" "$new/nodes"
ln -sfn ${bootFilesFolder} "$to/files"
awk -v new="$new" '
/^== / { for (i = 1; i <= count; i++) close(place[i]); count = split(substr($0, 4), place, " "); for (i = 1; i <= count; i++) place[i] = new "/" place[i]; next }
{ for (i = 1; i <= count; i++) print > place[i] }' ${netbootPaths.scripts}
for old in "$to"/nodes/*.ipxe; do
  [ -e "$new/nodes/\${old##*/}" ] || rm -f -- "$old"
done
find "$new/nodes" -type f -exec mv -f -t "$to/nodes" {} +
mv -f "$new/boot.ipxe" "$to/boot.ipxe"
rm -rf "$new"
`;

const unit = (address: string): string => `[Unit]
Description=Boot scripts and kernels of the cluster over HTTP, by Muster
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
DynamicUser=yes
RuntimeDirectory=${servedFolder.slice('/run/'.length)}
ExecStartPre=+/bin/sh ${netbootPaths.unfold}
ExecStart=/bin/busybox httpd -f -vv -c /dev/null -p ${address}:${netbootPort} -h ${servedFolder}
ExecReload=+/bin/sh ${netbootPaths.unfold}
Restart=on-failure
RestartSec=1

[Install]
WantedBy=multi-user.target
`;
