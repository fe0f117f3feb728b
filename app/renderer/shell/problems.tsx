import { X } from 'lucide-react';
import { useEffect } from 'react';
import { dismissProblem, useApp, type Problem } from '../state';
import { Button } from '../ui';

const SHOWN_MS = 5000;
/** Where something can still be done about it. */
const SHOWN_WITH_ACTION_MS = 15_000;

function Toast({ problem }: { readonly problem: Problem }) {
  const { id, tone, title, message, code, action } = problem;
  const offers = action !== undefined;
  useEffect(() => {
    if (tone === 'error') return;
    const shownMs = offers ? SHOWN_WITH_ACTION_MS : SHOWN_MS;
    const timer = setTimeout(() => dismissProblem(id), shownMs);
    return () => clearTimeout(timer);
  }, [id, tone, offers]);
  return (
    <div className={`toast toast-${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      <div>
        <p className="strong">{title}</p>
        <p className="second">{message}</p>
        {code !== '' && <p className="mono faint">{code}</p>}
      </div>
      {action && (
        <Button
          tone="quiet"
          onClick={() => {
            dismissProblem(id);
            action.run();
          }}
        >
          {action.title}
        </Button>
      )}
      <Button tone="quiet" aria-label="Dismiss" onClick={() => dismissProblem(id)}>
        <X size={14} aria-hidden />
      </Button>
    </div>
  );
}

/** The one place where errors become words: they stay until they are dismissed. */
export function Problems() {
  const problems = useApp((state) => state.problems);
  return (
    <div className="toasts">
      {problems.map((problem) => (
        <Toast key={problem.id} problem={problem} />
      ))}
    </div>
  );
}
