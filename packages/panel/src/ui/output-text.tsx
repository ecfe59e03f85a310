import { printable } from './printable.ts';

type Props = { readonly text: string; readonly label: string; readonly isTruncated?: boolean };

/** What a program on a node printed: text and nothing else, in a box that scrolls and that the keyboard reaches. */
export function OutputText({ text, label, isTruncated = false }: Props) {
  return (
    <div className="mp-output">
      <pre className="mp-output__text" tabIndex={0} role="region" aria-label={label}>
        {printable(text)}
      </pre>
      {isTruncated && <p className="mp-under mp-quiet">There was more; only so much is kept.</p>}
    </div>
  );
}
