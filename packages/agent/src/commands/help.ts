/** What `muster-agent --help` prints. */
export const helpText = `muster-agent: watches this machine for a Muster server

Usage
  muster-agent enroll --token-file FILE [--server HOST:PORT ...] [--force] [--start-services [UNIT ...]]
  muster-agent run [--config FILE]
  muster-agent status [-o json]
  muster-agent facts
  muster-agent --version | --help

Commands
  enroll   makes a key on this machine and has it certified; needs a join token
  run      connects to the server and reports, until it is stopped; systemd starts this
  status   shows who this node is and what it watches, from its files
  facts    prints what this machine reports of itself, as JSON

Options
  --state-dir DIR     where key and certificate are kept    (/var/lib/muster-agent)
  --config FILE       what to watch; see below              (/etc/muster/agent.json)
  --token-file FILE   holds the join token; - reads it from standard input
  --token TOKEN       the join token itself, for a quick try: other users see it in the process list
  --server HOST:PORT  a server to enrol at, instead of those the token names; can be repeated
  --force             enrols again although this machine has an identity
  --start-services    then starts the units that are named after it; without any the agent, and "startAfterEnrolment" of
                      the configuration. One that cannot be started is named, exit status 1; the enrolment stands
  -o json             prints JSON

Configuration
  {"watch": ["ssh.service", "slurm*.service"], "servers": ["muster.example:7443"], "logLevel": "info",
   "startAfterEnrolment": ["nginx.service"]}
  Every key may be left out. A change takes effect when the agent is restarted.

Examples
  echo "$TOKEN" | muster-agent enroll --token-file - --start-services
  muster-agent enroll --token-file /root/token --server '[2001:db8::10]:7443'
  muster-agent run --state-dir ./state --config ./agent.json

Exit status
  0 done   1 failed   2 wrong call or configuration   3 refused by the server   4 server of another authority   5 no server answers
`;
