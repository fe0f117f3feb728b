import { useApp } from '../../state';
import { Empty } from '../../ui';
import { TraceList } from './trace-list';
import { Waterfall } from './waterfall';
import './traces.css';

/** Traces of what is selected; one of them opened up as a waterfall. */
export default function TracesPanel() {
  const traceId = useApp((state) => state.selection.traceId);
  const hasSpans = useApp((state) =>
    state.info?.facts.counts.some((count) => count.table === 'spans' && count.rows > 0),
  );
  if (!hasSpans && traceId === undefined) {
    return (
      <Empty title="No traces in this case">
        Import OpenTelemetry files, receive them from an exporter or a Collector, or pull stored
        traces from Jaeger, Tempo, Zipkin or Elasticsearch.
      </Empty>
    );
  }
  return traceId === undefined ? <TraceList /> : <Waterfall key={traceId} traceId={traceId} />;
}
