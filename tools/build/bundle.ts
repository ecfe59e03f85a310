import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type BuildFailure, type Metafile } from 'esbuild';
import { root } from '../lint/project.ts';

/** A bundled program. */
export type Bundle = {
  /** The files by name; `main.js` starts the program. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The sources and packages of which something is in it, by path from the root. */
  readonly inputs: readonly string[];
};

/** The agent. */
export const bundleAgent = (): Promise<Bundle> => bundleProgram('packages/agent/src/main.ts');

/** The server, with the command line that starts it. */
export const bundleServer = (): Promise<Bundle> => bundleProgram('packages/cli/src/main.ts');

/** What CommonJS packages inside a bundle expect around them: `require` for Node's own modules, and where they lie. */
const commonJsNames = [
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
  'const __dirname = import.meta.dirname;',
  'const __filename = import.meta.filename;',
].join('');

/**
 * Bundles a program for the Node that is shipped with it. Names are kept, so that a stack trace of a production server can
 * be read; what is loaded only on demand stays a file of its own, so that it costs no memory until then.
 */
async function bundleProgram(entry: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { main: entry },
    outdir: 'dist',
    write: false,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: commonJsNames },
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
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
  return { files, inputs: shippedInputs(metafile) };
}

/** Writes a bundle as the whole content of a folder. */
export async function writeBundle({ files }: Bundle, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, content] of files) await writeFile(join(folder, name), content);
}

/** The first problems in short: one missing package often shows up a hundred times. */
function problemsOf(error: unknown): string {
  const { errors = [] } = error as Partial<BuildFailure>;
  const lines = new Set(errors.map(({ text, location }) => `  ${location?.file ?? ''}: ${text}`));
  return lines.size === 0 ? String(error) : [...lines].slice(0, 10).join('\n') + (lines.size > 10 ? `\n  and ${lines.size - 10} more` : '');
}

/** Inputs of which at least a byte is in an output. */
function shippedInputs(metafile: Metafile): string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return [...new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path))].toSorted();
}
