/** A sample of a metric: `name{label="value"} 1`. */
export type Sample = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number };
export type Family = { readonly name: string; readonly type: string; readonly help: string; readonly samples: readonly Sample[] };

const nameText = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/u;
const sampleLine = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|Nan|NaN)$/iu;
const labelText = /(?<key>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\\n]|\\["\\n])*)"(?:,|$)/guy;

/** Suffixes of the samples that belong to a family of a type. */
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads what a server exposes, and throws for whatever Prometheus would refuse or warn of (exposition format 0.0.4): a family that comes in
 * two parts, a sample of none, one that is there twice, a histogram whose buckets do not add up.
 */
export function readExposition(text: string): Family[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, OpenFamily>();
  let current: OpenFamily | undefined;
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const help = /^# HELP (\S+) (.+)$/u.exec(line);
    const type = /^# TYPE (\S+) (\S+)$/u.exec(line);
    if (help !== null) current = beginFamily(line, help, families);
    else if (type !== null) giveType(line, type, current);
    else addSample(line, current, seen);
  }
  for (const family of families.values()) checkFamily(family);
  return [...families.values()];
}

/** A family of which more may come. */
type OpenFamily = { readonly name: string; type: string; readonly help: string; readonly samples: Sample[] };

function beginFamily(line: string, [, name = '', help = '']: RegExpExecArray, families: Map<string, OpenFamily>): OpenFamily {
  if (families.has(name) || !nameText.test(name)) throw new Error(`a family in two parts, or with a bad name: ${line}`);
  const family = { name, type: '', help, samples: [] };
  families.set(name, family);
  return family;
}

function giveType(line: string, [, name, type = '']: RegExpExecArray, family: OpenFamily | undefined): void {
  if (family === undefined || family.name !== name || family.type !== '') throw new Error(`a type of nothing: ${line}`);
  if (suffixes[type] === undefined) throw new Error(`an unknown type: ${line}`);
  family.type = type;
}

function addSample(line: string, family: OpenFamily | undefined, seen: Set<string>): void {
  const sample = readSample(line);
  if (family === undefined || !(suffixes[family.type] ?? []).some((suffix) => sample.name === family.name + suffix))
    throw new Error(`a sample of no family: ${line}`);
  const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
  if (seen.has(key)) throw new Error(`a sample that is there twice: ${line}`);
  seen.add(key);
  family.samples.push(sample);
}

function readSample(line: string): Sample {
  const found = sampleLine.exec(line)?.groups;
  if (found === undefined) throw new Error(`no sample: ${line}`);
  const labels = readLabels(found['labels'] ?? '', line);
  return { name: found['name'] ?? '', labels, value: Number((found['value'] ?? '').replace('Inf', 'Infinity').replace('Nan', 'NaN')) };
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let end = 0;
  for (const match of text.matchAll(labelText)) {
    const { key = '', value = '' } = match.groups ?? {};
    if (key in labels) throw new Error(`a label twice: ${line}`);
    labels[key] = value.replaceAll(/\\(["\\n])/gu, (_, one: string) => (one === 'n' ? '\n' : one));
    end = match.index + match[0].length;
  }
  if (end !== text.length) throw new Error(`damaged labels: ${line}`);
  return labels;
}

function checkFamily({ name, type, samples }: Family): void {
  if (type === '') throw new Error(`${name} has no type`);
  if (type === 'histogram') checkHistogram(name, samples);
  // The names of others are theirs.
  if (!name.startsWith('muster_')) return;
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`the counter ${name} does not end in _total`);
  if (type !== 'counter' && name.endsWith('_total')) throw new Error(`${name} ends in _total and is no counter`);
  if (/_(?:ms|millis|milliseconds|minutes|hours|days|kb|mb|gb|percent)(?:_|$)/u.test(name))
    throw new Error(`${name} is not in a base unit`);
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const groups = new Map<string, { buckets: Sample[]; count: number | undefined }>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? { buckets: [], count: undefined };
    if (sample.name === `${name}_bucket`) group.buckets.push(sample);
    if (sample.name === `${name}_count`) group.count = sample.value;
    groups.set(key, group);
  }
  for (const { buckets, count } of groups.values()) {
    const bounds = buckets.map((one) => Number((one.labels['le'] ?? '').replace('+Inf', 'Infinity')));
    const grows = buckets.every(
      (one, at) => at === 0 || (one.value >= (buckets[at - 1]?.value ?? 0) && (bounds[at] ?? 0) > (bounds[at - 1] ?? 0)),
    );
    if (!grows || bounds.at(-1) !== Number.POSITIVE_INFINITY || buckets.at(-1)?.value !== count)
      throw new Error(`the buckets of ${name} do not add up`);
  }
}
