import { Button, SearchInput } from '@patternfly/react-core';
import { useState, type KeyboardEvent } from 'react';
import { markedParts, rangeFault, type RangeFault } from './range-fault.ts';

type Props = {
  readonly range: string;
  readonly onRange: (range: string) => void;
  /** What the server found wrong with the range in force. */
  readonly fault: RangeFault | undefined;
};

/** Shows only the nodes of a range. How it is written is checked here; whether its names exist the server says. */
export function RangeSearch({ range, onRange, fault }: Props) {
  const [text, setText] = useState(range);
  const [seen, setSeen] = useState(range);
  const [own, setOwn] = useState<RangeFault>();
  if (seen !== range) {
    setSeen(range);
    setText(range);
    setOwn(undefined);
  }
  const apply = () => {
    const found = rangeFault(text);
    setOwn(found);
    if (found === undefined) onRange(text);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter') apply();
  };
  const shown = own ?? (text.trim() === range ? fault : undefined);
  return (
    <div className="mp-range-search">
      <SearchInput
        aria-label="Node range"
        aria-describedby="range-fault"
        placeholder="Node range: worker[001-020],gpu@cores>=32"
        value={text}
        onChange={(_, value) => {
          setText(value);
          setOwn(undefined);
        }}
        onKeyDown={press}
        onClear={() => {
          setText('');
          onRange('');
        }}
      />
      {text.trim() !== range && (
        <Button variant="secondary" size="sm" onClick={apply}>
          Show range
        </Button>
      )}
      <div id="range-fault" role="alert" className="mp-range-search__fault">
        {shown !== undefined && <RangeFaultText text={text} fault={shown} />}
      </div>
    </div>
  );
}

/** What is wrong with a range, with the place marked. */
function RangeFaultText({ text, fault }: { text: string; fault: RangeFault }) {
  const [before, at, after] = markedParts(text, fault);
  return (
    <>
      <code className="mp-range-search__text">
        {before}
        <mark>{at}</mark>
        {after}
      </code>
      <span>{fault.message}</span>
    </>
  );
}
