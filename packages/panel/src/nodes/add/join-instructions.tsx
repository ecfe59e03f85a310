import type { JoinToken } from '@muster/api';
import { Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useState } from 'react';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { Moment } from '../../ui/moment.tsx';

const ways = [
  { key: 'command', title: 'One line', hint: 'Run this on the host.' },
  { key: 'systemd', title: 'systemd drop-in', hint: 'The agent enrols when its unit is started.' },
  { key: 'cloudInit', title: 'cloud-init', hint: 'User data for a machine whose image has the agent.' },
] as const;

/** How the agent of a node enrols, in the three ways people set machines up. The token in it is shown once. */
export function JoinInstructions({ token }: { token: JoinToken }) {
  const [way, setWay] = useState<(typeof ways)[number]['key']>('command');
  return (
    <>
      <p>
        The token in it serves once, until <Moment at={token.expiresAt} />, and is not shown again. What waits for the certificate is
        started with it.
      </p>
      <Tabs activeKey={way} onSelect={(_, key) => setWay(ways.find((one) => one.key === key)?.key ?? 'command')} aria-label="Ways to enrol">
        {ways.map(({ key, title, hint }) => (
          <Tab key={key} eventKey={key} title={<TabTitleText>{title}</TabTitleText>}>
            <div className="mp-stack mp-tab">
              <p className="mp-quiet">{hint}</p>
              <CopyBlock label={title} text={token[key]} />
            </div>
          </Tab>
        ))}
      </Tabs>
    </>
  );
}
