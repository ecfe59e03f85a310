/** The end of what a console has shown, for whoever comes later: so many bytes, in the pieces they came in. */
export type Scrollback = { readonly pieces: readonly Uint8Array[]; readonly bytes: number };

export const emptyScrollback: Scrollback = { pieces: [], bytes: 0 };

/** Room for some screens of a terminal, and little enough to hold for every console. */
export const scrollbackBytes = 65_536;

/** With one more piece, and of the oldest only what still has room. Pure. */
export function shownMore({ pieces, bytes }: Scrollback, piece: Uint8Array, limit = scrollbackBytes): Scrollback {
  if (piece.length >= limit) return { pieces: [piece.subarray(piece.length - limit)], bytes: limit };
  const kept = [...pieces, piece];
  let total = bytes + piece.length;
  while (total > limit) {
    const [oldest = piece] = kept;
    const surplus = total - limit;
    if (oldest.length <= surplus) kept.shift();
    else kept[0] = oldest.subarray(surplus);
    total -= Math.min(oldest.length, surplus);
  }
  return { pieces: kept, bytes: total };
}
