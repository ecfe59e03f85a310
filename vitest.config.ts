import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const notTests = ['**/node_modules/**', '**/dist/**'];
const integration = ['**/*.integration.test.{ts,tsx}', 'packages/{store,ssh}/**/*.test.ts'];
const panel = ['**/*.browser.test.{ts,tsx}'];
const lab = ['**/*.e2e.test.ts'];

const project = (name: string, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration => ({
  test: { name, environment: 'node', restoreMocks: true, unstubEnvs: true, ...test },
});

/** The parts of `npm test`, told apart by file name; packages/store and packages/ssh start real servers in nearly every test. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', { include: ['**/*.test.{ts,tsx}'], exclude: [...notTests, ...integration, ...panel, ...lab], testTimeout: 10_000 }),
      project('integration', {
        include: integration,
        exclude: [...notTests, ...panel, ...lab],
        globalSetup: 'testkit/src/postgres-template.ts',
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      project('panel', { include: panel, exclude: notTests, testTimeout: 60_000, hookTimeout: 120_000 }),
      project('lab', { include: lab, exclude: notTests, testTimeout: 600_000, hookTimeout: 600_000 }),
    ],
  },
});
