/** Records as a dense table, or as cards where the screen is narrow. */
import { Card, Paper, ScrollArea, Stack, Table, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './RecordTable.module.css';

export interface Column<Row> {
  key: string;
  title: string;
  render: (row: Row) => ReactNode;
  align?: 'left' | 'right';
  width?: number | string;
  /** Stands at the head of a card; by default the first column does. */
  heading?: boolean;
}

interface Props<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** Rows that want attention get a mark at their left edge (besides a sign and a word in a cell). */
  tone?: (row: Row) => 'overdue' | 'soon' | undefined;
}

export function useNarrow(): boolean {
  return useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false }) ?? false;
}

export function RecordTable<Row>(props: Props<Row>) {
  return useNarrow() ? <Cards {...props} /> : <Wide {...props} />;
}

function Wide<Row>({ label, rows, columns, rowKey, tone }: Props<Row>) {
  return (
    <Paper withBorder>
      <ScrollArea type="auto" scrollbars="x">
        <Table highlightOnHover aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th key={column.key} w={column.width} ta={column.align}>{column.title}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={rowKey(row)} className={classes.row} data-tone={tone?.(row)}>
                {columns.map((column) => (
                  <Table.Td key={column.key} ta={column.align}>{column.render(row)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Paper>
  );
}

function Cards<Row>({ label, rows, columns, rowKey, tone }: Props<Row>) {
  const heading = columns.find((column) => column.heading) ?? columns[0];
  const others = columns.filter((column) => column !== heading);
  return (
    <Stack gap="xs" component="ul" aria-label={label} className={classes.cards}>
      {rows.map((row) => (
        <Card key={rowKey(row)} component="li" padding="sm" className={classes.row} data-tone={tone?.(row)}>
          <div className={classes.heading}>{heading?.render(row)}</div>
          <dl className={classes.facts}>
            {others.map((column) => (
              <div key={column.key}>
                <Text component="dt" size="xs" c="dimmed">{column.title}</Text>
                <dd>{column.render(row)}</dd>
              </div>
            ))}
          </dl>
        </Card>
      ))}
    </Stack>
  );
}
