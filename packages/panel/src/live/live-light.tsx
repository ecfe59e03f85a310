import { Label } from '@patternfly/react-core';
import ConnectedIcon from '@patternfly/react-icons/dist/esm/icons/connected-icon';
import DisconnectedIcon from '@patternfly/react-icons/dist/esm/icons/disconnected-icon';
import { useServerFailure } from '../api/server-failure.ts';
import { useStreamState } from './live-provider.tsx';

/** A small sign in the head of the page: whether changes arrive as they happen. */
export function LiveLight() {
  const stream = useStreamState();
  const isFailing = useServerFailure() !== null;
  const isLive = stream.status === 'open' && !isFailing;
  if (!isLive && !isFailing && stream.status !== 'lost') return null;
  return isLive ? (
    <Label variant="outline" status="success" icon={<ConnectedIcon />} isCompact title="Changes appear as they happen">
      Live
    </Label>
  ) : (
    <Label variant="outline" status="warning" icon={<DisconnectedIcon />} isCompact>
      Not live
    </Label>
  );
}
