const second = 1;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time in the two largest units that say something: `7 s`, `3 min`, `2 h 5 min`, `4 d 1 h`. Below zero counts as zero. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return `${whole} s`;
  if (whole < hour) return `${Math.floor(whole / minute)} min`;
  if (whole < day) return two(whole, hour, 'h', minute, 'min');
  return two(whole, day, 'd', hour, 'h');
}

function two(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  const first = `${Math.floor(seconds / large)} ${largeName}`;
  return rest === 0 ? first : `${first} ${rest} ${smallName}`;
}

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** An amount of memory in binary units, three digits at most that mean something: `512 MiB`, `62.7 GiB`, `1.5 TiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.96 GiB would be shown as 1024 GiB: what rounds up to the next unit is written in it.
  while (value >= 1023.5 && unit < binaryUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = value < 100 && unit > 0 ? 1 : 0;
  return `${Number(value.toFixed(digits))} ${binaryUnits[unit]}`;
}

const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const dateTimeFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** A day in the reader's time zone: `19 Feb 2027`. */
export const formatDate = (iso: string): string => dateFormat.format(new Date(iso));

/** A moment in the reader's time zone: `19 Feb 2027, 14:03:22`. */
export const formatDateTime = (iso: string): string => dateTimeFormat.format(new Date(iso));

/** The difference of a node's clock: `0.2 s ahead`, `35 s behind`. */
export function formatSkew(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 0.05) return 'in step';
  const amount = size < 10 ? `${size.toFixed(1)} s` : formatAge(size);
  return `${amount} ${seconds > 0 ? 'ahead' : 'behind'}`;
}

/** The first part of a serial or fingerprint, enough to recognise it by. */
export const shortSerial = (serial: string): string => (serial.length <= 12 ? serial : serial.slice(0, 12));

/** `node-health` as a person writes it: `Node health`. */
export const sentenceOf = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('-', ' ');
