import type { Node, Session } from '@muster/api';
import { foldNames } from '@muster/core';
import { Button, Spinner } from '@patternfly/react-core';
import { useMemo, useState } from 'react';
import { useIsNarrow } from '../grid/use-scroller.ts';
import { ActionButton } from './action-button.tsx';
import { ActionsMenu, type OfferedAction } from './actions-menu.tsx';
import { bulkActions, type BulkAction } from './bulk-actions.ts';
import { countOf } from '../../ui/count-of.ts';
import { whyNot } from './why-not.ts';

type Props = {
  readonly actor: Session;
  readonly chosen: ReadonlyMap<string, Node>;
  /** While more nodes are being fetched into the choice. */
  readonly isBusy: boolean;
  readonly onClear: () => void;
  /** How many nodes the list has; undefined while nobody knows. */
  readonly total: number | undefined;
};

const buttons: readonly BulkAction['group'][] = ['Keys', 'Agent'];
const menus: readonly BulkAction['group'][] = ['Scheduling', 'Maintenance', 'Environments', 'Run'];

/** What can be done with the chosen nodes. It stands there also while none is chosen, and then says so. */
export function BulkBar({ actor, chosen, isBusy, onClear, total }: Props) {
  const isNarrow = useIsNarrow();
  const nodes = useMemo(() => [...chosen.values()], [chosen]);
  const offered = useMemo(
    () => bulkActions.map((action): OfferedAction => ({ action, refusal: whyNot(actor, action.action, nodes) })),
    [actor, nodes],
  );
  const [asked, setAsked] = useState<{ action: BulkAction; nodes: readonly Node[] } | null>(null);
  const choose = (action: BulkAction) => setAsked({ action, nodes });
  const of = (group: BulkAction['group']) => offered.filter(({ action }) => action.group === group);
  const Dialog = asked?.action.Dialog;
  return (
    <div className="mp-bulk mp-above-rows" role="toolbar" aria-label="Actions on the selected nodes">
      {isNarrow ? (
        nodes.length > 0 && <ActionsMenu text="Actions" isPrimary offered={offered} onChoose={choose} />
      ) : (
        <>
          {buttons.flatMap(of).map((one) => (
            <ActionButton key={one.action.text} {...one} onChoose={choose} />
          ))}
          {menus.map((group) => {
            const members = of(group);
            return members.length === 0 ? null : <ActionsMenu key={group} text={group} offered={members} onChoose={choose} />;
          })}
          {of('Node').map((one) => (
            <ActionButton key={one.action.text} {...one} onChoose={choose} />
          ))}
        </>
      )}
      <span className="mp-bulk__chosen">
        <span role="status" className="mp-quiet">
          {total !== undefined && <Count total={total} selected={nodes.length} />}
        </span>
        {isBusy && <Spinner size="sm" aria-label="Selecting" />}
        {nodes.length > 0 && (
          <>
            <code className="mp-bulk__range">{foldNames(nodes.map(({ name }) => name)).slice(0, 200)}</code>
            <Button variant="link" size="sm" isInline onClick={onClear}>
              Clear
            </Button>
          </>
        )}
      </span>
      {asked !== null && Dialog !== undefined && <Dialog nodes={asked.nodes} onClose={() => setAsked(null)} />}
    </div>
  );
}

function Count({ total, selected }: { total: number; selected: number }) {
  return selected === 0 ? countOf(total) : `${countOf(total)}, ${selected.toLocaleString('en-GB')} selected`;
}
