/** How to use a join token, in the three ways people set up machines. */
export type JoinInstructions = { readonly command: string; readonly systemd: string; readonly cloudInit: string };

const agent = '/opt/muster-agent/bin/muster-agent';
const tokenFile = '/etc/muster/join-token';

/**
 * The ways to use a token on the host. In none of them the token is an argument of a program, where every user of the machine could read
 * it: `printf` is the shell's own, and a file is for root alone. A token has letters, digits, dots, hyphens and underscores, so it means the same
 * in a shell, in YAML and in a unit. Pure.
 */
export function joinInstructions(nodeName: string, token: string, expiresAt: string): JoinInstructions {
  return {
    command: `printf '%s\\n' ${token} | sudo muster-agent enroll --token-file - --start-services`,
    systemd: systemdText(nodeName, token, expiresAt),
    cloudInit: cloudInitText(nodeName, token, expiresAt),
  };
}

const systemdText = (nodeName: string, token: string, expiresAt: string): string => `\
# Enrols ${nodeName} when muster-agent.service is started; the token serves once, until ${expiresAt}.
# Keep this as /etc/systemd/system/muster-agent.service.d/enrol.conf, and the token beside it:
#   printf '%s\\n' ${token} | sudo install -D -m 0600 /dev/stdin ${tokenFile}
#   sudo systemctl daemon-reload && sudo systemctl enable --now muster-agent.service
[Unit]
ConditionPathExists=
ConditionPathExists=|/var/lib/muster-agent/agent.json
ConditionPathExists=|${tokenFile}

[Service]
# On a machine that is enrolled this reads no token and changes nothing; the start goes on with the certificate.
ExecStartPre=-+${agent} enroll --token-file ${tokenFile} --start-services
ExecStartPost=+/bin/rm -f ${tokenFile}
`;

const cloudInitText = (nodeName: string, token: string, expiresAt: string): string => `\
#cloud-config
# Enrols ${nodeName}, whose image has the agent in /opt/muster-agent; the token serves once, until ${expiresAt}.
write_files:
  - path: ${tokenFile}
    owner: root:root
    permissions: '0600'
    content: |
      ${token}
runcmd:
  - [systemctl, enable, muster-agent.service]
  - [${agent}, enroll, --token-file, ${tokenFile}, --start-services]
  - [rm, -f, ${tokenFile}]
`;
