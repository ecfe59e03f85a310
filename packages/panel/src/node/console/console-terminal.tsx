import { Alert, Button, Label } from '@patternfly/react-core';
import { useRef } from 'react';
import { paths } from '../../paths.ts';
import { printable } from '../../ui/printable.ts';
import type { ConsoleState } from './console-session.ts';
import { useConsole } from './use-console.ts';
import '@xterm/xterm/css/xterm.css';

type Props = {
  readonly node: string;
  readonly nodeName: string;
  readonly readOnly: boolean;
  readonly onClose: () => void;
  readonly onAgain: () => void;
};

/** The console of a node, with who watches it and who writes. */
export function ConsoleTerminal({ node, nodeName, readOnly, onClose, onAgain }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const { state, take } = useConsole(element, node, readOnly);
  return (
    <div className="mp-stack">
      <div className="mp-console__bar">
        <p role="status" className="mp-console__state">
          <Label isCompact variant="outline" {...(writes(state) ? { status: 'success' } : { color: 'grey' })}>
            {standing(state, readOnly)}
          </Label>
          {state.phase === 'open' && <span>{company(state)}</span>}
        </p>
        <ConsoleButtons state={state} readOnly={readOnly} onTake={take} onAgain={onAgain} />
        <Button variant="link" size="sm" onClick={onClose}>
          Leave
        </Button>
      </div>
      <ConsoleAlerts state={state} nodeName={nodeName} />
      <div ref={element} className="mp-console__terminal" role="group" aria-label={`Console of ${nodeName}`} />
    </div>
  );
}

const writes = ({ phase, presence, you }: ConsoleState): boolean => phase === 'open' && presence.writer === you;

type ButtonsProps = { readonly state: ConsoleState; readonly readOnly: boolean; readonly onTake: () => void; readonly onAgain: () => void };

function ConsoleButtons({ state, readOnly, onTake, onAgain }: ButtonsProps) {
  if (state.phase === 'ended' || state.phase === 'lost') {
    return (
      <Button variant="secondary" size="sm" onClick={onAgain}>
        Open again
      </Button>
    );
  }
  if (state.phase === 'opening' || readOnly || writes(state)) return null;
  return (
    <Button variant="secondary" size="sm" onClick={onTake}>
      Take over
    </Button>
  );
}

function ConsoleAlerts({ state: { phase, message, elsewhere }, nodeName }: { readonly state: ConsoleState; readonly nodeName: string }) {
  return (
    <>
      {phase === 'lost' && (
        <Alert isInline variant="warning" title="The connection to the server was lost">
          The console may go on: others may still write. Open it again to go on.
        </Alert>
      )}
      {message !== null && (
        <Alert isInline variant={phase === 'ended' ? 'warning' : 'info'} title={printable(message)}>
          {elsewhere !== null && <a href={`${elsewhere}${paths.node(nodeName)}?tab=console`}>Open it there</a>}
        </Alert>
      )}
    </>
  );
}

function standing({ phase, presence, you }: ConsoleState, readOnly: boolean): string {
  if (phase === 'opening') return 'Opening';
  if (phase !== 'open') return 'Ended';
  if (presence.writer === you) return 'You write';
  if (readOnly) return 'You read only';
  return presence.writer === null ? 'Nobody writes: type, and you do' : 'You watch';
}

/** Who else is there, and who of them writes. */
function company({ presence: { viewers, writer }, you }: ConsoleState): string {
  const others = viewers
    .filter(({ id }) => id !== you)
    .map(({ id, name }) => (id === writer ? `${printable(name)} (writes)` : printable(name)));
  return others.length === 0 ? 'Nobody else watches.' : `Also here: ${others.join(', ')}.`;
}
