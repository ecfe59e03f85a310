import { formatAge, formatDateTime } from './format.ts';
import { useNowMs } from './ticker.ts';

type Props = {
  /** Age at the time of the answer, by the server's clock; null when never heard. */
  ageSeconds: number | null;
  /** When the answer came, by this machine's clock: from then on the page counts by itself. */
  answeredAtMs: number;
  heartbeatAt: string | null;
};

/** Time since the last heartbeat, counting up. Only this text renders each second, never the table around it. */
export function HeartbeatAge({ ageSeconds, answeredAtMs, heartbeatAt }: Props) {
  const nowMs = useNowMs();
  if (ageSeconds === null || heartbeatAt === null) return <span className="mp-quiet">never</span>;
  const age = ageSeconds + Math.max(0, nowMs - answeredAtMs) / 1000;
  return (
    <time dateTime={heartbeatAt} title={formatDateTime(heartbeatAt)} className="mp-number">
      {formatAge(age)} ago
    </time>
  );
}
