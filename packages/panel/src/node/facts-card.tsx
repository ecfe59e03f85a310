import type { Facts, InterfaceAddress, Node } from '@muster/api';
import {
  Card,
  CardBody,
  CardTitle,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Label,
} from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { formatBytes, formatSkew } from '../ui/format.ts';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { sourceTexts } from '../ui/source-texts.ts';
import { gpuGroups } from './gpu-groups.ts';

/** What is known of the machine: first what people decided, then what its agent found. */
export function FactsCard({ node }: { node: Node }) {
  const { facts, labels } = node;
  return (
    <Card component="section" aria-labelledby="node-facts">
      <CardTitle component="h2" id="node-facts">
        Machine
      </CardTitle>
      <CardBody>
        <DescriptionList isHorizontal isCompact className="mp-facts" horizontalTermWidthModifier={{ default: '14ch', sm: '18ch' }}>
          <Fact term="Private IP">
            <Sourced value={node.privateIp} source={node.sources.privateIp} />
          </Fact>
          <Fact term="Public IP">
            <Sourced value={node.publicIp} source={node.sources.publicIp} />
          </Fact>
          {facts === null ? <Fact term="Facts">The agent has not reported yet.</Fact> : <Found facts={facts} />}
          <Fact term="Clock">{node.clockSkewSeconds === null ? <NotKnown /> : formatSkew(node.clockSkewSeconds)}</Fact>
          {Object.keys(labels).length > 0 && (
            <Fact term="Labels">
              <span className="mp-labels">
                {Object.entries(labels).map(([key, value]) => (
                  <Label key={key} isCompact variant="outline" textMaxWidth="24ch">
                    {value === '' ? key : `${key}=${value}`}
                  </Label>
                ))}
              </span>
            </Fact>
          )}
          <Fact term="Added">
            <Moment at={node.createdAt} />
          </Fact>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

/** A value and who says it. */
function Sourced({ value, source }: { value: string | null; source: Node['sources']['privateIp'] }) {
  if (value === null) return <NotKnown because="not set" />;
  return (
    <>
      {value} {source !== null && <span className="mp-quiet">{sourceTexts[source]}</span>}
    </>
  );
}

function Found({ facts }: { facts: Facts }) {
  return (
    <>
      <Fact term="Hostname">{facts.hostname}</Fact>
      <Fact term="Addresses">
        <Addresses addresses={facts.addresses} />
      </Fact>
      <Fact term="Cores">{facts.cores}</Fact>
      <Fact term="Memory">{formatBytes(facts.memoryBytes)}</Fact>
      <Fact term="GPUs">
        {facts.gpus.length === 0 ? (
          '0'
        ) : (
          <ul className="mp-plain-list">
            {gpuGroups(facts.gpus).map(({ model, memoryBytes, uuids }) => (
              <li key={uuids[0]} title={uuids.join('\n')}>
                {uuids.length} × {model} <span className="mp-quiet">{formatBytes(memoryBytes)}</span>
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact term="System">{facts.os.name}</Fact>
      <Fact term="Kernel">{facts.kernel}</Fact>
      <Fact term="Architecture">{facts.architecture}</Fact>
      <Fact term="Agent version">{facts.agentVersion}</Fact>
      <Fact term="Boot id">
        <code>{facts.bootId}</code>
      </Fact>
    </>
  );
}

function Addresses({ addresses }: { addresses: readonly InterfaceAddress[] }) {
  if (addresses.length === 0) return <NotKnown because="none reported" />;
  return (
    <ul className="mp-plain-list">
      {addresses.map(({ address, interface: device }, index) => (
        // A machine may report the same address twice, so only the place in the list is unique.
        <li key={index}>
          {address} <span className="mp-quiet">{device}</span>
        </li>
      ))}
    </ul>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription className="mp-break">{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}
