import { useApp } from '../../state';
import { Empty } from '../../ui';

/** Evidence of the selected finding. */
export default function EvidencePanel() {
  const cause = useApp((state) =>
    state.analysis?.ranking.find((c) => c.entity.id === state.selection.entityId),
  );
  if (!cause) return <Empty title="Select a finding to read its evidence" />;
  return <div className="panel">{cause.sentence}</div>;
}
