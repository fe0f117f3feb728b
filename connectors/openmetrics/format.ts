import { formatRfc3339, msToNs } from '../../core/base';
import {
  placeInText,
  excerpt,
  lineBlocks,
  type FileFormat,
  type FormatItem,
  type Head,
} from '../../core/connect';
import type { Notice } from '../../core/model';
import { OpenMetricsParser, type Counts } from './parser';

const BATCH_ROWS = 20_000;

/** OpenMetrics 1.0 and Prometheus' text format 0.0.4 with time stamps. */
export const openMetrics: FileFormat = {
  id: 'openmetrics',
  title: 'OpenMetrics or Prometheus text',
  tables: ['resources', 'metric_series', 'samples', 'exemplars'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 's',
    zone: 'UTC',
    clock: 'the exporter or the server that scraped it',
    guessed: true,
  }),
  read: async function* (source, signal, choices): AsyncGenerator<FormatItem> {
    const { modifiedMs } = source;
    const changed = modifiedMs === undefined ? undefined : msToNs(modifiedMs);
    const scrapedAt = choices?.scrapedAt ?? changed;
    const parser = new OpenMetricsParser(scrapedAt);
    let malformed = 0;
    for await (const block of lineBlocks(source, signal)) {
      malformed += block.malformed;
      const { passedOver } = block;
      if (passedOver) {
        const reason = `the line has over ${passedOver.bytes} bytes`;
        yield dropped(passedOver.line, passedOver.start, reason);
      }
      parser.block(block.text, block.firstLine);
      for (const { line, text, reason } of parser.takeDropped()) yield dropped(line, text, reason);
      if (parser.rows < BATCH_ROWS) continue;
      for (const batch of parser.take()) yield { kind: 'batch', batch };
    }
    for (const batch of parser.take()) yield { kind: 'batch', batch };
    for (const notice of noticesOf(parser.counts, malformed, scrapedAt))
      yield { kind: 'notice', notice };
  },
};

function dropped(line: number, text: string, reason: string): FormatItem {
  return {
    kind: 'dropped',
    record: {
      signal: 'samples',
      where: `line ${line}`,
      text: excerpt(text),
      reason,
      ...placeInText(text),
    },
  };
}

const META = /^#\s*(TYPE|HELP|UNIT)\s+\S+\s/;
const SAMPLE =
  /^[a-zA-Z_:][a-zA-Z0-9_:.]*(\{[^}]*\})?\s+[-+.\dNIni][^\s]*(\s+-?\d+(\.\d+)?)?(\s+#.*)?$/;

function sniff({ text }: Head): { confidence: number; why: string } {
  const cut = text.lastIndexOf('\n');
  const whole = cut > 0 ? text.slice(0, cut) : text;
  const lines = whole
    .split('\n', 200)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const meta = lines.find((line) => META.test(line));
  const samples = lines.filter((line) => SAMPLE.test(line)).length;
  if (meta && samples > 0) return { confidence: 0.97, why: `It has "${excerpt(meta)}".` };
  if (meta && lines[0] === meta) return { confidence: 0.8, why: `It has "${excerpt(meta)}".` };
  // promtool's dump-openmetrics has no families, but the mark of the end.
  const ends = lines.at(-1) === '# EOF' ? 1 : 0;
  const share = lines.length === ends ? 0 : samples / (lines.length - ends);
  if (share > 0.8 && whole.includes('{')) {
    const why = 'Its lines are samples: name{labels} value time.';
    return { confidence: ends === 1 ? 0.9 : 0.6, why };
  }
  return { confidence: 0, why: '' };
}

function noticesOf(
  counts: Counts,
  malformed: number,
  scrapedAt: bigint | undefined,
): readonly Notice[] {
  const notices: Notice[] = [];
  const add = (
    code: string,
    severity: Notice['severity'],
    count: number,
    message: string,
  ): void => {
    if (count > 0) notices.push({ code, severity, count, message });
  };
  add(
    'samples-without-time',
    'warning',
    counts.withoutTime,
    scrapedAt === undefined
      ? `${counts.withoutTime} samples have no time stamp and were dropped: nothing says when they were scraped. Say when (--scraped-at).`
      : `${counts.withoutTime} samples have no time stamp: they are taken for one scrape at ${formatRfc3339(scrapedAt)}, when the file was last changed. Say when it was (--scraped-at) where that is wrong.`,
  );
  add(
    'scrapes-without-time',
    'warning',
    counts.repeated,
    `${counts.repeated} of them are of series that stand in the file several times, as of several scrapes: the first was taken, the others were dropped.`,
  );
  add(
    'times-in-milliseconds',
    'info',
    counts.inMilliseconds,
    `${counts.inMilliseconds} time stamps were read as milliseconds, as Prometheus' text format has them.`,
  );
  add(
    'malformed-text',
    'warning',
    malformed,
    `${malformed} places are no UTF-8 and stand as U+FFFD.`,
  );
  if (!counts.sawEof && counts.units > 0) {
    add('no-eof', 'warning', 1, 'The text does not end with "# EOF": it may have been cut.');
  }
  return notices;
}
