import type { TimeWindow } from '../../base';
import type { Notice, SeriesAnswer, SeriesQuestion } from '../../model';
import { ask, type AskOptions } from '../ask';
import type { FetchFrames } from '../seam';
import { seriesAlike, seriesClusters, seriesEvents, seriesTogether } from './analyses';
import { claimTogether } from './together-claim';

type Watching = Pick<AskOptions, 'signal' | 'onProgress'>;

/** What a person asks about the series of a case: one question, one analysis. */
export type AskSeries = (
  fetch: FetchFrames,
  question: SeriesQuestion,
  options?: Watching,
) => Promise<SeriesAnswer>;

export const askSeries: AskSeries = async (fetch, question, options = {}) => {
  const over = { range: question.window, ...options };
  switch (question.kind) {
    case 'events':
      return ask(fetch, seriesEvents, { ...over, params: { series: question.series.map(String) } });
    case 'alike':
      return ask(fetch, seriesAlike, { ...over, params: { series: String(question.series) } });
    case 'clusters':
      return ask(fetch, seriesClusters, over);
    default:
      return askTogether(fetch, question, options);
  }
};

/** Stretches that a claim is made of, the furthest ones: each is a scan of all samples. */
const CLAIMED = 6;

async function askTogether(
  fetch: FetchFrames,
  { window, baseline }: Extract<SeriesQuestion, { kind: 'together' }>,
  options: Watching,
): Promise<SeriesAnswer<'together'>> {
  const answer = await ask(fetch, seriesTogether, {
    ...options,
    range: baseline ? spanning(window, baseline) : window,
    incident: window,
    ...(baseline ? { baseline } : {}),
  });
  const { stretches, series } = answer.output;
  const kept = [...stretches]
    .sort((a, b) => b.score - a.score || (a.from < b.from ? -1 : 1))
    .slice(0, CLAIMED);
  const claimed = [];
  for (const stretch of stretches.filter((one) => kept.includes(one)))
    claimed.push(
      baseline ? await claimTogether(fetch, stretch, baseline, options.signal) : stretch,
    );
  return {
    ...answer,
    output: { stretches: claimed, series },
    notices: [...answer.notices, ...leftOut(stretches.length - claimed.length)],
  };
}

function leftOut(count: number): readonly Notice[] {
  if (count <= 0) return [];
  return [
    {
      severity: 'info',
      code: 'stretches-left-out',
      count,
      message: `${count} weaker stretches were left out. Brush a shorter stretch of time to see them.`,
    },
  ];
}

function spanning(a: TimeWindow, b: TimeWindow): TimeWindow {
  return { from: a.from < b.from ? a.from : b.from, to: a.to > b.to ? a.to : b.to };
}
