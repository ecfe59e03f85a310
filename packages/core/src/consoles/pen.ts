import type { ConsolePresence, ConsoleViewer } from '@muster/api';

/** Who is at a console, and who of them writes: one at a time. */
export type Pen = ConsolePresence;

export const nobodyAtConsole: Pen = { viewers: [], writer: null };

const viewerOf = ({ viewers }: Pen, id: string): ConsoleViewer | undefined => viewers.find((viewer) => viewer.id === id);

/** Somebody comes. He writes when the pen is free or he takes it, and came to do more than to look. Pure. */
export function joined({ viewers, writer }: Pen, viewer: ConsoleViewer, takes: boolean): Pen {
  const writes = !viewer.readOnly && (takes || writer === null);
  return { viewers: [...viewers, viewer], writer: writes ? viewer.id : writer };
}

/** Somebody goes, by his will or not. The pen he had is free: nobody who only watched finds himself writing. Pure. */
export const left = ({ viewers, writer }: Pen, id: string): Pen => ({
  viewers: viewers.filter((viewer) => viewer.id !== id),
  writer: writer === id ? null : writer,
});

/** What becomes of a wish for the pen, or of something typed. */
export type PenAnswer = { readonly pen: Pen } | { readonly refusal: string };

/** Somebody takes the pen, whoever has it. Pure. */
export function taken(pen: Pen, id: string): PenAnswer {
  const viewer = viewerOf(pen, id);
  if (viewer === undefined) return { refusal: 'You are not at this console any more.' };
  if (viewer.readOnly) return { refusal: 'You came to read only. Open the console again to write.' };
  return { pen: { ...pen, writer: id } };
}

/** Somebody types: whoever has the pen may, and a free one is taken by it. Pure. */
export function typed(pen: Pen, id: string): PenAnswer {
  if (pen.writer === id) return { pen };
  if (pen.writer === null) return taken(pen, id);
  const writer = viewerOf(pen, pen.writer)?.name ?? 'somebody';
  return viewerOf(pen, id)?.readOnly === true ? taken(pen, id) : { refusal: `${writer} writes now. Take the pen over first.` };
}
