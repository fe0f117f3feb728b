import { z } from 'zod';
import { parseCsv } from '../csv';
import type { SetFolder } from '../task';

/** One line of a log in which nothing is known to be wrong. */
export interface QuietLine {
  readonly body: string;
  /** OpenTelemetry severity number; 0 where the log has none. */
  readonly severity: number;
  /** What kind of line it is by somebody else's word, not by ours: event id, or place in the code. */
  readonly event: string;
  readonly service: string;
  /** What it is part of: a span, a process; '' where it names none. */
  readonly session: string;
  /** Lines of one unit stay together when lines are dealt out. */
  readonly unit: string;
}

export interface QuietLog {
  readonly name: string;
  /** Logs of one system are validated together. */
  readonly system: string;
  readonly lines: readonly QuietLine[];
}

/** Lines that stay together where a log has no sessions: short bursts are kept as they were. */
const BLOCK = 20;

const LEVELS: readonly (readonly [RegExp, number])[] = [
  [/^(f|fatal|crit)/i, 21],
  [/^(e|err|failure|severe)/i, 17],
  [/^w/i, 13],
  [/^(i|n)/i, 9],
  [/^(d|v|t)/i, 5],
];

/** The logs that a folder holds: systems with structured lines beside, or the fault-free minutes of cases. */
export async function quietLogs(folder: SetFolder): Promise<readonly QuietLog[]> {
  const logs: QuietLog[] = [];
  const seen = new Set<string>();
  for (const name of await folder.list()) {
    if (name.includes('.')) continue;
    const files = await folder.list(name);
    const structured = files.find((file) => /_structured\.csv(\.gz)?$/.test(file));
    if (structured) {
      logs.push({ name, system: name, lines: linesOf(await folder.text(`${name}/${structured}`)) });
    } else if (files.includes('case.json')) {
      const found = await minuteOf(folder, name, files, seen);
      if (found) logs.push(found);
    }
  }
  return logs;
}

function linesOf(csv: string): readonly QuietLine[] {
  const rows = parseCsv(csv);
  const lengths = new Map<string, number>();
  const byProcess = sessionsByProcess(rows.map((row) => row['Pid'] ?? row['PID'] ?? ''));
  return rows.map((row, i) => {
    const level = row['Level'] ?? '';
    const session = byProcess ? (row['Pid'] ?? row['PID'] ?? '') : '';
    return {
      body: row['Content'] ?? '',
      severity: LEVELS.find(([pattern]) => pattern.test(level))?.[1] ?? 0,
      event: row['EventId'] ?? '',
      service: '',
      session,
      unit: session === '' ? `block ${Math.floor(i / BLOCK)}` : unitOf(session, lengths),
    };
  });
}

/** A process, cut where it is longer than a block. */
function unitOf(session: string, lengths: Map<string, number>): string {
  const length = lengths.get(session) ?? 0;
  lengths.set(session, length + 1);
  return `${session}/${Math.floor(length / BLOCK)}`;
}

/** Whether processes are short stories: many of them, of a few lines each. */
function sessionsByProcess(processes: readonly string[]): boolean {
  const different = new Set(processes).size;
  return different > processes.length / 50 && different < processes.length / 2;
}

const zCase = z.object({
  baseline: z.object({ from: z.string(), to: z.string() }).nullable(),
});
const zText = z.object({
  key: z.string(),
  value: z.object({ stringValue: z.string().optional() }),
});
const zRecord = z.object({
  timeUnixNano: z.string(),
  severityNumber: z.number().default(0),
  body: z.object({ stringValue: z.string().default('') }),
  traceId: z.string().default(''),
  spanId: z.string().default(''),
});
const zLine = z.object({
  resourceLogs: z.array(
    z.object({
      resource: z.object({ attributes: z.array(zText) }),
      scopeLogs: z.array(z.object({ logRecords: z.array(zRecord) })),
    }),
  ),
});

/** The fault-free minute of a case; undefined where it has none, or another case had the same. */
async function minuteOf(
  folder: SetFolder,
  name: string,
  files: readonly string[],
  seen: Set<string>,
): Promise<QuietLog | undefined> {
  const file = files.find((one) => /^logs\.otlp\.jsonl(\.gz)?$/.test(one));
  const { baseline } = zCase.parse(JSON.parse(await folder.text(`${name}/case.json`)));
  if (!file || !baseline || seen.has(baseline.from)) return undefined;
  seen.add(baseline.from);
  const [from, to] = [Date.parse(baseline.from) * 1e6, Date.parse(baseline.to) * 1e6];
  const rows: (QuietLine & { readonly ts: number })[] = [];
  for (const text of (await folder.text(`${name}/${file}`)).split('\n')) {
    if (text === '') continue;
    for (const { resource, scopeLogs } of zLine.parse(JSON.parse(text)).resourceLogs) {
      const named = resource.attributes.find(({ key }) => key === 'service.name');
      const service = named?.value.stringValue ?? '';
      for (const record of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
        const ts = Number(record.timeUnixNano);
        if (ts >= from && ts < to) rows.push({ ...lineOf(record, service), ts });
      }
    }
  }
  rows.sort((a, b) => a.ts - b.ts);
  return { name: `${folder.name}-${baseline.from.slice(0, 10)}`, system: folder.name, lines: rows };
}

/** Class and line in front of a message: the place in the code that wrote it. */
const PLACE = /(?:^|[\s[(])((?:[A-Za-z_$][\w$]*[./])*[A-Za-z_$][\w$]*[#:]\d+)\b/;

function lineOf(record: z.infer<typeof zRecord>, service: string): QuietLine {
  const body = record.body.stringValue;
  const place = PLACE.exec(body.slice(0, 160))?.[1] ?? body.slice(0, 40).replaceAll(/\d+/g, '*');
  const { traceId, spanId, severityNumber } = record;
  return {
    body,
    severity: severityNumber,
    event: `${service} ${place}`,
    service,
    session: spanId || traceId,
    unit: traceId || `${service} ${spanId}`,
  };
}
