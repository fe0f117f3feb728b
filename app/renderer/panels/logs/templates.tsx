import { useState } from 'react';
import type { LogAnomaly, LogAnomalyKind } from '../../../../core/model';
import { useApp } from '../../state';
import { Empty, EntityName, Tag, formatCount, plural } from '../../ui';
import { KINDS, countKinds, entriesOf, type TemplateEntry } from './unusual';

const SHOWN = 200;
const NONE: readonly LogAnomaly[] = [];

const kindOf = (kind: LogAnomalyKind) => KINDS.find((one) => one.kind === kind);

/** What is unusual about a template, as a tag with the reason in its tooltip. */
export function KindTag({ anomaly }: { readonly anomaly: LogAnomaly }) {
  const kind = kindOf(anomaly.kind);
  return (
    <span title={anomaly.reason}>
      <Tag tone={kind?.tone}>{kind?.word}</Tag>
    </span>
  );
}

/** A template with its variable parts underlined. */
export function TemplateText({ text }: { readonly text: string }) {
  return (
    <>
      {text.split('<*>').flatMap((piece, at) => [at > 0 ? <u key={`v${at}`}>‹…›</u> : null, piece])}
    </>
  );
}

function Template({
  entry,
  chosen,
  onChoose,
}: {
  readonly entry: TemplateEntry;
  readonly chosen: boolean;
  readonly onChoose: (entry: TemplateEntry | undefined) => void;
}) {
  const { template, before, now, entityId, severity, anomaly } = entry;
  const why = anomaly ? `\n${anomaly.reason}` : '';
  return (
    <li className={chosen ? 'on' : ''}>
      <button
        type="button"
        title={`${template}${why}\nClick: show its lines`}
        aria-pressed={chosen}
        onClick={() => onChoose(chosen ? undefined : entry)}
      >
        <span className={`mono template ${severity >= 17 ? 'crit' : severity >= 13 ? 'warn' : ''}`}>
          <TemplateText text={template} />
        </span>
      </button>
      <span className="small faint num template-foot">
        {anomaly && <KindTag anomaly={anomaly} />}
        {entityId !== '' && <EntityName id={entityId} icon={false} />}
        <span className="template-count" title="Lines in the baseline and in the incident">
          {formatCount(before)} → {formatCount(now)}
        </span>
      </span>
      {anomaly?.kind === 'order' && (
        <span className="small faint template-after" title={anomaly.after}>
          {plural(anomaly.observed, 'time')} after{' '}
          <span className="mono">
            <TemplateText text={anomaly.after ?? ''} />
          </span>
        </span>
      )}
    </li>
  );
}

interface FilterProps {
  readonly anomalies: readonly LogAnomaly[];
  readonly kind: LogAnomalyKind | 'unusual' | undefined;
  readonly onKind: (kind: FilterProps['kind']) => void;
}

/** All templates, the unusual ones, or those of a kind. */
function Filter({ anomalies, kind, onKind }: FilterProps) {
  const entityId = useApp((state) => state.selection.entityId);
  const counts = countKinds(anomalies, entityId);
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
  const choices = [
    { id: undefined, word: 'All', count: undefined, sign: '' },
    { id: 'unusual' as const, word: 'Unusual', count: total, sign: '' },
    ...KINDS.filter((one) => counts.has(one.kind)).map((one) => ({
      id: one.kind,
      word: one.word,
      count: counts.get(one.kind),
      sign: one.sign,
    })),
  ];
  return (
    <div className="template-filter" role="group" aria-label="Which templates">
      {choices.map(({ id, word, count, sign }) => (
        <button
          key={word}
          type="button"
          className="chip"
          aria-pressed={kind === id}
          onClick={() => onKind(id)}
        >
          {sign} {word} {count !== undefined && <span className="num faint">{count}</span>}
        </button>
      ))}
    </div>
  );
}

const ABOUT_LINES: readonly string[] = ['logs-thinned', 'log-lines-cut'];

/** How many lines were left out, and how many told apart by their beginning. */
function LineNotices() {
  const notices = useApp((state) => state.analysis?.notices);
  return notices
    ?.filter(({ code }) => ABOUT_LINES.includes(code))
    .map(({ code, message }) => (
      <p key={code} className="small faint template-note">
        {message}
      </p>
    ));
}

/** What the lines look like without their variable parts, the most unusual first. */
export function Templates({
  chosen,
  onChoose,
}: {
  readonly chosen: TemplateEntry | undefined;
  readonly onChoose: (entry: TemplateEntry | undefined) => void;
}) {
  const templates = useApp((state) => state.analysis?.logTemplates);
  const anomalies = useApp((state) => state.analysis?.logAnomalies) ?? NONE;
  const entityId = useApp((state) => state.selection.entityId);
  const [kind, setKind] = useState<FilterProps['kind']>();
  const shown = entriesOf(templates ?? [], anomalies, {
    entityId,
    unusual: kind === 'unusual',
    kind: kind === 'unusual' ? undefined : kind,
  });
  return (
    <div className="templates">
      <Filter anomalies={anomalies} kind={kind} onKind={setKind} />
      {shown.length === 0 ? (
        <Empty title={kind === undefined ? 'No templates' : 'Nothing unusual'}>
          {kind === undefined
            ? 'Templates appear when the analysis has run.'
            : 'No template does what its baseline does not lead to expect.'}
        </Empty>
      ) : (
        <ul className="template-list" aria-label="Log templates">
          {shown.slice(0, SHOWN).map((entry) => (
            <Template
              key={entry.key}
              entry={entry}
              chosen={chosen?.key === entry.key}
              onChoose={onChoose}
            />
          ))}
          {shown.length > SHOWN && (
            <li className="small faint">
              {formatCount(shown.length - SHOWN)} more are less unusual
            </li>
          )}
        </ul>
      )}
      <LineNotices />
    </div>
  );
}
