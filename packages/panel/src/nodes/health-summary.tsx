import type { HealthState, ServerStatus } from '@muster/api';
import { ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { healthLooks, healthStates } from '../ui/health-label.tsx';

type Props = {
  readonly nodes: ServerStatus['nodes'] | undefined;
  readonly chosen: string | undefined;
  readonly onChoose: (health: HealthState | '') => void;
};

/** How many nodes there are in each state of health. A click shows only those, a second click all again. */
export function HealthSummary({ nodes, chosen, onChoose }: Props) {
  return (
    <ToggleGroup aria-label="Nodes by health" isCompact className="mp-summary">
      <ToggleGroupItem
        text={<Count text="All" count={nodes?.total} />}
        buttonId="health-all"
        isSelected={chosen === undefined}
        onChange={() => onChoose('')}
      />
      {healthStates.map((state) => {
        const { text, icon: Icon, meaning } = healthLooks[state];
        return (
          <ToggleGroupItem
            key={state}
            buttonId={`health-${state}`}
            title={meaning}
            isSelected={chosen === state}
            icon={
              <span className={`mp-summary__icon mp-health-${state}`}>
                <Icon />
              </span>
            }
            text={<Count text={text} count={nodes?.byHealth[state]} />}
            onChange={() => onChoose(chosen === state ? '' : state)}
          />
        );
      })}
    </ToggleGroup>
  );
}

function Count({ text, count }: { text: string; count: number | undefined }) {
  return (
    <>
      {text} <span className="mp-number mp-summary__count">{count ?? '…'}</span>
    </>
  );
}
