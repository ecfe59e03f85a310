import type { AgentCheck, AgentControl, Node, Session } from '@muster/api';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { agentControlQuery } from '../../api/queries.ts';
import { api } from '../../api/client.ts';
import { whyNot } from '../../nodes/actions/why-not.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { Moment } from '../../ui/moment.tsx';
import { printable } from '../../ui/printable.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { RefusedButton } from '../../ui/refused-button.tsx';
import { Unanswered } from '../../ui/unanswered.tsx';
import { Notice } from '../../ui/notice.tsx';

/** Whether the server can start and stop this node's agent over SSH, and what to do where it cannot. */
export function SshCard({ node, session }: { node: Node; session: Session }) {
  const { data, error, failureReason } = useQuery(agentControlQuery);
  const check = useMutation({ mutationFn: () => api.checkAgentControl({ body: { nodes: [node.id] } }) });
  const control = data?.items.find(({ nodeId }) => nodeId === node.id);
  return (
    <Card component="section" aria-labelledby="node-ssh">
      <CardTitle component="h2" id="node-ssh">
        Agent over SSH
      </CardTitle>
      <CardBody className="mp-stack">
        <Unanswered data={data} error={error} failureReason={failureReason} label="Loading how the agent is reached" />
        {data !== undefined && control === undefined && <KeyMissing />}
        {control !== undefined && (
          <>
            <HowReached user={data?.user} control={control} node={node} />
            <RefusedButton
              variant="secondary"
              size="sm"
              isLoading={check.isPending}
              refusal={whyNot(session, 'restart-agent', [node])}
              onClick={() => check.mutate()}
            >
              Check now
            </RefusedButton>
          </>
        )}
        <div role="status" className="mp-stack">
          {check.isError && <ProblemAlert error={check.error} title="Not checked" />}
          {check.data?.items.map((found) => (
            <CheckResult key={found.nodeId} found={found} />
          ))}
        </div>
      </CardBody>
    </Card>
  );
}

function KeyMissing() {
  return (
    <>
      <p>
        The server cannot log in to this node: its key was not installed there. <code>muster apply</code> does that. Until then start, stop
        and restart the agent by hand:
      </p>
      <CopyBlock label="Line to restart the agent by hand" text="sudo systemctl restart muster-agent.service" />
    </>
  );
}

type HowReachedProps = { readonly user: string | undefined; readonly control: AgentControl; readonly node: Node };

function HowReached({ user, control: { address, port, since, refusedKey }, node }: HowReachedProps) {
  return (
    <>
      <p>
        The server logs in as <code>{user}</code> at {address ?? node.privateIp ?? 'no address'}, port {port}, and can start, stop and
        restart the agent there, nothing else. Known since <Moment at={since} />.
      </p>
      {refusedKey !== null && (
        <Notice variant="danger" isInline title="The host shows another key than the one it is known by">
          It was refused: <code className="mp-break">{refusedKey}</code>. If the machine was made anew, run muster apply for it again.
        </Notice>
      )}
    </>
  );
}

function CheckResult({ found: { reached, message, byHand } }: { found: AgentCheck }) {
  return (
    <>
      <Notice variant={reached ? 'success' : 'warning'} isInline title={reached ? 'Reached' : 'SSH is not possible'}>
        {printable(message)}
      </Notice>
      {byHand !== null && <CopyBlock label="Line to run by hand" text={byHand} />}
    </>
  );
}
