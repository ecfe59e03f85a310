import type { Environment, EnvironmentVersion } from '@muster/api';

/** An environment of the fake, and how single nodes differ from having it: by name. */
export type FakeEnvironment = {
  environment: Environment;
  versions: EnvironmentVersion[];
  /** Nodes that have an older version, or none (null). */
  behind: Map<string, number | null>;
  failed: Map<string, string>;
};

const startMs = Date.UTC(2026, 10, 21, 8, 0, 0);
const iso = (ms: number) => new Date(ms).toISOString();
const noCounts = { nodes: 0, sync: { inSync: 0, outOfSync: 0, off: 0, unknown: 0 }, work: { new: 0, ongoing: 0, success: 0, failed: 0 } };

/** An environment. */
export function fakeEnvironment(number: number, changes: Partial<Environment> & Pick<Environment, 'name' | 'definition'>): FakeEnvironment {
  const version = changes.version ?? 1;
  const definitionSha256 = 'ab12'.repeat(16);
  const environment: Environment = {
    id: `30000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    kind: changes.definition.kind,
    definitionSha256,
    artifacts: [],
    selectorProblem: null,
    counts: noCounts,
    createdAt: iso(startMs),
    createdBy: 'Ada Admin',
    updatedAt: iso(startMs + version * 3_600_000),
    updatedBy: 'Olga Operator',
    selector: null,
    description: '',
    version,
    ...changes,
  };
  const versions = Array.from({ length: version }, (_, at) => ({
    version: version - at,
    definition: changes.definition,
    definitionSha256,
    createdAt: iso(startMs + (version - at) * 3_600_000),
    createdBy: 'Olga Operator',
  }));
  return { environment, versions, behind: new Map(), failed: new Map() };
}

/** One environment of each kind. */
export function fakeEnvironments(): FakeEnvironment[] {
  const ml = fakeEnvironment(1, {
    name: 'ml-training',
    version: 3,
    description: 'What the training jobs of the vision team need.',
    definition: {
      kind: 'venv',
      python: 'python3',
      requirements: `numpy==2.1.0 --hash=sha256:${'0a'.repeat(32)}\ntorch==2.5.1 --hash=sha256:${'1b'.repeat(32)}\n`,
    },
  });
  ml.behind.set('worker-003.cluster.example.org', 2).set('worker-005.cluster.example.org', null);
  ml.failed.set('worker-005.cluster.example.org', 'No wheel in the artifact store has the hash that line 2 asks for: torch==2.5.1.');
  const notebook = fakeEnvironment(2, {
    name: 'notebooks',
    definition: { kind: 'conda', environmentYml: 'name: notebooks\nchannels: [conda-forge]\ndependencies: [jupyterlab=4.3]\n' },
    selector: 'worker',
  });
  const packed = fakeEnvironment(3, {
    name: 'climate-model',
    version: 2,
    definition: { kind: 'archive', sha256: 'cd34'.repeat(16) },
    selector: 'gone-group',
    selectorProblem: 'There is no node or group "gone-group".',
    artifacts: [{ sha256: 'cd34'.repeat(16), name: 'climate-model-2.tar.gz', sizeBytes: 812_345_678 }],
  });
  return [ml, notebook, packed];
}
