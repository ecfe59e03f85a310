import qrcode from 'qrcode-generator';
import { useMemo } from 'react';

/** White around the code that scanners need, modules (ISO/IEC 18004). */
const quietZone = 4;

/** A text as a QR code, drawn here: a secret in it goes to no other place. Always dark on light, as scanners want it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => drawn(text), [text]);
  return (
    <svg className="mp-qr" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** The dark modules as one path. */
function drawn(text: string): { path: string; size: number } {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const cells: string[] = [];
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      if (code.isDark(row, column)) cells.push(`M${column + quietZone} ${row + quietZone}h1v1h-1z`);
    }
  }
  return { path: cells.join(''), size: count + 2 * quietZone };
}
