import { caseRange, useApp } from '../../state';
import { Empty } from '../../ui';
import { Plot } from './plot';
import './timeline.css';

/** What happened when: one scale of time for all signals. */
export default function Timeline() {
  const range = useApp(caseRange);
  if (!range || range.to <= range.from) {
    return (
      <Empty title="Nothing on the timeline yet">
        Drop telemetry files on the window, or pull from a backend: alerts, changes, anomalies and
        rates appear here as they come in.
      </Empty>
    );
  }
  return <Plot range={range} />;
}
