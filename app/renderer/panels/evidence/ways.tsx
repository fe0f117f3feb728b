import { Fragment } from 'react';
import {
  delayText,
  parseEntityId,
  type Propagation,
  type PropagationStep,
} from '../../../../core/model';
import { select, showPanel } from '../../state';
import { Button, EntityName } from '../../ui';

/** From the cause to where people met it, with the delay on each hop. */
export function Ways({ ways }: { readonly ways: readonly Propagation[] }) {
  if (ways.length === 0) return null;
  return (
    <section className="evidence-part">
      <h3 className="small faint">How it spread</h3>
      <ol className="ways" aria-label="How it spread">
        {ways.map((way) => (
          <li key={way.steps.map(({ entityId }) => entityId).join(' ')}>
            <Way {...way} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Way({ steps }: Propagation) {
  return steps.map((step, i) => {
    const before = steps[i - 1];
    return (
      <Fragment key={step.entityId}>
        {before && <Hop from={before} to={step} />}
        <EntityName id={step.entityId} />
      </Fragment>
    );
  });
}

function Hop({ from, to }: { readonly from: PropagationStep; readonly to: PropagationStep }) {
  const names = [to, from].map(({ entityId }) => parseEntityId(entityId).name);
  return (
    <Button
      tone="quiet"
      title={`Show the edge ${names.join(' → ')}${to.delayMs === undefined ? '' : `. Onsets are as exact as the heat strip’s buckets.`}`}
      onClick={() => {
        select({ edge: { source: to.entityId, target: from.entityId }, entityId: undefined });
        showPanel('topology');
      }}
    >
      <span className="num faint">{to.delayMs === undefined ? '' : delayText(to.delayMs)}</span> →
    </Button>
  );
}
