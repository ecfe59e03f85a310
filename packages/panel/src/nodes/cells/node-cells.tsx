import type { Gpu, Node, NodeMismatch } from '@muster/api';
import { Tooltip } from '@patternfly/react-core';
import CheckIcon from '@patternfly/react-icons/dist/esm/icons/check-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import HourglassHalfIcon from '@patternfly/react-icons/dist/esm/icons/hourglass-half-icon';
import OffIcon from '@patternfly/react-icons/dist/esm/icons/ban-icon';
import { use } from 'react';
import { Link } from 'react-router';
import { paths } from '../../paths.ts';
import { formatDateTime, shortSerial } from '../../ui/format.ts';
import { HealthLabel, healthLooks } from '../../ui/health-label.tsx';
import { Moment } from '../../ui/moment.tsx';
import { NotKnown } from '../../ui/not-known.tsx';
import { sourceTexts } from '../../ui/source-texts.ts';
import { SyncLabel } from '../../ui/sync-label.tsx';
import { OutOfSync } from '../out-of-sync.ts';

/** What the agent says of a member otherwise than a person did. */
function Mismatch({ node, member }: { node: Node; member: NodeMismatch['member'] }) {
  const found = node.mismatches.find((one) => one.member === member);
  if (found === undefined) return null;
  return (
    <span className="mp-under mp-clamp mp-mismatch" title={`The agent reports ${found.reported}`}>
      <ExclamationTriangleIcon className="mp-warning" /> reports {found.reported}
    </span>
  );
}

/** The name, as a link to the node's page, and whether the machine calls itself otherwise. The grid is one tab stop, so the link is none. */
export function NameCell({ node }: { node: Node }) {
  const [host = '', ...domain] = node.name.split('.');
  return (
    <>
      <Link
        to={paths.node(node.name)}
        tabIndex={-1}
        className="mp-node-name"
        title={`${node.name} (${sourceTexts[node.sources.name]})`}
        aria-label={node.name}
      >
        <span className="mp-node-name__host">{host}</span>
        {domain.length > 0 && <span className="mp-node-name__domain">.{domain.join('.')}</span>}
      </Link>
      <Mismatch node={node} member="hostname" />
    </>
  );
}

/** An address, where it comes from, and whether the machine has another one. */
export function AddressCell({ node, member, because }: { node: Node; member: 'privateIp' | 'publicIp'; because: string }) {
  const value = node[member];
  const source = node.sources[member];
  if (value === null) return <NotKnown because={because} />;
  return (
    <>
      <span
        className={value.length > 15 ? 'mp-address mp-address--long' : 'mp-address'}
        {...(source === null ? {} : { title: sourceTexts[source] })}
      >
        {value}
      </span>
      {source !== null && source !== 'administrator' && <span className="mp-under mp-quiet">{sourceTexts[source]}</span>}
      <Mismatch node={node} member={member} />
    </>
  );
}

/** Health with its reason below where it is not good; all reasons, and since when, on hover. */
export function HealthCell({ node }: { node: Node }) {
  const { state, reasons, since } = node.health;
  const [first, ...more] = reasons;
  const label = <HealthLabel state={state} />;
  if (first === undefined) return label;
  const hint = (
    <>
      {reasons.map((reason) => (
        <div key={reason.code + (reason.unit ?? '')}>{reason.message}</div>
      ))}
      {since !== null && (
        <div>
          {healthLooks[state].text} since {formatDateTime(since)}
        </div>
      )}
    </>
  );
  return (
    <>
      <Tooltip content={hint} isContentLeftAligned>
        <span>{label}</span>
      </Tooltip>
      {state !== 'good' && (
        <span className="mp-under mp-quiet mp-clamp">
          {first.message}
          {more.length > 0 && <span aria-hidden="true"> (and {more.length} more)</span>}
          {more.map((reason) => (
            <span key={reason.code + (reason.unit ?? '')} className="pf-v6-screen-reader">
              {reason.message}
            </span>
          ))}
        </span>
      )}
    </>
  );
}

export function RegistrationCell({ node }: { node: Node }) {
  if (node.registration === 'registered') {
    return (
      <span title={node.registeredAt === null ? undefined : `since ${formatDateTime(node.registeredAt)}`}>
        <CheckIcon className="mp-success" /> Registered
      </span>
    );
  }
  return (
    <span title="No certificate was signed for this node yet">
      <HourglassHalfIcon className="mp-quiet" /> Pending
    </span>
  );
}

/** The certificate in use, which took the place of the password: its serial and its end. */
export function CredentialCell({ node }: { node: Node }) {
  const { certificateSerial, certificateExpiresAt } = node;
  if (certificateSerial === null) return <NotKnown because="no certificate yet" />;
  return (
    <>
      <code title={certificateSerial}>{shortSerial(certificateSerial)}</code>
      {certificateExpiresAt !== null && (
        <span className="mp-under mp-quiet">
          until <Moment at={certificateExpiresAt} isDateOnly />
        </span>
      )}
    </>
  );
}

export function GpusCell({ gpus }: { gpus: readonly Gpu[] }) {
  const models = [...new Set(gpus.map((gpu) => gpu.model))].join(', ');
  return (
    <>
      <span className="mp-number">{gpus.length}</span>
      {gpus.length > 0 && (
        <span className="mp-under mp-quiet mp-clip" title={models}>
          {models}
        </span>
      )}
    </>
  );
}

/** Whether operations on environments are scheduled for the node, and whether it is behind. */
export function EnvironmentsCell({ node }: { node: Node }) {
  const behind = use(OutOfSync).get(node.id);
  if (node.environments === 'off') {
    return (
      <span title="No operation on environments is scheduled for this node">
        <OffIcon className="mp-quiet" /> Off
      </span>
    );
  }
  return (
    <>
      <span>
        <CheckIcon className="mp-success" /> On
      </span>
      {behind !== undefined && (
        <span className="mp-under">
          <SyncLabel sync="out-of-sync" title={behind.summary} />
        </span>
      )}
    </>
  );
}
