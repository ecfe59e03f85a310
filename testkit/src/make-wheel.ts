import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export type Wheel = { readonly fileName: string; readonly content: Buffer; readonly sha256: string };

/** A small wheel (PEP 427) of pure Python with one module, as `pip install` takes it; made here because tests reach no package index. */
export function makeWheel(name: string, version: string, source: string, requires: readonly string[] = []): Wheel {
  const info = `${name}-${version}.dist-info`;
  const metadata = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...requires.map((one) => `Requires-Dist: ${one}`),
    '',
    '',
  ];
  const files: [string, string][] = [
    [`${name}.py`, source],
    [`${info}/METADATA`, metadata.join('\n')],
    [`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: muster-test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
  ];
  const record = files.map(
    ([path, text]) => `${path},sha256=${createHash('sha256').update(text).digest('base64url')},${Buffer.byteLength(text)}`,
  );
  const content = zip([...files, [`${info}/RECORD`, [...record, `${info}/RECORD,,`, ''].join('\n')]]);
  return { fileName: `${name}-${version}-py3-none-any.whl`, content, sha256: createHash('sha256').update(content).digest('hex') };
}

/** A zip file with its members stored as they are. */
function zip(files: readonly (readonly [string, string])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of files) {
    const [name, content] = [Buffer.from(path), Buffer.from(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    parts.push(Buffer.from('504b0304', 'hex'), common, name, content);
    const where = Buffer.alloc(14);
    where.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    where.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('504b01021403', 'hex'), common, where, name);
    offset += 4 + common.length + name.length + content.length;
  }
  const size = Buffer.concat(directory).length;
  const end = Buffer.alloc(22);
  end.write('504b0506', 0, 'hex');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
