import { Fragment, useState } from 'react';
import { HIT_RATES, type HitRate, type RankedCause } from '../../../../core/model';
import { Button, formatPercent } from '../../ui';

const PARTS = [
  { simulated: true, word: 'simulated' },
  { simulated: false, word: 'recorded' },
] as const;

/** "right first in 48 of 60 labelled incidents (simulated), 20 of 27 (recorded)"; '' where nothing is known. */
export function hitRateText(rates: readonly HitRate[], method: string): string {
  const parts = PARTS.flatMap(({ simulated, word }, i) => {
    const rate = rates.find(
      (one) => one.method === method && one.kind === '' && one.simulated === simulated,
    );
    return rate ? [{ word, i, text: `${rate.hits} of ${rate.of}` }] : [];
  });
  if (parts.length === 0) return '';
  const [first, ...others] = parts;
  const rest = others.map(({ word, text }) => `, ${text} (${word})`).join('');
  return `right first in ${first?.text} labelled incidents (${first?.word})${rest}`;
}

/** Why a method has no hit rate. */
export function noFigureText(rates: readonly HitRate[]): string {
  return rates.length === 0
    ? 'no figure: nothing has been counted yet'
    : 'no figure: it named nothing in them';
}

interface KindRow {
  readonly kind: string;
  /** Simulated, recorded; undefined where there is no such incident. */
  readonly cells: readonly (HitRate | undefined)[];
}

/** A method's hit rates by fault kind, those with the most incidents first; all of them together last. */
export function kindRows(rates: readonly HitRate[], method: string): readonly KindRow[] {
  const own = rates.filter((one) => one.method === method);
  const incidents = (kind: string): number =>
    kind === '' ? -1 : own.reduce((sum, one) => sum + (one.kind === kind ? one.of : 0), 0);
  return [...new Set(own.map(({ kind }) => kind))]
    .sort((a, b) => incidents(b) - incidents(a) || (a < b ? -1 : 1))
    .map((kind) => ({
      kind,
      cells: PARTS.map(({ simulated }) =>
        own.find((one) => one.kind === kind && one.simulated === simulated),
      ),
    }));
}

/** What each method says of this cause, and how often it was right on incidents whose cause is known. */
export function Methods({ cause }: { readonly cause: RankedCause }) {
  const [open, setOpen] = useState<string>();
  return (
    <section className="evidence-part">
      <h3 className="small faint">Methods</h3>
      <table className="table small methods">
        <thead>
          <tr>
            <th scope="col">method</th>
            <th scope="col" className="right">
              rank
            </th>
            <th scope="col" className="right">
              score
            </th>
            <th scope="col">hit rate on labelled incidents</th>
          </tr>
        </thead>
        <tbody>
          {cause.methods.map(({ id, version, rank, score }) => (
            <Fragment key={id}>
              <tr>
                <td className="mono">
                  {id} <span className="faint">v{version}</span>
                </td>
                <td className="num right">{rank}</td>
                <td className="num right faint">{score.toPrecision(3)}</td>
                <td>
                  <Known method={id} open={open === id} onToggle={setOpen} />
                </td>
              </tr>
              {open === id && (
                <tr>
                  <td colSpan={4}>
                    <ByKind method={id} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface KnownProps {
  readonly method: string;
  readonly open: boolean;
  readonly onToggle: (method: string | undefined) => void;
}

function Known({ method, open, onToggle }: KnownProps) {
  const text = hitRateText(HIT_RATES, method);
  if (text === '') return <span className="faint">{noFigureText(HIT_RATES)}</span>;
  return (
    <Button
      tone="quiet"
      aria-expanded={open}
      title="By fault kind"
      onClick={() => onToggle(open ? undefined : method)}
    >
      <span className="num">{text}</span>
    </Button>
  );
}

function ByKind({ method }: { readonly method: string }) {
  return (
    <table className="table small" aria-label={`Hit rate of ${method} by fault kind`}>
      <thead>
        <tr>
          <th scope="col">fault kind</th>
          {PARTS.map(({ word }) => (
            <th key={word} scope="col">
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {kindRows(HIT_RATES, method).map(({ kind, cells }) => (
          <tr key={kind} className={kind === '' ? 'strong' : ''}>
            <td>{kind === '' ? 'all' : kind.replaceAll('_', ' ')}</td>
            {cells.map((rate, i) => (
              <td key={PARTS[i]?.word} className="num" title={rate && intervalText(rate)}>
                {rate ? `${rate.hits} of ${rate.of}` : ''}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const intervalText = ({ hits, of, low, high }: HitRate): string =>
  `${formatPercent(hits / of)}, 95 % interval ${formatPercent(low)} to ${formatPercent(high)}`;
