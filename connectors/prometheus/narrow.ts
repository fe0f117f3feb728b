import type { PrometheusApi } from './api';
import { limitOf } from './limits';
import { escapeRegex, matcher, render, type Selector } from './selector';
import type { MsWindow } from './windows';

/** Labels by which series are told apart, those that part a metric best first. */
const LABELS = ['__name__', 'instance', 'pod', 'job', 'host', 'namespace', 'service'];
/** Values in one matcher: VictoriaMetrics takes expressions of 16 KiB. */
const MOST_VALUES = 100;
/** Parts of one query before it is given up. */
const MOST_PARTS = 500;

/** What a query is asked of: a selector, what was added to it, and a window. */
export interface Asked {
  readonly selector: Selector;
  readonly more: readonly string[];
  readonly window: MsWindow;
}

/**
 * Asks for fewer series at a time until the backend's limit of series lets every part pass: by the values of the
 * first label that parts them. The parts have no series in common and all series between them. Rethrows the
 * refusal where no label helps.
 */
export async function narrowed<T>(
  api: PrometheusApi,
  asked: Asked,
  ask: (more: readonly string[]) => Promise<T>,
  refusal: unknown,
): Promise<readonly T[]> {
  const out: T[] = [];
  const { selector, window } = asked;
  let parts = 0;

  async function attempt(
    more: readonly string[],
    smaller: (refusal: unknown) => Promise<void>,
  ): Promise<void> {
    if (++parts > MOST_PARTS) throw refusal;
    try {
      out.push(await ask(more));
    } catch (error) {
      const limit = limitOf(error);
      if (limit !== 'series' && limit !== 'expression') throw error;
      api.wasSplit(limit);
      await smaller(error);
    }
  }

  async function byLabels(
    more: readonly string[],
    labels: readonly string[],
    why: unknown,
  ): Promise<void> {
    const [label, ...others] = labels;
    if (label === undefined) throw why;
    const values = await valuesOf(api, label, render(selector, ...more), window);
    if (values.length < 2) return byLabels(more, others, why);
    for (let i = 0; i < values.length; i += MOST_VALUES) {
      await byValues(more, label, values.slice(i, i + MOST_VALUES), others);
    }
    // Series without the label are none of these.
    if (label === '__name__') return;
    const without = [...more, matcher(label, '=', '')];
    await attempt(without, (error) => byLabels(without, others, error));
  }

  async function byValues(
    more: readonly string[],
    label: string,
    values: readonly string[],
    others: readonly string[],
  ): Promise<void> {
    const part = [...more, oneOf(label, values)];
    await attempt(part, async (error) => {
      if (values.length === 1) return byLabels(part, others, error);
      for (const half of halvesOf(values)) await byValues(more, label, half, others);
    });
  }

  await byLabels(asked.more, LABELS, refusal);
  return out;
}

function halvesOf<T>(list: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(list.length / 2);
  return [list.slice(0, half), list.slice(half)];
}

/** Values of a label; of all series where those of a selector are over the limit too: some parts are empty then. */
async function valuesOf(
  api: PrometheusApi,
  label: string,
  selector: string,
  window: MsWindow,
): Promise<readonly string[]> {
  try {
    return await api.labelValues(label, window, selector);
  } catch (error) {
    if (limitOf(error) === undefined) throw error;
    return api.labelValues(label, window);
  }
}

function oneOf(label: string, values: readonly string[]): string {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return matcher(label, '=', only);
  return matcher(label, '=~', values.map(escapeRegex).join('|'));
}
