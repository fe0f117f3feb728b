import { openDialog, select } from '../../state';
import { Button } from '../../ui';

/** What to do about a trace that the case does not hold. */
export function PullTrace({ traceId }: { readonly traceId: string }) {
  return (
    <div className="field-row">
      <Button tone="primary" onClick={() => openDialog({ kind: 'pull', trace: traceId })}>
        Pull it…
      </Button>
      <Button onClick={() => select({ traceId: undefined, spanId: undefined })}>
        Back to the list
      </Button>
    </div>
  );
}
