import { FaultlineError, parseDuration } from '../../../core/base';
import type { Connector } from '../../../core/connect';
import {
  TailSession,
  lookOn,
  tailTargetOf,
  type PullTarget,
  type TailTarget,
} from '../../../core/session';
import type { SourceInfo } from '../../../core/store';
import { withCase, type Context } from '../context';

export interface FollowFlags {
  readonly case?: string;
  readonly follow?: boolean;
  readonly resume?: boolean;
  readonly for?: string;
  readonly every: string;
  readonly ring: string;
}

function durationMs(name: string, text: string): number {
  const ns = parseDuration(text);
  if (ns === undefined) {
    throw new FaultlineError('usage', `Not a duration: --${name} ${text}. Use 90s or 10m.`);
  }
  return Number(ns / 1_000_000n);
}

/** Sources from this address that broke off, the newest last. */
export function partialOf(
  sources: readonly SourceInfo[],
  target: PullTarget,
): readonly SourceInfo[] {
  return sources.filter(
    ({ connector, endpoint, state }) =>
      state === 'partial' && connector === target.connector && endpoint === target.endpoint,
  );
}

/** Pulls, and then what is new, until --for is over or the command is interrupted; both end it well. */
export async function followCommand(
  connector: Connector,
  target: PullTarget,
  flags: FollowFlags & { readonly case: string },
  context: Context,
): Promise<void> {
  const { out } = context;
  const ring = Number(flags.ring);
  if (!Number.isInteger(ring) || ring <= 0) {
    throw new FaultlineError('usage', `Not a number of rows: --ring ${flags.ring}.`);
  }
  const everyMs = durationMs('every', flags.every);
  const over =
    flags.for === undefined ? undefined : AbortSignal.timeout(durationMs('for', flags.for));
  const signal = over ? AbortSignal.any([context.signal, over]) : context.signal;
  await withCase(flags.case, 'append', context, async (store) => {
    const partial = partialOf((await store.facts()).sources, target);
    const broken = flags.resume
      ? partial.flatMap((one) => tailTargetOf(one) ?? []).at(-1)
      : undefined;
    const asked: TailTarget = broken ?? { ...target, ring };
    const session = await TailSession.start(store, connector, asked, context.now());
    let looks = 0;
    try {
      looks = await followed(session, everyMs, signal, context);
    } finally {
      // A look may have been cut, or the backend gone: what came is kept.
      const notices = await session.finish();
      const { rows, letGo } = session;
      out.result({ schema: 1, rows, looks, letGo, notices }, () =>
        [
          `${rows} rows of ${looks} looks in ${flags.case}`,
          ...notices.map(({ message }) => `notice: ${message}`),
        ].join('\n'),
      );
    }
  });
}

/** Says how many looks there were. */
async function followed(
  session: TailSession,
  everyMs: number,
  signal: AbortSignal,
  { out, now }: Context,
): Promise<number> {
  let looks = 0;
  await lookOn(session, { now, signal, everyMs }, async (_, trouble) => {
    if (trouble !== '') return out.note(`warning: asked again: ${trouble}`);
    looks++;
    await session.show();
    const letGo = session.letGo > 0 ? `, ${session.letGo} of the oldest let go` : '';
    out.progress(`${session.rows} rows, ${looks} looks${letGo}`);
  });
  return looks;
}
