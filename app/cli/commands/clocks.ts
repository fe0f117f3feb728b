import { FaultlineError } from '../../../core/base';
import {
  CLOCK_ANCHOR_WORDS,
  clockText,
  lengthText,
  settingOf,
  shiftText,
  type CaseClocks,
  type ClockEstimate,
} from '../../../core/model';
import { estimateClocks, type ClockReport } from '../../../core/session';
import type { CaseStore, SourceInfo } from '../../../core/store';
import { withCase, type Context } from '../context';
import { table } from '../output';

export interface ClocksFlags {
  readonly apply?: readonly string[];
  readonly confident?: boolean;
  readonly unset?: readonly string[];
  readonly raw?: boolean;
  readonly adjusted?: boolean;
}

/** Prints how far the clocks of the sources are apart; shifts sources, takes shifts back, shows raw or adjusted. */
export async function clocksCommand(
  file: string,
  flags: ClocksFlags,
  context: Context,
): Promise<void> {
  if (flags.raw && flags.adjusted) {
    throw new FaultlineError('usage', 'Say --raw or --adjusted, not both.');
  }
  const changes = [flags.apply, flags.confident, flags.unset, flags.raw, flags.adjusted];
  const changed = changes.some((flag) => flag !== undefined);
  await withCase(file, changed ? 'write' : 'read', context, async (store) => {
    const { sources } = await store.facts();
    const report = await estimateClocks(store, context.signal);
    if (changed) {
      const clocks = clocksAfter(await store.clocks(), report, sources, flags, context.now());
      await store.setClocks(clocks);
      if (!(await store.loadAnalysis()))
        context.out.note(`Not analysed on these clocks yet: faultline analyze ${file}`);
    }
    await print(file, store, report, sources, context);
  });
}

function clocksAfter(
  { settings, raw }: CaseClocks,
  { sources: estimates }: ClockReport,
  sources: readonly SourceInfo[],
  flags: ClocksFlags,
  now: bigint,
): CaseClocks {
  const all = new Map(settings.map((setting) => [setting.sourceId, setting]));
  const name = namesOf(sources);
  const sure = estimates.filter(
    ({ state, confidence }) => state === 'offset' && confidence === 'high',
  );
  const asked = (flags.apply ?? []).map((word) => estimateFor(word, estimates, sources));
  for (const estimate of [...asked, ...(flags.confident ? sure : [])])
    all.set(estimate.sourceId, settingOf(estimate, name, now));
  for (const word of flags.unset ?? []) {
    const { sourceId } = findSource(word, sources);
    const setting = all.get(sourceId);
    if (setting) all.set(sourceId, { ...setting, applied: false });
  }
  const shifts = asked.length > 0 || flags.confident === true;
  return {
    settings: [...all.values()],
    raw: flags.raw ?? (flags.adjusted || shifts ? false : raw),
  };
}

const namesOf =
  (sources: readonly SourceInfo[]) =>
  (id: number): string =>
    sources.find(({ sourceId }) => sourceId === id)?.name ?? `source ${id}`;

function findSource(word: string, sources: readonly SourceInfo[]): SourceInfo {
  const found = sources.filter(({ sourceId, name }) => String(sourceId) === word || name === word);
  if (found.length === 1 && found[0]) return found[0];
  const known = sources.map(({ sourceId, name }) => `${sourceId} ${name}`).join(', ');
  const why = found.length === 0 ? 'No source' : 'More than one source is called';
  throw new FaultlineError('usage', `${why} "${word}". Known: ${known}.`);
}

function estimateFor(
  word: string,
  estimates: readonly ClockEstimate[],
  sources: readonly SourceInfo[],
): ClockEstimate {
  const { sourceId, name } = findSource(word, sources);
  const estimate = estimates.find((one) => one.sourceId === sourceId);
  if (estimate?.state === 'offset') return estimate;
  const how = estimate
    ? `${clockText(estimate)}. ${estimate.why}`
    : 'nothing in it can be shifted.';
  throw new FaultlineError('usage', `The clock of ${name} is not to be shifted: ${how}`);
}

async function print(
  file: string,
  store: CaseStore,
  report: ClockReport,
  sources: readonly SourceInfo[],
  { out }: Context,
): Promise<void> {
  const clocks = await store.clocks();
  const name = namesOf(sources);
  const rows = report.sources.map((estimate) => {
    const setting = clocks.settings.find(({ sourceId }) => sourceId === estimate.sourceId);
    return { ...estimate, name: name(estimate.sourceId), setting };
  });
  const { pairs, notices } = report;
  out.result({ schema: 1, case: file, raw: clocks.raw, sources: rows, pairs, notices }, () =>
    [
      table(
        ['id', 'source', 'clock', '±', 'anchors', 'by', 'confidence', 'shown'],
        rows.map((row) => [
          String(row.sourceId),
          row.name,
          clockText(row),
          row.state === 'offset' || row.state === 'in-step'
            ? lengthText((row.upper - row.lower) / 2)
            : '',
          String(row.anchors),
          row.kinds
            .map(
              ({ kind, anchors }) =>
                `${anchors} ${CLOCK_ANCHOR_WORDS[kind][anchors === 1 ? 0 : 1]}`,
            )
            .join(', '),
          row.confidence,
          row.setting?.applied
            ? `${clocks.raw ? 'raw, else ' : ''}${shiftText(row.setting.shift)}`
            : 'as it came',
        ]),
      ),
      ...rows
        .filter(({ driftPpm }) => driftPpm !== 0)
        .map(
          (row) =>
            `${row.name} drifts by ${row.driftPpm.toPrecision(3)} ppm: one shift holds for the middle.`,
        ),
      ...notices.map(({ message }) => `notice: ${message}`),
    ].join('\n'),
  );
}
