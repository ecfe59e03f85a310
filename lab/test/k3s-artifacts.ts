import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../src/run-command.ts';

const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
const binary = architecture === 'amd64' ? 'k3s' : `k3s-${architecture}`;
const images = `k3s-airgap-images-${architecture}.tar`;
const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

/** The image that is pushed to a registry: one layer with one small file. */
const tinyImage = 'example.org/tests/tiny:1';

/**
 * A folder such as a release of k3s fills, with the STAND-IN for the k3s binary in it (`on-host/k3s-stand-in`), archives of images made here,
 * and a chart that is none but looks like one.
 */
export async function k3sArtifacts(folder: string): Promise<void> {
  mkdirSync(join(folder, 'images'), { recursive: true });
  await archive(join(folder, images), {
    'manifest.json': JSON.stringify([{ RepoTags: ['docker.io/rancher/mirrored-library-busybox:1.36.1'] }]),
  });
  await tinyArchive(join(folder, 'images', 'tiny.tar'));
  await archive(join(folder, 'jupyterhub-0.0.1.tgz'), { 'jupyterhub/Chart.yaml': 'apiVersion: v2\nname: jupyterhub\nversion: 0.0.1\n' });
  putStandIn(folder, 'v1.30.0+k3s1');
}

/** Puts the stand-in into the folder, as a k3s of a version, with the checksums of the release. */
export function putStandIn(folder: string, version: string): void {
  copyFileSync(join(import.meta.dirname, 'on-host', 'k3s-stand-in'), join(folder, binary));
  const text = readFileSync(join(folder, binary), 'utf8').replace(/^VERSION = .*$/mu, `VERSION = '${version}'`);
  writeFileSync(join(folder, binary), text, { mode: 0o755 });
  const lines = [binary, images].map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`);
  writeFileSync(join(folder, `sha256sum-${architecture}.txt`), lines.join(''));
}

/** A tar, or with the ending .tgz a compressed one, of texts by name. */
async function archive(path: string, texts: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  const from = `${path}.content`;
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(join(from, name, '..'), { recursive: true });
    writeFileSync(join(from, name), text);
  }
  const flags = path.endsWith('.tgz') ? '-czf' : '-cf';
  const { code, stderr } = await runCommand(['tar', flags, path, '-C', from, ...Object.keys(texts)], { timeoutSeconds: 60 });
  if (code !== 0) throw new Error(`${path} could not be made: ${stderr}`);
}

/** An archive of one image, as `docker save` makes it. */
async function tinyArchive(path: string): Promise<void> {
  await archive(`${path}.layer.tar`, { 'hello.txt': 'hello\n' });
  const layer = readFileSync(`${path}.layer.tar`);
  const config = JSON.stringify({
    architecture,
    os: 'linux',
    config: { Cmd: ['true'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  });
  const name = `${sha256(config)}.json`;
  const manifest = [{ Config: name, RepoTags: [tinyImage], Layers: ['layer.tar'] }];
  await archive(path, { 'manifest.json': JSON.stringify(manifest), [name]: config, 'layer.tar': layer });
  await runCommand(['rm', '-rf', `${path}.layer.tar`, `${path}.layer.tar.content`, `${path}.content`], { timeoutSeconds: 60 });
}
