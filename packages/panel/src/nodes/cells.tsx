import type { Gpu, Node } from '@muster/api';
import { Tooltip } from '@patternfly/react-core';
import CheckIcon from '@patternfly/react-icons/dist/esm/icons/check-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import HourglassHalfIcon from '@patternfly/react-icons/dist/esm/icons/hourglass-half-icon';
import OffIcon from '@patternfly/react-icons/dist/esm/icons/ban-icon';
import { Link } from 'react-router';
import { mismatchesOf } from '../node/mismatch.ts';
import { paths } from '../paths.ts';
import { formatDateTime, shortSerial } from '../ui/format.ts';
import { HealthLabel, healthLooks } from '../ui/health-label.tsx';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';

/** The name, as a link to the node's page, and whether the machine calls itself otherwise. */
export function NameCell({ node }: { node: Node }) {
  const mismatch = mismatchesOf(node).find((one) => one.what === 'hostname');
  const [host = '', ...domain] = node.name.split('.');
  return (
    <>
      <Link to={paths.node(node.name)} className="mp-node-name" title={node.name} aria-label={node.name}>
        <span className="mp-node-name__host">{host}</span>
        {domain.length > 0 && <span className="mp-node-name__domain">.{domain.join('.')}</span>}
      </Link>
      {mismatch !== undefined && (
        <span className="mp-under mp-clamp" title={mismatch.reported}>
          <ExclamationTriangleIcon className="mp-warning" /> reports as {mismatch.reported}
        </span>
      )}
    </>
  );
}

/** Health with its reason below where it is not good; all reasons, and since when, on hover and on focus. */
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
        <span tabIndex={0} className="mp-focusable">
          {label}
        </span>
      </Tooltip>
      {state !== 'good' && (
        <span className="mp-under mp-reason mp-clamp">
          {first.message}
          {more.length > 0 && ` (and ${more.length} more)`}
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

/** The certificate in use: what the node proves itself with. */
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

export function EnvironmentsCell({ node }: { node: Node }) {
  return node.environments === 'on' ? (
    <span>
      <CheckIcon className="mp-success" /> On
    </span>
  ) : (
    <span title="No operation on environments is scheduled for this node">
      <OffIcon className="mp-quiet" /> Off
    </span>
  );
}
