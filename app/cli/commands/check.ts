import { checkCase } from '../../../core/session';
import { withCase, type Context } from '../context';

/** Exit code 3 where a stored claim does not hold any more. */
export async function checkCommand(file: string, context: Context): Promise<void> {
  await withCase(file, 'read', context, async (store) => {
    const checks = await checkCase(store, context.signal);
    const count = (state: string): number => checks.filter((c) => c.state === state).length;
    const differing = checks.filter(({ state }) => state === 'differs');
    const counts = {
      claims: checks.length,
      holds: count('holds'),
      differs: differing.length,
      notCheckable: count('not-checkable'),
    };
    context.out.result({ schema: 1, ...counts, checks }, () =>
      [
        `${counts.claims} claims: ${counts.holds} hold, ${counts.differs} differ, ${counts.notCheckable} can't be checked`,
        ...checks
          .filter(({ state }) => state !== 'holds')
          .map(
            (c) => `${c.state}: ${c.cause}: ${c.claim} (stored ${c.stored}, now ${c.now}) ${c.why}`,
          ),
      ].join('\n'),
    );
    if (differing.length > 0) process.exitCode = 3;
  });
}
