import type { HealthReason, HealthState, NodeMaintenance, ServiceReport, ServicesReport, StoppedService } from '@muster/api';
import { isStopped } from './stopped-state.ts';

/** Everything that decides how one node fares. */
export type HealthInput = {
  /** Whether a certificate was ever signed for the node. */
  readonly registered: boolean;
  /** Since the last heartbeat, by the server's monotonic clock or, beyond a restart, the database's; null when never heard. */
  readonly sinceHeardMs: number | null;
  readonly timeoutMs: number;
  /** What is left of the time after the server's own start in which it declares nothing bad. */
  readonly graceLeftMs: number;
  readonly services: ServicesReport | null;
  /** Units that somebody stopped through Muster: named, and no reason to call the node degraded. */
  readonly stoppedServices: readonly Pick<StoppedService, 'unit' | 'by'>[];
  /** How much of the certificate's life is left, 0 to 1; null without a certificate. */
  readonly certificateLifeLeft: number | null;
  /** What the node was before. */
  readonly previous: HealthState;
  /** Whether somebody works on the node: said beside everything else. */
  readonly maintenance?: Pick<NodeMaintenance, 'reason' | 'by' | 'until'> | null;
};

/** The verdict, with the reasons in words a person can read. */
export type HealthVerdict = { readonly state: HealthState; readonly reasons: readonly HealthReason[] };

/** Below this share of its life a certificate is called near its end: renewal, due at two thirds, has then failed for a while. */
export const nearEndShare = 0.2;

/**
 * Decides a node's health. Never looks at a clock and never at the node's own: the caller measures.
 */
export function decideHealth(input: HealthInput): HealthVerdict {
  const found = observed(input);
  if (input.maintenance == null) return found;
  const { by, reason, until } = input.maintenance;
  const end = until === null ? '' : ` until ${until}`;
  return { ...found, reasons: [{ code: 'in-maintenance', message: `In maintenance by ${by}${end}: ${reason}` }, ...found.reasons] };
}

/** What the node itself gives to see, whoever works on it. */
function observed(input: HealthInput): HealthVerdict {
  if (!input.registered) {
    return verdict('unknown', { code: 'not-registered', message: 'The agent has not enrolled yet.' });
  }
  if (input.sinceHeardMs === null || input.sinceHeardMs > input.timeoutMs) return silent(input);
  const { broken, onPurpose } = servicesNotRunning(input);
  const wrong = [...broken, ...certificateWrong(input.certificateLifeLeft)];
  if (wrong.length > 0) return { state: 'degraded', reasons: [...wrong, ...onPurpose] };
  return input.services?.available === false
    ? verdict('good', { code: 'services-unavailable', message: `Services are not watched: ${input.services.reason}.` })
    : { state: 'good', reasons: onPurpose };
}

function silent(input: HealthInput): HealthVerdict {
  // A node that was never heard at all has nothing to come back to.
  if (input.graceLeftMs > 0 && (input.previous !== 'unknown' || input.sinceHeardMs !== null)) {
    return verdict(input.previous, {
      code: 'waiting-after-restart',
      message: 'The server has just started and waits for this agent to come back; shown is what was last known.',
    });
  }
  if (input.sinceHeardMs === null) {
    return verdict('unknown', { code: 'never-heard', message: 'Enrolled, but never heard. Is the agent running?' });
  }
  return verdict('bad', {
    code: 'not-heard',
    message: `Not heard within ${Math.round(input.timeoutMs / 1000)} s. The machine, its network or its agent is down.`,
  });
}

/** Watched services that do not run: those that broke, and those that somebody stopped. */
function servicesNotRunning({ services, stoppedServices }: HealthInput): { broken: HealthReason[]; onPurpose: HealthReason[] } {
  if (services === null || !services.available) return { broken: [], onPurpose: [] };
  const notRunning = services.services.filter((service) => service.state !== 'running');
  const stopperOf = (service: ServiceReport): string | undefined =>
    isStopped(service.state) ? stoppedServices.find(({ unit }) => unit === service.unit)?.by : undefined;
  return {
    broken: notRunning.filter((service) => stopperOf(service) === undefined).map(brokenService),
    onPurpose: notRunning.flatMap((service) => {
      const by = stopperOf(service);
      const { unit } = service;
      return by === undefined
        ? []
        : [{ code: 'service-stopped-on-purpose' as const, unit, message: `${unit} was stopped on purpose by ${by}.` }];
    }),
  };
}

function brokenService({ unit, state, detail }: ServiceReport): HealthReason {
  const message =
    state === 'missing' ? `${unit} is watched but not installed.` : `${unit} is ${state}${detail === '' ? '' : ` (${detail})`}.`;
  return { code: 'service-not-running', unit, message };
}

function certificateWrong(lifeLeft: number | null): HealthReason[] {
  if (lifeLeft === null || lifeLeft >= nearEndShare) return [];
  return [
    {
      code: 'certificate-near-end',
      message: lifeLeft <= 0 ? 'The certificate has expired.' : `Only ${Math.round(lifeLeft * 100)} % of the certificate's life is left.`,
    },
  ];
}

const verdict = (state: HealthState, reason: HealthReason): HealthVerdict => ({ state, reasons: [reason] });

/** Whether two verdicts say the same, so that nothing is written or announced. */
export function sameVerdict(a: HealthVerdict, b: HealthVerdict): boolean {
  return a.state === b.state && a.reasons.length === b.reasons.length && a.reasons.every((reason, i) => sameReason(reason, b.reasons[i]));
}

function sameReason(a: HealthReason, b: HealthReason | undefined): boolean {
  return b !== undefined && a.code === b.code && a.unit === b.unit && a.message === b.message;
}
