import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLayout } from './layout.ts';

describe('the installation', () => {
  let folder = '';
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-layout-')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (path: string): string => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
    return dirname(join(folder, path));
  };

  it('is this checkout when run from its sources', () => {
    const layout = findLayout();
    expect(layout).toMatchObject({ kind: 'checkout', panelDir: join(layout.root, 'packages/panel/dist') });
    expect(layout.agentProgram).toEqual([join(layout.root, 'packages/agent/src/main.ts')]);
  });

  it('is a release where its own runtime lies, and brings no agent', () => {
    put('runtime/node');
    expect(findLayout(put('lib/main.js'))).toEqual({
      kind: 'release',
      root: folder,
      panelDir: join(folder, 'panel'),
      agentProgram: undefined,
    });
  });

  it('is not complete anywhere else', () => {
    expect(() => findLayout(put('lib/main.js'))).toThrow(`the installation around ${join(folder, 'lib')} is not complete`);
  });
});
