import { X } from 'lucide-react';
import { useEffect } from 'react';
import { dismissProblem, useApp, type Problem } from '../state';
import { Button } from '../ui';

const SHOWN_MS = 5000;

function Toast({ problem }: { readonly problem: Problem }) {
  const { id, tone, title, message, code } = problem;
  useEffect(() => {
    if (tone === 'error') return;
    const timer = setTimeout(() => dismissProblem(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, tone]);
  return (
    <div className={`toast toast-${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      <div>
        <p className="strong">{title}</p>
        <p className="second">{message}</p>
        {code !== '' && <p className="mono faint">{code}</p>}
      </div>
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
