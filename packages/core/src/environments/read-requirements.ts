/** One pinned requirement. */
export type Requirement = {
  /** As it is written anew: name, extras, version and marker, without the hashes. */
  readonly text: string;
  readonly name: string;
  readonly version: string;
  readonly hashes: readonly string[];
  readonly line: number;
};

/** A mistake in a requirements.txt, with its line. */
export type RequirementProblem = { readonly line: number; readonly message: string };

const pin = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(\[[A-Za-z0-9._,\s-]*\])?\s*==\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)\s*(;[^#]*)?$/u;
/** What a marker (PEP 508) is made of: variables, versions and texts, compared and joined. */
const marker = /^;[A-Za-z0-9_.\s'"()<>=!~+-]*$/u;
const maxRequirements = 2000;

/**
 * Reads a requirements.txt of which everything is pinned and hashed, and nothing else: no options (they could name another index), no addresses, no
 * files, no ranges. Pure. What is read is written anew for pip, so it never sees the text that was given.
 */
export function readRequirements(text: string): { readonly requirements: Requirement[]; readonly problems: RequirementProblem[] } {
  const requirements: Requirement[] = [];
  const problems: RequirementProblem[] = [];
  for (const { line, content } of logicalLines(text)) {
    const read = readLine(content, line);
    if ('message' in read) problems.push(read);
    else if (requirements.some(({ name, text: other }) => sameName(name, read.name) && other === read.text))
      problems.push({ line, message: `${read.name} is named twice` });
    else requirements.push(read);
  }
  if (requirements.length === 0 && problems.length === 0) problems.push({ line: 1, message: 'there is no requirement in it' });
  if (requirements.length > maxRequirements) problems.push({ line: 1, message: `there are more than ${maxRequirements} requirements` });
  return { requirements, problems };
}

/** As pip compares names (PEP 503). */
export const normalizedName = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/gu, '-');
const sameName = (a: string, b: string): boolean => normalizedName(a) === normalizedName(b);

/** Lines as pip sees them: joined at a backslash, without comments and blanks. */
function logicalLines(text: string): { readonly line: number; readonly content: string }[] {
  const found: { line: number; content: string }[] = [];
  let [start, joined] = [0, ''];
  for (const [index, raw] of text
    .replace(/^\uFEFF/u, '')
    .split(/\r\n|\r|\n/u)
    .entries()) {
    if (joined === '') start = index + 1;
    const isComment = /^\s*#/u.test(raw);
    const content = isComment ? '' : raw.replace(/\s#.*$/u, '');
    joined += ` ${content.replace(/\\\s*$/u, '')}`;
    if (!isComment && /\\\s*$/u.test(content)) continue;
    if (joined.trim() !== '') found.push({ line: start, content: joined.trim() });
    joined = '';
  }
  if (joined.trim() !== '') found.push({ line: start, content: joined.trim() });
  return found;
}

function readLine(content: string, line: number): Requirement | RequirementProblem {
  const [head = '', ...options] = content.split(/\s+(?=--)/u);
  if (head.startsWith('-'))
    return { line, message: `${JSON.stringify(head.split(/[\s=]/u)[0])} is an option; only pinned packages can stand here` };
  const match = pin.exec(head.trim());
  if (match === null) return { line, message: `${JSON.stringify(head.slice(0, 80))} is not pinned as NAME==VERSION` };
  const [, name = '', extras = '', version = '', condition = ''] = match;
  if (condition !== '' && !marker.test(condition)) return { line, message: `${name} has a condition that cannot be read` };
  const hashes = options.map((option) => /^--hash[=\s]\s*sha256:([0-9a-fA-F]{64})$/u.exec(option.trim())?.[1]?.toLowerCase());
  const mistake = mistakeInHashes(hashes);
  if (mistake !== undefined) return { line, message: `${name} has ${mistake}` };
  const text = `${name}${extras.replaceAll(/\s+/gu, '')}==${version}${writeCondition(condition)}`;
  return { text, name, version, hashes: hashes.filter((one) => one !== undefined), line };
}

function mistakeInHashes(hashes: readonly (string | undefined)[]): string | undefined {
  if (hashes.includes(undefined)) return 'an option other than --hash=sha256:...';
  if (hashes.length > 0) return undefined;
  return 'no --hash=sha256:...: write the file with "pip-compile --generate-hashes" or "uv pip compile --generate-hashes"';
}

const writeCondition = (condition: string): string => (condition === '' ? '' : ` ${condition.trim()}`);

/** A requirements.txt of these with only such hashes as are there. */
export const writeRequirements = (requirements: readonly Requirement[], isThere: (sha256: string) => boolean): string =>
  requirements
    .map(
      ({ text, hashes }) =>
        `${text} ${hashes
          .filter(isThere)
          .map((sha256) => `--hash=sha256:${sha256}`)
          .join(' ')}\n`,
    )
    .join('');
