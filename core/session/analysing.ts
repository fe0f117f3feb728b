import { explain } from '../analysis';
import type {
  AnalysisRequest,
  AnalysisResult,
  CaseClocks,
  ExplainRequest,
  Explanation,
} from '../model';
import { analyzeCase, storedAnalysis } from './analyze';
import type { Desk } from './desk';
import type { OpenCase } from './open-case';

/** Runs the analysis of the open case; a newer request ends the one before it. */
export class Analysing {
  private running: AbortController | undefined;
  private explaining: AbortController | undefined;
  /** Ends with the analysis that was asked for last. */
  private latest: Promise<void> | undefined;

  constructor(private readonly desk: Desk) {}

  /** After a change of data: mark, announce, analyse anew. */
  async changed(): Promise<void> {
    const request = await this.announced();
    if (request) void this.analyze(request).catch(() => undefined);
  }

  /** The same, and waits for what is found. */
  async renew(): Promise<void> {
    const request = await this.announced();
    if (request) await this.analyze(request, growing(request));
  }

  /** Shows the case on other clocks. What runs is ended first: it would be kept as found on these. */
  async setClocks(clocks: CaseClocks): Promise<void> {
    const open = this.desk.case();
    this.running?.abort();
    await this.settled();
    await open.store.setClocks(clocks);
    const request = await this.announced();
    const stored = await storedAnalysis(open.store);
    if (stored) this.desk.emit({ kind: 'analysis', result: stored, stale: false });
    else if (request) void this.analyze(request).catch(() => undefined);
  }

  /** What the case asks; undefined where there is nothing to be asked about. */
  private async announced(): Promise<AnalysisRequest | undefined> {
    await this.desk.case().touch();
    const { facts } = await this.desk.announce();
    return facts.range ? facts.request : undefined;
  }

  /** Waits until no analysis runs. */
  async settled(): Promise<void> {
    for (let waited; waited !== this.latest;) {
      waited = this.latest;
      await waited;
    }
  }

  /** `how` has parameters beside what is asked, and stored. */
  async analyze(request: AnalysisRequest, how = request): Promise<AnalysisResult> {
    const result = this.run(request, how);
    this.latest = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  private async run(request: AnalysisRequest, how: AnalysisRequest): Promise<AnalysisResult> {
    const open = this.desk.case();
    const controller = new AbortController();
    return this.desk.jobs.run({ kind: 'analyze', title: 'Analyse', unit: '%' }, async (job) => {
      job.signal.addEventListener('abort', () => controller.abort(), { once: true });
      await this.ask(open, request);
      this.running?.abort();
      this.running = controller;
      const result = await analyzeCase(open.store, this.desk.env.analyze, how, {
        now: this.desk.env.now(),
        signal: controller.signal,
        onProgress: ({ fraction, label }) => job.report(Math.round(fraction * 100), 100, label),
      });
      if (this.desk.open === open) {
        this.desk.emit({ kind: 'analysis', result, stale: false });
        await open.remember(result);
      }
      return result;
    });
  }

  /** What differs between two selections of the open case; a newer question ends the one before it. */
  async explain(request: ExplainRequest): Promise<Explanation> {
    const { store } = this.desk.case();
    this.explaining?.abort();
    const controller = new AbortController();
    this.explaining = controller;
    const { signal } = controller;
    return explain((call) => store.run(call, { signal }), request, { signal });
  }

  /** What a person asks is part of the case: another question than before is an unsaved change. */
  private async ask(open: OpenCase, request: AnalysisRequest): Promise<void> {
    const asked = async (): Promise<string> => (await open.store.meta('request')) ?? '{}';
    const before = await asked();
    await open.store.setRequest(request);
    if ((await asked()) === before) return;
    await open.touch();
    if (this.desk.open === open) await this.desk.announce();
  }
}

/** As for a case that is looked at again in a minute: what is found stays where it is, and so do answers. */
function growing(request: AnalysisRequest): AnalysisRequest {
  const id = 'detect.windows';
  const windows = { aligned: true, ...request.parameters?.[id] };
  return { ...request, parameters: { ...request.parameters, [id]: windows } };
}
