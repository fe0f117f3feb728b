import { useEffect, useState } from 'react';
import type { RecentCase } from '../../../core/host';
import { attempt, host, openPaths, useApp } from '../state';
import { formatAgo, formatBytes, openMenu } from '../ui';
import { causeText, windowText } from './recent-text';
import { Shape } from './shape';

interface Listed extends RecentCase {
  readonly missing: boolean;
}

async function readRecents(): Promise<readonly Listed[]> {
  const recents = await host().recents();
  return Promise.all(
    recents.map(async (recent) => {
      const ref = await host()
        .stat(recent.path)
        .catch(() => null);
      return { ...recent, size: ref?.size ?? recent.size, missing: ref === null };
    }),
  );
}

/** Cases that were opened or saved before, newest first. */
export function Recents() {
  const [recents, setRecents] = useState<readonly Listed[]>();
  const zone = useApp((state) => state.zone);
  useEffect(() => attempt('Recent cases', async () => setRecents(await readRecents())), []);
  const remove = (path: string): void =>
    attempt('The entry could not be removed', async () => {
      await host().removeRecent(path);
      setRecents(await readRecents());
    });
  if (!recents) return <div className="start-recents" />;
  if (recents.length === 0) {
    return (
      <div className="start-recents">
        <p className="start-empty">
          <span className="strong">No recent cases.</span> A case that you open or save stands here,
          with what it looked like and its probable cause. The sample incident is a good first look.
        </p>
      </div>
    );
  }
  return (
    <div className="start-recents">
      <table className="table">
        <caption className="visually-hidden">Recent cases</caption>
        <thead>
          <tr>
            <th>Case</th>
            <th>Window, {zone}</th>
            <th>Shape</th>
            <th>Probable cause</th>
            <th className="right">Size</th>
            <th className="right">Opened</th>
          </tr>
        </thead>
        <tbody>
          {recents.map((recent) => (
            <Row key={recent.path} recent={recent} zone={zone} onRemove={remove} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  recent,
  zone,
  onRemove,
}: {
  readonly recent: Listed;
  readonly zone: string;
  readonly onRemove: (path: string) => void;
}) {
  const { path, name, missing, size, openedAt } = recent;
  const open = (): void => attempt(`${name} could not be opened`, () => openPaths([path]));
  const [now] = useState(Date.now);
  return (
    <tr
      className={missing ? 'missing' : ''}
      onClick={() => !missing && open()}
      onContextMenu={(event) =>
        openMenu(event, [
          { title: 'Open', run: open, disabled: missing },
          { title: 'Copy path', run: () => void navigator.clipboard.writeText(path) },
          { title: 'Remove from this list', run: () => onRemove(path) },
        ])
      }
    >
      <td>
        <button
          type="button"
          className="start-name cut"
          data-stop
          aria-disabled={missing}
          title={path}
          onClick={(event) => {
            event.stopPropagation();
            if (!missing) open();
          }}
          onKeyDown={(event) => event.key === 'Delete' && onRemove(path)}
        >
          {name}
        </button>
      </td>
      <td className="num second nowrap">{windowText(recent, zone, now)}</td>
      <td>
        <Shape shape={recent.shape} />
      </td>
      <td>
        <Cause recent={recent} />
      </td>
      <td className="right num second nowrap">{formatBytes(size)}</td>
      <td className="right num faint nowrap">{formatAgo(openedAt, now)}</td>
    </tr>
  );
}

function Cause({ recent }: { readonly recent: Listed }) {
  const { path, missing, confidence, cause } = recent;
  if (missing)
    return (
      <span className="warn" title={path}>
        ▲ not found
      </span>
    );
  return (
    <>
      <span className={cause === '' ? 'faint' : ''}>{causeText(recent)}</span>
      {confidence !== null && cause !== '' && (
        <span className="faint num" title="Hit rate on labelled incidents">
          {' '}
          {confidence.toFixed(2)}
        </span>
      )}
    </>
  );
}
