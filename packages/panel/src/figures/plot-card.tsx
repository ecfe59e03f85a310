import { Card, CardBody, CardTitle, ExpandableSection } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { memo, useState } from 'react';
import { Plot } from './plot.tsx';
import { summaryOf, type Series } from './series.ts';

type Props = {
  readonly id: string;
  readonly title: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly unit: (value: number) => string;
  readonly steps?: readonly number[];
};

/** A plot, what it says in a sentence, and the same in numbers. */
export const PlotCard = memo(function PlotCard({ id, title, times, series, unit, steps }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const summaries = series.flatMap((one) => summaryOf(one) ?? []);
  const sentence = summaries
    .map(({ name, last, least, most }) => `${name}: now ${unit(last)}, between ${unit(least)} and ${unit(most)}`)
    .join('; ');
  return (
    <Card component="section" aria-labelledby={id}>
      <CardTitle component="h2" id={id}>
        {title}
      </CardTitle>
      <CardBody>
        {summaries.length === 0 ? (
          <p className="mp-quiet">Nothing was sampled in this time.</p>
        ) : (
          <>
            <Plot times={times} series={series} unit={unit} {...(steps === undefined ? {} : { steps })} label={`${title}. ${sentence}.`} />
            <ExpandableSection toggleText="In numbers" isExpanded={isOpen} onToggle={(_, isExpanded) => setIsOpen(isExpanded)}>
              <Table aria-label={`${title}, in numbers`} variant="compact" gridBreakPoint="" className="mp-table">
                <Thead>
                  <Tr>
                    <Th>Line</Th>
                    <Th>Now</Th>
                    <Th>Least</Th>
                    <Th>Mean</Th>
                    <Th>Most</Th>
                  </Tr>
                </Thead>
                <Tbody>
                  {summaries.map(({ name, last, least, mean, most }) => (
                    <Tr key={name}>
                      <Td>{name}</Td>
                      <Td>{unit(last)}</Td>
                      <Td>{unit(least)}</Td>
                      <Td>{unit(mean)}</Td>
                      <Td>{unit(most)}</Td>
                    </Tr>
                  ))}
                </Tbody>
              </Table>
            </ExpandableSection>
          </>
        )}
      </CardBody>
    </Card>
  );
});
