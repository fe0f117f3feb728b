import type { Connector } from '../connect';
import type { Analysing } from './analysing';
import type { FollowOptions } from './api';
import type { Desk } from './desk';
import { Following } from './following';
import type { Pulling } from './pulling';
import { TailSession, lookOn, tailTargetOf, type TailTarget } from './tail';

/** Between the end of a look and the next one, ms. */
const EVERY_MS = 10_000;

/** Backends that are followed into the open case: each is looked at again and again until it is stopped. */
export class Tailing {
  /** Ends with each that runs. */
  private readonly running = new Set<Promise<void>>();
  private leaving = false;

  constructor(
    private readonly desk: Desk,
    private readonly analysing: Analysing,
    private readonly pulling: Pulling,
  ) {}

  /** Resolves when it is stopped; rejects where it can't go on. */
  async follow({
    connectionId,
    windows,
    select,
    budget,
    ring,
    every,
  }: FollowOptions): Promise<void> {
    const { connector, target } = await this.pulling.connect(connectionId);
    const asked = { ...target, windows, select, budget, ring };
    return this.kept(this.run(connector, asked, every ?? EVERY_MS));
  }

  /** Goes on with a source that broke off, as it was asked: pulled to its end, or followed. */
  async resume(sourceId: number): Promise<void> {
    const partial = await this.pulling.partial(sourceId);
    const target = tailTargetOf(partial.source);
    if (!target) return this.pulling.resume(partial);
    const own = () => target.config;
    const { connector } = await this.pulling.connect(partial.connectionId, undefined, own);
    return this.kept(this.run(connector, target, EVERY_MS));
  }

  /** Before the case is left: waits for those whose jobs were cancelled. What they have is complete then. */
  async leave(): Promise<void> {
    this.leaving = true;
    await Promise.allSettled(this.running);
    this.leaving = false;
  }

  private async kept(run: Promise<void>): Promise<void> {
    this.running.add(run);
    try {
      await run;
    } finally {
      this.running.delete(run);
    }
  }

  private run(connector: Connector, target: TailTarget, everyMs: number): Promise<void> {
    const open = this.desk.case();
    const what = { kind: 'follow', title: `Follow ${target.name}`, unit: 'rows' } as const;
    return this.desk.jobs.run(what, async (job) => {
      const { now } = this.desk.env;
      const session = await TailSession.start(open.store, connector, target, now());
      await open.touch();
      const following = new Following(
        async () => {
          // What a person asked is answered first.
          await this.analysing.settled();
          await session.show();
          if (this.desk.open === open) await this.analysing.renew();
        },
        () => Number(now() / 1_000_000n),
      );
      try {
        await lookOn(session, { now, signal: job.signal, everyMs }, (came, trouble) => {
          if (came > 0) following.heard();
          job.report(session.rows, null, labelOf(session, following, trouble));
        });
      } finally {
        following.end();
        await session.finish();
        if (this.desk.open === open && !this.leaving) await this.analysing.changed();
      }
    });
  }
}

function labelOf({ letGo }: TailSession, following: Following, trouble: string): string {
  const said = [
    trouble !== '' && `asked again: ${trouble}`,
    letGo > 0 && `${letGo} of the oldest rows let go`,
    following.lagText,
  ];
  return said.filter(Boolean).join(', ');
}
