import {
  RowSink,
  csvFields,
  csvRecords,
  headLines,
  readRecords,
  type ByteSource,
  type Delimiter,
  type FileFormat,
  type FormatItem,
  type Head,
  type ReadChoices,
} from '../../core/connect';
import { columnsOf } from './columns';
import { Tickets } from './tickets';

/** Tickets that ServiceNow (lists of incidents, changes, tasks) and Jira export as CSV. */
export const ticketCsv: FileFormat = {
  id: 'ticket-csv',
  title: 'ServiceNow or Jira tickets, CSV',
  tables: ['resources', 'alerts', 'changes'],
  sniff,
  describe: () => ({
    signals: ['alerts', 'changes'],
    time: 'text',
    zone: 'unknown',
    clock: 'the ticket system, in the time zone of who exported',
    guessed: false,
  }),
  read,
};

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];

async function* read(
  source: ByteSource,
  signal: AbortSignal,
  choices?: ReadChoices,
): AsyncGenerator<FormatItem> {
  const sink = new RowSink();
  const delimiter = await delimiterOf(source, signal);
  let tickets: Tickets | undefined;
  let width = 0;
  yield* readRecords(csvRecords(source, signal, delimiter), {
    sink,
    signal: 'changes',
    add(cells) {
      if (tickets) {
        return cells.length > width
          ? `it has ${cells.length} fields, the table has ${width} columns`
          : tickets.add(cells);
      }
      const columns = columnsOf(withoutMark(cells));
      if (!columns) return 'no header with the columns of tickets stands before it';
      tickets = new Tickets(sink, columns, choices);
      width = cells.length;
      return '';
    },
  });
}

/** The delimiter under which the first record is a header of tickets. */
async function delimiterOf(source: ByteSource, signal: AbortSignal): Promise<Delimiter> {
  for (const delimiter of DELIMITERS) {
    for await (const { records } of csvRecords(source, signal, delimiter)) {
      const [first] = records;
      if (!first) continue;
      if ('value' in first && columnsOf(withoutMark(first.value))) return delimiter;
      break;
    }
  }
  return ',';
}

/** A byte order mark, which Excel's CSV begins with, is no part of a name. */
const withoutMark = (cells: readonly string[]): readonly string[] =>
  cells.map((cell, i) => (i === 0 ? cell.replace(/^\uFEFF/, '').replaceAll('"', '') : cell));

function sniff(head: Head): { confidence: number; why: string } {
  const [first = ''] = headLines(head);
  const columns = DELIMITERS.map((delimiter) => columnsOf(csvFields(first, delimiter))).find(
    (found) => found !== undefined,
  );
  if (!columns) return NO;
  return columns.tool === 'jira'
    ? { confidence: 0.95, why: 'A table with "Issue key" and "Summary", as Jira exports.' }
    : {
        confidence: 0.95,
        why: 'A table with "number" and "short description", as ServiceNow exports.',
      };
}

const NO = { confidence: 0, why: '' };
