import { KIND_WORD, plural } from '../../ui';
import type { View } from './model';

const LISTED = 200;
const HEALTH = { crit: 'critical', warn: 'warning', plain: 'healthy' } as const;

/** The graph as lists, for screen readers. */
export function Outline({ view }: { readonly view: View }) {
  const names = new Map(view.nodes.map(({ id, name }) => [id, name]));
  const nodes = view.nodes.slice(0, LISTED);
  const edges = view.edges.slice(0, LISTED);
  const left = view.nodes.length - nodes.length + view.edges.length - edges.length;
  return (
    <div className="visually-hidden">
      <ul aria-label="Nodes">
        {nodes.map(({ id, name, kind, tone, figure }) => (
          <li key={id}>
            {name}, {KIND_WORD[kind]}, {HEALTH[tone]}
            {figure && `, ${figure}`}
          </li>
        ))}
      </ul>
      <ul aria-label="Edges">
        {edges.map(({ id, source, target, figure }) => (
          <li key={id}>
            {names.get(source)} calls {names.get(target)}
            {figure && `, ${figure}`}
          </li>
        ))}
      </ul>
      {left > 0 && <p>{plural(left, 'more node or edge', 'more nodes and edges')} not listed.</p>}
    </div>
  );
}
