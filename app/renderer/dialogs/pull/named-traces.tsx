import { asFaultlineError } from '../../../../core/base';
import { traceIdsIn } from '../../../../core/model';
import { plural } from '../../ui';
import { traceFault } from './trace-stores';
import type { Backend } from './use-backend';
import type { Pulling } from './use-pull';
import type { Asking } from './use-question';

/** Traces that are named come whole; more spans than this are said. */
const MOST_ROWS = 1_000_000;

export const tracesIn = ({ named }: Pick<Backend, 'named'>): readonly string[] =>
  traceIdsIn(named['trace'] ?? '') ?? [];

/** What a new case of them is called; undefined where none is asked for. */
export function nameOfTraces(backend: Pick<Backend, 'named'>): string | undefined {
  const [first] = tracesIn(backend);
  return first && `trace ${first.slice(0, 8)}`;
}

/** Whether single things are asked for, by their names. */
export const isNamed = ({ named }: Backend): boolean => Object.keys(named).length > 0;

/** Nothing has to be counted: what is pulled is named. */
export async function pullNamed(
  backend: Backend,
  { step, question: { version } }: Asking,
  pulling: Pulling,
  newCase: string | undefined,
): Promise<void> {
  step({ kind: 'count' });
  try {
    const connectionId = await backend.keep();
    const config = backend.named;
    pulling.start({ connectionId, windows: [], budget: MOST_ROWS, config, newCase });
    step({ kind: 'not-counted', version });
  } catch (error) {
    step({ kind: 'not-counted', version, message: asFaultlineError(error).message });
  }
}

/** Traces that are named come whole, whenever they were. */
export function NamedTraces({ backend }: { readonly backend: Backend }) {
  const { named, connector } = backend;
  const text = named['trace'] ?? '';
  const ids = tracesIn(backend);
  return (
    <div className="pull-what">
      <h3 className="small second">What to pull</h3>
      <p className={ids.length === 0 ? 'warn' : undefined} role="status">
        {ids.length === 0 ? `▲ ${traceFault(text)}` : plural(ids.length, 'trace')}
      </p>
      <ul className="mono pull-named" aria-label="Traces">
        {ids.map((id) => (
          <li key={id}>{id}</li>
        ))}
      </ul>
      <p className="second">
        {connector?.title} is asked for {ids.length > 1 ? 'these traces' : 'this trace'} alone,
        whole and whenever {ids.length > 1 ? 'they were' : 'it was'}: no time has to be said, and
        nothing counted. Empty the field of trace ids to pull by service and time.
      </p>
    </div>
  );
}
