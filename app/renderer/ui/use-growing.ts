import { useEffect, useState } from 'react';

/**
 * How many of `total` things to draw now: `step` at first, `step` more with every frame. A long list or a
 * row of charts then never holds the page up in one go. Begins anew when `of` is another object.
 */
export function useGrowing(total: number, step: number, of: object | undefined): number {
  const [state, setState] = useState({ of, shown: step });
  const shown = state.of === of ? state.shown : step;
  useEffect(() => {
    if (shown >= total) return;
    const frame = requestAnimationFrame(() => setState({ of, shown: shown + step }));
    return () => cancelAnimationFrame(frame);
  }, [shown, total, step, of]);
  return Math.min(shown, total);
}
