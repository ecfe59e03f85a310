import { Button, Card, CardBody, CardHeader, CardTitle, Label } from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';
import { formatDateTime } from '../../ui/format.ts';
import { printable } from '../../ui/printable.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import type { JournalBuffer } from './journal-buffer.ts';
import { useJournal } from './use-journal.ts';

type Props = { readonly node: string; readonly unit: string; readonly onClose: () => void };

/** The journal of a unit as it grows. Paused, it stands still and counts what came. */
export function JournalCard({ node, unit, onClose }: Props) {
  const { buffer, state, again } = useJournal(node, unit);
  const [held, setHeld] = useState<JournalBuffer | null>(null);
  const shown = held ?? buffer;
  const waiting = held === null ? 0 : buffer.next - held.next;
  return (
    <Card component="section" aria-labelledby="journal-title">
      <CardHeader
        actions={{
          actions: (
            <JournalButtons
              kind={state.kind}
              isHeld={held !== null}
              onHold={() => setHeld(held === null ? buffer : null)}
              onAgain={again}
              onClose={onClose}
            />
          ),
        }}
      >
        <CardTitle component="h2" id="journal-title">
          Journal of {unit}
        </CardTitle>
      </CardHeader>
      <CardBody className="mp-stack">
        {state.kind === 'failed' && <ProblemAlert error={state.error} title="The journal cannot be shown" />}
        <p role="status" className="mp-journal__state">
          <Label isCompact {...(state.kind === 'open' && held === null ? { status: 'success' } : { color: 'grey' })} variant="outline">
            {stateText(state.kind, held !== null)}
          </Label>
          {state.kind === 'ended' && <span>{state.reason === '' ? 'All there is was shown.' : printable(state.reason)}</span>}
          {waiting > 0 && <span>{waiting} lines came meanwhile.</span>}
          {shown.dropped > 0 && <span>{shown.dropped.toLocaleString('en-GB')} earlier lines are not shown.</span>}
        </p>
        <JournalText buffer={shown} label={`Journal of ${unit}`} follows={held === null} />
      </CardBody>
    </Card>
  );
}

type StateKind = 'opening' | 'open' | 'ended' | 'failed';

type ButtonsProps = {
  readonly kind: StateKind;
  readonly isHeld: boolean;
  readonly onHold: () => void;
  readonly onAgain: () => void;
  readonly onClose: () => void;
};

function JournalButtons({ kind, isHeld, onHold, onAgain, onClose }: ButtonsProps) {
  return (
    <>
      {kind === 'open' && (
        <Button variant="secondary" size="sm" onClick={onHold}>
          {isHeld ? 'Go on' : 'Pause'}
        </Button>
      )}
      {(kind === 'ended' || kind === 'failed') && (
        <Button variant="secondary" size="sm" onClick={onAgain}>
          Open again
        </Button>
      )}
      <Button variant="link" size="sm" onClick={onClose}>
        Close journal
      </Button>
    </>
  );
}

function stateText(kind: StateKind, isHeld: boolean): string {
  if (isHeld) return 'Paused';
  return { opening: 'Opening', open: 'Live', ended: 'Ended', failed: 'Not open' }[kind];
}

/** Lines, with the newest in sight until one scrolls away from it. */
function JournalText({ buffer, label, follows }: { buffer: JournalBuffer; label: string; follows: boolean }) {
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (follows && isAtEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [buffer, follows]);
  return (
    <pre
      ref={box}
      className="mp-output__text mp-journal"
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={label}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - clientHeight - scrollTop < 24;
      }}
    >
      {buffer.lines.map(({ number, at, text }) => (
        <span key={number} className="mp-journal__line">
          <span className="mp-quiet">{at === null ? '' : `${formatDateTime(at)}  `}</span>
          {printable(text)}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}
