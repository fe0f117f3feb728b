import { parseBudget } from './request';
import type { Asking } from './use-question';

/** Whether what is new is pulled, too, until it is stopped, and how much of it is kept. */
export function FollowField({ asking: { question, step } }: { readonly asking: Asking }) {
  const { follow, ring } = question;
  return (
    <div className="pull-budget">
      <label className="pull-follow">
        <input
          type="checkbox"
          checked={follow}
          onChange={(event) => step({ kind: 'follow', follow: event.target.checked })}
        />
        Follow
      </label>
      {follow ? (
        <>
          <span className="second pull-keep">and keep at most</span>
          <input
            className="input num"
            aria-label="Most rows that are kept while it is followed"
            aria-invalid={parseBudget(ring) === undefined}
            value={ring}
            onChange={(event) => step({ kind: 'ring', text: event.target.value })}
          />
          <span className="second">
            rows: the oldest go. It is looked every 10 s, shown and analysed as it comes.
          </span>
        </>
      ) : (
        <span className="second">
          goes on with what is new, shown and analysed as it comes, until it is stopped.
        </span>
      )}
    </div>
  );
}
