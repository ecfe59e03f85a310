import { Button, Tooltip } from '@patternfly/react-core';
import CopyIcon from '@patternfly/react-icons/dist/esm/icons/copy-icon';
import { useId, useState } from 'react';

/** Text to take along, with a button that copies it. */
export function CopyBlock({ label, text }: { label: string; text: string }) {
  const id = useId();
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = () => {
    // There is no clipboard where the page did not come over TLS or from this machine.
    const done = navigator.clipboard === undefined ? Promise.reject(new Error('no clipboard')) : navigator.clipboard.writeText(text);
    done.then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  const words = { idle: 'Copy', copied: 'Copied', failed: 'This browser does not let the page copy: select the text' }[state];
  return (
    <div className="mp-copy">
      <div className="mp-copy__head">
        <span id={`${id}-label`} className="mp-quiet">
          {label}
        </span>
        {/* PatternFly's own button for this hands an unknown attribute to the element, of which React complains. */}
        <Tooltip content={words} aria="none" aria-live="polite" trigger="mouseenter focus click" onTooltipHidden={() => setState('idle')}>
          <Button id={`${id}-copy`} aria-label={`Copy: ${label}`} onClick={copy} variant="plain" icon={<CopyIcon />} />
        </Tooltip>
      </div>
      <pre id={`${id}-text`} className="mp-copy__text" tabIndex={0} role="region" aria-labelledby={`${id}-label`}>
        {text}
      </pre>
    </div>
  );
}
