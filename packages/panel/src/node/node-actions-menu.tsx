import type { Node, Session } from '@muster/api';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { ActionsMenu } from '../nodes/actions/actions-menu.tsx';
import { bulkActions, type BulkAction } from '../nodes/actions/bulk-actions.ts';
import { JoinDialog, ReissueDialog } from '../nodes/actions/enrol-dialogs.tsx';
import { whyNot } from '../nodes/actions/why-not.ts';
import { paths } from '../paths.ts';

/** What can be done with one node only: a token is for one machine. */
const single: readonly BulkAction[] = [
  { text: 'New join token', action: 'join', group: 'Node', Dialog: JoinDialog },
  { text: 'Reissue', action: 'reissue', group: 'Node', Dialog: ReissueDialog },
];
const offered = [...bulkActions.filter(({ group }) => group !== 'Node'), ...single, ...bulkActions.filter(({ group }) => group === 'Node')];

/** Everything that can be done with the node. */
export function NodeActionsMenu({ node, session }: { node: Node; session: Session }) {
  const [asked, setAsked] = useState<BulkAction | null>(null);
  const navigate = useNavigate();
  const close = () => {
    setAsked(null);
    // The page of a node that is gone would only say so.
    if (asked?.action === 'remove' && asked.isDanger === true) void navigate(paths.nodes);
  };
  return (
    <>
      <ActionsMenu
        text="Actions"
        isPrimary
        offered={offered.map((action) => ({ action, refusal: whyNot(session, action.action, [node]) }))}
        onChoose={setAsked}
      />
      {asked !== null && <asked.Dialog nodes={[node]} onClose={close} />}
    </>
  );
}
