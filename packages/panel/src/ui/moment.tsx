import { formatDate, formatDateTime } from './format.ts';

/** A moment in the reader's time zone, with the exact one in UTC on hover. */
export function Moment({ at, isDateOnly = false }: { at: string; isDateOnly?: boolean }) {
  return (
    <time dateTime={at} title={at} className="mp-number">
      {isDateOnly ? formatDate(at) : formatDateTime(at)}
    </time>
  );
}
