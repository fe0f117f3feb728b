import { parseWindow } from '../../../core/base';
import { analyze } from '../../../core/analysis';
import { entityId, type AnalysisRequest, type Entity } from '../../../core/model';
import { FaultlineError } from '../../../core/base';
import { analyzeCase } from '../../../core/session';
import { analysisJson, analysisText } from '../analysis-json';
import { importMsOf, peakRssBytes, withCase, type Context } from '../context';

export interface AnalyzeFlags {
  readonly incident?: string;
  readonly baseline?: readonly string[];
  readonly symptom?: string;
}

export async function analyzeCommand(
  file: string,
  flags: AnalyzeFlags,
  context: Context,
): Promise<void> {
  const { out, signal } = context;
  await withCase(file, 'write', context, async (store) => {
    const now = context.now();
    const stored = (await store.facts()).request;
    const request: AnalysisRequest = {
      ...stored,
      ...(flags.incident ? { incident: parseWindow(flags.incident, now) } : {}),
      ...(flags.baseline ? { baselines: flags.baseline.map((b) => parseWindow(b, now)) } : {}),
      ...(flags.symptom ? { symptom: findEntity(flags.symptom, await store.entities()) } : {}),
    };
    await store.setRequest(request);
    let detectPeak = peakRssBytes();
    const result = await analyzeCase(store, analyze, request, {
      now,
      signal,
      onProgress: ({ id, label, fraction }) => {
        if (!id.startsWith('rca.')) detectPeak = peakRssBytes();
        out.progress(`${label}  ${Math.round(fraction * 100)} %`);
      },
    });
    const measured = { importMs: await importMsOf(store), peakRssBytes: peakRssBytes() };
    const { importMs } = measured;
    const { detectMs, rankMs } = result.timings;
    out.result(analysisJson(file, result, measured), () =>
      [
        analysisText(result),
        '',
        ...(importMs === undefined ? [] : [`import  ${importMs.toFixed(0)} ms, before`]),
        `detect  ${detectMs.toFixed(0)} ms, peak memory ${megabytes(detectPeak)}`,
        `rank    ${rankMs.toFixed(0)} ms, peak memory ${megabytes(measured.peakRssBytes)}`,
      ].join('\n'),
    );
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function findEntity(word: string, entities: readonly Entity[]): string {
  const found = entities.find(({ id, name }) => id === word || name === word);
  if (found) return found.id;
  if (word.includes(':')) return word;
  const known = entities.slice(0, 20).map(({ name }) => name);
  if (known.length === 0) return entityId('service', word);
  throw new FaultlineError('usage', `No entity "${word}". Known: ${known.join(', ')}.`);
}
