import { spanDetail, spanEvents } from '../../../../core/model/queries';
import { select, showRows, useQuery } from '../../state';
import { literal } from '../../../../core/model';
import { Button, EntityName, OpenIn, Time, formatMs } from '../../ui';
import type { SpanFacts } from './span-row';

function Attributes({
  map,
  faint,
}: {
  readonly map: Readonly<Record<string, string>>;
  readonly faint: boolean;
}) {
  return Object.entries(map).map(([key, value]) => (
    <div key={key}>
      <dt className={faint ? 'faint' : 'second'}>{key}</dt>
      <dd>{value}</dd>
    </div>
  ));
}

function Events({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }) {
  const { data } = useQuery(spanEvents({ trace: traceId, span: spanId }));
  if (!data || data.rows === 0) return null;
  return (
    <ul>
      {Array.from({ length: data.rows }, (_, row) => (
        <li key={row}>
          <Time ns={data.col.ts[row] ?? 0n} precision="milli" /> {data.col.name[row]}{' '}
          <span className="faint">
            {Object.entries(data.col.attributes[row] ?? {})
              .map(([key, value]) => `${key}=${value}`)
              .join(' ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The selected span: figures, message, events, attributes; its row in the source. */
export function SpanDetail({
  traceId,
  span,
}: {
  readonly traceId: string;
  readonly span: SpanFacts;
}) {
  const { data } = useQuery(spanDetail({ trace: traceId, span: span.id }));
  return (
    <section className="span-detail" aria-label="Span">
      <p className="span-detail-head">
        {span.entityId !== '' && <EntityName id={span.entityId} />}
        <span className="strong cut">{span.name}</span>
        <span className="num">{formatMs(span.duration / 1e6)}</span>
        <span className="num faint">{formatMs(span.self / 1e6)} own time</span>
        {span.failed && (
          <span className="crit cut" title={span.message}>
            failed{span.message && `: ${span.message}`}
          </span>
        )}
        <span className="grow" />
        <OpenIn row={{ kind: 'trace', traceId, spanId: span.id }} />
        <Button
          tone="quiet"
          onClick={() =>
            showRows(
              `SELECT * FROM spans WHERE trace_id = ${literal(traceId)} AND span_id = ${literal(span.id)}`,
              `Span ${span.id}`,
            )
          }
        >
          Row
        </Button>
        <Button tone="quiet" onClick={() => select({ spanId: undefined })}>
          Close
        </Button>
      </p>
      <div className="span-detail-body mono">
        <Events traceId={traceId} spanId={span.id} />
        <dl>
          <Attributes map={data?.col.attributes[0] ?? {}} faint={false} />
          <Attributes map={data?.col.resource[0] ?? {}} faint />
        </dl>
      </div>
    </section>
  );
}
