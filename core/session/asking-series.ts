import { cancelled } from '../base';
import type { SeriesAnswer, SeriesQuestion } from '../model';
import type { Desk } from './desk';

type Kind = SeriesQuestion['kind'];

/** How a question stands in the status bar; marks on the charts in view are had in a moment and have no job. */
const TITLES: Readonly<Record<Exclude<Kind, 'events'>, string>> = {
  alike: 'Look for series of the same shape',
  clusters: 'Look for series that move alike',
  together: 'Look for stretches in which many series changed',
};

/** Questions about the series of the open case; a newer one of a kind ends the one before it. */
export class AskingSeries {
  private readonly running = new Map<Kind, AbortController>();

  constructor(private readonly desk: Desk) {}

  async ask(question: SeriesQuestion): Promise<SeriesAnswer> {
    const open = this.desk.case();
    const { kind } = question;
    this.running.get(kind)?.abort();
    const controller = new AbortController();
    this.running.set(kind, controller);
    const { signal } = controller;
    const answer = (report: (fraction: number, label: string) => void): Promise<SeriesAnswer> =>
      this.desk.env.askSeries((call) => open.store.run(call, { signal }), question, {
        signal,
        onProgress: ({ fraction, label }) => report(fraction, label),
      });
    if (kind === 'events') return answer(() => undefined);
    return this.desk.jobs.run({ kind: 'series', title: TITLES[kind], unit: '%' }, async (job) => {
      job.signal.addEventListener('abort', () => controller.abort(), { once: true });
      const found = await answer((fraction, label) =>
        job.report(Math.round(fraction * 100), 100, label),
      );
      // Another case may be open by now: its panels must not show what was asked of this one.
      if (this.desk.open !== open) throw cancelled();
      return found;
    });
  }
}
