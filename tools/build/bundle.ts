import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildFailure, type Metafile } from 'esbuild';
import { root } from '../lint/project.ts';

/** What of the sources and packages went into a bundle, by path from the root. */
export type Bundle = { readonly folder: string; readonly inputs: readonly string[] };

/**
 * Bundles a program for the Node that is shipped with it. Names are kept, so that a stack trace of a production server can
 * be read; what is loaded only on demand stays a file of its own, so that it costs no memory until then.
 */
async function bundleProgram(entry: string, folder: string): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: entry },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // CommonJS packages inside the bundle ask for Node's own modules this way.
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
    },
    // `ws` looks for native helpers that are never shipped.
    define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    // Loaded by ssh2 when there, which it never is.
    external: ['cpu-features', '*.node'],
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  }).catch((error: unknown) => {
    throw new Error(`${entry} could not be bundled:\n${problemsOf(error)}`, { cause: error });
  });
  return { folder, inputs: shippedInputs(metafile) };
}

/** The first problems in short: one missing package often shows up a hundred times. */
function problemsOf(error: unknown): string {
  const { errors = [] } = error as Partial<BuildFailure>;
  const lines = new Set(errors.map(({ text, location }) => `  ${location?.file ?? ''}: ${text}`));
  return lines.size === 0 ? String(error) : [...lines].slice(0, 10).join('\n') + (lines.size > 10 ? `\n  and ${lines.size - 10} more` : '');
}

/** Inputs of which at least a byte is in an output. */
const shippedInputs = (metafile: Metafile): string[] =>
  [
    ...new Set(
      Object.values(metafile.outputs)
        .flatMap((output) => Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0))
        .map(([path]) => path),
    ),
  ].toSorted();

/** Where the bundles and releases are written. */
export const distFolder = join(root, 'dist');

/** The agent, into dist/agent or another folder. */
export const bundleAgent = (folder = join(distFolder, 'agent')): Promise<Bundle> => bundleProgram('packages/agent/src/main.ts', folder);

/** The server with the command line, into dist/server or another folder. */
export const bundleServer = (folder = join(distFolder, 'server')): Promise<Bundle> => bundleProgram('packages/cli/src/main.ts', folder);
