import { msToNs } from '../../../../core/base';
import type { SimilarCase } from '../../../../core/session';
import { attempt, openPaths, useApp, useSimilar } from '../../state';
import { Bar, Empty, Failure, Skeleton, formatDateTime, openMenu } from '../../ui';
import './similar.css';

/** Recent cases whose incidents looked like this one. */
export default function SimilarPanel() {
  const analysis = useApp((state) => state.analysis);
  const { data, error } = useSimilar(analysis ?? undefined);
  if (!analysis) {
    return (
      <Empty title="Nothing to compare yet">
        As soon as the case is analysed, it is compared with the cases opened here before.
      </Empty>
    );
  }
  if (error) return <Failure error={error} />;
  if (!data) return <Skeleton lines={4} />;
  if (data.length === 0) {
    return (
      <Empty title="No recent case looks like this one">
        Analysed cases that were opened or saved on this machine are compared by their log lines,
        calls, metrics, alerts, changes and probable causes. A folder of others is compared by{' '}
        <code className="mono">faultline similar CASE FOLDER</code>.
      </Empty>
    );
  }
  return (
    <div className="panel">
      <ol className="panel-body similar" aria-label="Similar incidents">
        {data.map((similar) => (
          <Similar key={similar.path} similar={similar} />
        ))}
      </ol>
    </div>
  );
}

function Similar({ similar }: { readonly similar: SimilarCase }) {
  const zone = useApp((state) => state.zone);
  const { path, name, from, cause, score, shared, sharedCount } = similar;
  const open = (): void => attempt(`${name} could not be opened`, () => openPaths([path]));
  const rest = sharedCount - shared.length;
  return (
    <li
      className="similar-case"
      onContextMenu={(event) =>
        openMenu(event, [
          { title: 'Open', run: open },
          { title: 'Copy path', run: () => void navigator.clipboard.writeText(path) },
        ])
      }
    >
      <button type="button" className="plain strong cut" title={`Open ${path}`} onClick={open}>
        {name}
      </button>
      <span className="num right strong" title="1: the same traits; 0: none in common">
        {score.toFixed(2)}
      </span>
      <span className="second">
        {cause === '' ? 'Not enough evidence for a cause' : `Probable cause ${cause}`}
        {from !== null && (
          <span className="faint num similar-when">
            {formatDateTime(msToNs(from), zone, 'minute')}
          </span>
        )}
      </span>
      <Bar value={score} label={`How alike ${name} is`} />
      <ul className="similar-shared small second" aria-label={`What ${name} has in common with it`}>
        {shared.map((text) => (
          <li key={text} className="cut" title={text}>
            {text}
          </li>
        ))}
        {rest > 0 && <li className="faint">and {rest} more</li>}
      </ul>
    </li>
  );
}
