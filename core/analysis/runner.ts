import { FaultlineError, cancelled, createRng, throwIfAborted } from '../base';
import type { Frame, FrameSpec, MethodRun, Notice, QueryCall } from '../model';
import type { Analysis, AnalysisProgress, FetchFrames, Scope, Uses } from './seam';

export interface RunnerOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalysisProgress) => void;
  /** Where the progress of this run begins and ends in the whole, 0–1. */
  readonly share?: readonly [number, number];
  /** How many analyses will be asked for, for the progress. */
  readonly planned?: number;
}

/** Between two turns of the event loop, ms: a cancelled run ends that soon. */
const TURN_MS = 12;
/** While an answer is awaited, progress is told so often, ms. */
const BEAT_MS = 80;
/** After so long an answer is taken to be half there, ms. */
const HALF_MS = 1000;

/**
 * Asks, tells `beat` how far the answer may be (0–1) while it is awaited, and ends at once where the signal does:
 * the engine is told to stop as well, and may need a moment longer.
 */
export async function watched<S extends FrameSpec>(
  fetch: FetchFrames,
  call: QueryCall<S>,
  signal: AbortSignal | undefined,
  beat: (part: number) => void,
): Promise<Frame<S>> {
  throwIfAborted(signal);
  const asked = performance.now();
  const timer = setInterval(() => {
    const waited = performance.now() - asked;
    beat(waited / (waited + HALF_MS));
  }, BEAT_MS);
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(cancelled());
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([fetch(call), aborted]);
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/**
 * Runs analyses of one scope: fetches exactly the declared inputs, hands over the outputs they use
 * (each is computed once), drives the generators, reports and can be cancelled between two chunks.
 */
export class Runner {
  readonly notices: Notice[] = [];
  /** What ran, with the parameters it ran with. */
  readonly ran: MethodRun[] = [];
  private readonly outputs = new Map<string, Promise<unknown>>();
  private turnedAt = performance.now();
  private done = 0;

  constructor(
    private readonly fetch: FetchFrames,
    readonly scope: Scope,
    private readonly options: RunnerOptions = {},
  ) {}

  output<O>(analysis: Analysis<O>): Promise<O> {
    let output = this.outputs.get(analysis.id);
    if (!output) {
      output = this.compute(analysis);
      this.outputs.set(analysis.id, output);
    }
    return output as Promise<O>;
  }

  private async compute<O>(analysis: Analysis<O>): Promise<O> {
    const { scope } = this;
    const given = await this.outputsOf(analysis.uses);
    const params = paramsOf(analysis, scope);
    await this.turn(analysis, 0);
    const frames: Record<string, Frame> = {};
    for (const [name, call] of Object.entries(analysis.inputs(scope, given, params))) {
      const beat = (part: number): void => this.report(analysis, part);
      frames[name] = await watched(this.fetch, call, this.options.signal, beat);
    }
    const rng = createRng(`${scope.request.seed ?? 0}/${analysis.id}`);
    const notice = (notice: Notice): void => void this.notices.push(notice);
    const output = analysis.run({ scope, params, frames, given, rng, notice });
    const value = isGenerator(output) ? await this.drive(analysis, output) : output;
    this.ran.push({ id: analysis.id, version: analysis.version, params: asRecord(params) });
    return value;
  }

  private async drive<O>(analysis: Analysis, run: Generator<number, O, void>): Promise<O> {
    for (;;) {
      const { done, value } = run.next();
      if (done) return value;
      if (performance.now() - this.turnedAt > TURN_MS) await this.turn(analysis, value);
    }
  }

  /** One after the other, so that what ran stands in the order in which it was asked for. */
  private async outputsOf(uses: Uses): Promise<Record<string, unknown>> {
    const given: Record<string, unknown> = {};
    for (const [name, used] of Object.entries(uses)) {
      if (!isList(used)) {
        given[name] = await this.output(used);
        continue;
      }
      const all = new Map<string, unknown>();
      for (const one of used) all.set(one.id, await this.output(one));
      given[name] = all;
    }
    return given;
  }

  /** Progress, a look at the signal and a turn for the event loop. */
  private async turn(analysis: Analysis, part: number): Promise<void> {
    this.report(analysis, part);
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.turnedAt = performance.now();
    throwIfAborted(this.options.signal);
  }

  /** Never backwards: what is awaited and what is worked out are guesses of different kinds. */
  private report({ id, title }: Analysis, part: number): void {
    const { onProgress, share: [from, to] = [0, 1], planned = 1 } = this.options;
    this.done = Math.max(this.done, Math.min(1, (this.ran.length + part) / planned));
    onProgress?.({ id, label: title, fraction: from + (to - from) * this.done });
  }
}

function isList(used: Uses[string]): used is readonly Analysis[] {
  return Array.isArray(used);
}

function isGenerator<O>(
  output: O | Generator<number, O, void>,
): output is Generator<number, O, void> {
  return typeof output === 'object' && output !== null && Symbol.iterator in output
    ? 'next' in output
    : false;
}

function asRecord(params: unknown): MethodRun['params'] {
  return (params ?? {}) as MethodRun['params'];
}

/** The defaults, with what the request asks for in their place. */
function paramsOf(analysis: Analysis, { request }: Scope): unknown {
  const asked = request.parameters?.[analysis.id] ?? {};
  const parsed = analysis.params.safeParse(asked);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new FaultlineError('usage', `${analysis.id} has no such parameter: ${where}.`, {
    detail: { issue: issue?.message ?? '' },
  });
}

/** An analysis and all that it uses, each once, what is used first. */
export function closureOf(analysis: Analysis): readonly Analysis[] {
  const seen = new Map<string, Analysis>();
  const visit = (one: Analysis): void => {
    if (seen.has(one.id)) return;
    for (const used of Object.values(one.uses)) (isList(used) ? used : [used]).forEach(visit);
    seen.set(one.id, one);
  };
  visit(analysis);
  return [...seen.values()];
}
