import {
  findQuery,
  propagationText,
  renderSql,
  searchFor,
  type Culprit,
  type Evidence,
  type RankedCause,
} from '../../../../core/model';
import { evidenceRowsSql } from '../../../../core/model/queries';
import {
  currentRequest,
  judge,
  select,
  setSearch,
  showPanel,
  showRows,
  showSql,
  useApp,
} from '../../state';
import { Button, Empty, Grow, Tag, Toolbar, openMenu, plural } from '../../ui';
import { Figures } from './figures';
import './evidence.css';
import { Methods } from './methods';
import { Ways } from './ways';

const STANCE: Readonly<
  Record<
    Evidence['stance'],
    { readonly sign: string; readonly word: string; readonly tone: string }
  >
> = {
  for: { sign: '+', word: 'for', tone: 'ok' },
  against: { sign: '−', word: 'against', tone: 'crit' },
  missing: { sign: '?', word: 'missing', tone: 'faint' },
};

const callOf = ({ query, version, params }: Evidence) => ({ query, version, params });

function openRows(evidence: Evidence): void {
  select({ evidenceId: evidence.id });
  if (evidence.query === '') return;
  const sql = evidenceRowsSql(evidence.query, evidence.params);
  if (sql === undefined) showSql(renderSql(callOf(evidence)), evidence.claim);
  else showRows(sql, evidence.claim);
}

function Claim({ evidence }: { readonly evidence: Evidence }) {
  const selected = useApp((state) => state.selection.evidenceId === evidence.id);
  const { sign, word, tone } = STANCE[evidence.stance];
  const queried = evidence.query !== '';
  return (
    <li className={`claim ${selected ? 'on' : ''}`}>
      <span className={`claim-sign ${tone}`} aria-label={word} role="img">
        {sign}
      </span>
      <button
        type="button"
        className="claim-text"
        disabled={!queried}
        title={
          queried
            ? `${findQuery(evidence.query).title} (${evidence.query} v${evidence.version}). Click: its rows.`
            : undefined
        }
        onClick={() => openRows(evidence)}
        onContextMenu={(event) =>
          openMenu(event, [
            { title: 'Show the rows', run: () => openRows(evidence), disabled: !queried },
            {
              title: 'Show the SQL',
              run: () => showSql(renderSql(callOf(evidence)), evidence.claim),
              disabled: !queried,
            },
            {
              title: 'Copy the claim',
              run: () => void navigator.clipboard.writeText(evidence.claim),
            },
          ])
        }
      >
        {evidence.claim}
      </button>
      <span className="small faint mono num">
        {evidence.signal}
        {queried && ` · ${plural(evidence.rows, 'row')}`}
      </span>
    </li>
  );
}

const CULPRIT_PANEL: Readonly<Record<Culprit['kind'], string>> = {
  metric: 'metrics',
  'log-template': 'logs',
  operation: 'traces',
  edge: 'traces',
  change: 'changes',
};

function Culprits({ culprits }: { readonly culprits: readonly Culprit[] }) {
  if (culprits.length === 0) return null;
  return (
    <section className="evidence-part">
      <h3 className="small faint">Where to look</h3>
      <ul className="culprits">
        {culprits.map(({ kind, name, detail }) => (
          <li key={`${kind} ${name}`}>
            <Tag tone={kind === 'change' ? 'change' : 'plain'}>{kind.replace('-', ' ')}</Tag>{' '}
            <button
              type="button"
              className="plain mono"
              title={`Show it among the ${CULPRIT_PANEL[kind]}`}
              onClick={() => {
                if (kind === 'log-template') setSearch(searchFor(name));
                showPanel(CULPRIT_PANEL[kind]);
              }}
            >
              {name}
            </button>{' '}
            <span className="faint">{detail}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Judgement({ entityId }: { readonly entityId: string }) {
  // The request is part of the case's facts: the panel follows it.
  useApp((state) => state.info?.facts.request);
  const { supported = [], ruledOut = [] } = currentRequest();
  const isSupported = supported.includes(entityId);
  const isOut = ruledOut.includes(entityId);
  return (
    <>
      <Button
        tone="quiet"
        aria-pressed={isSupported}
        title="Say that this is it: the ranking follows"
        onClick={() => judge(entityId, isSupported ? 'none' : 'support')}
      >
        {isSupported ? 'Supported' : 'Support'}
      </Button>
      <Button
        tone="quiet"
        aria-pressed={isOut}
        title="Say that this is not it: the ranking follows"
        onClick={() => judge(entityId, isOut ? 'none' : 'rule-out')}
      >
        {isOut ? 'Ruled out' : 'Rule out'}
      </Button>
    </>
  );
}

/** Evidence of the selected finding: the sentence, two figures, what speaks for, against and is missing. */
export default function EvidencePanel() {
  const analysis = useApp((state) => state.analysis);
  const entityId = useApp((state) => state.selection.entityId);
  const selected = analysis?.ranking.find((cause) => cause.entity.id === entityId);
  const cause = selected ?? (entityId === undefined ? analysis?.ranking[0] : undefined);
  if (!analysis || analysis.ranking.length === 0) {
    return (
      <Empty title="No finding, no evidence">
        Once causes are ranked, what speaks for and against each of them stands here.
      </Empty>
    );
  }
  if (!cause) {
    return (
      <Empty
        title="Nothing abnormal enough was found here"
        action={
          <Button onClick={() => select({ entityId: analysis.ranking[0]?.entity.id })}>
            Show the first finding
          </Button>
        }
      >
        The selected entity is not among the ranked causes. Its metrics, logs and traces stand in
        the tabs beside this one.
      </Empty>
    );
  }
  return (
    <div className="panel">
      <Toolbar label="Finding">
        <span className="cut">
          Finding {cause.rank}: <span className="strong">{cause.entity.name}</span>
        </span>
        <Grow />
        <Judgement entityId={cause.entity.id} />
        <Button
          tone="quiet"
          onClick={() => void navigator.clipboard.writeText(findingText(cause))}
          title="Copy the finding with its evidence as Markdown"
        >
          Copy
        </Button>
      </Toolbar>
      <div className="panel-body evidence">
        <h2>{cause.sentence}</h2>
        <Figures entityId={cause.entity.id} evidence={cause.evidence} analysis={analysis} />
        <ul className="claims" aria-label="Evidence">
          {cause.evidence.map((evidence) => (
            <Claim key={evidence.id} evidence={evidence} />
          ))}
        </ul>
        <Ways ways={cause.propagation} />
        <Culprits culprits={cause.culprits} />
        <Methods cause={cause} />
      </div>
    </div>
  );
}

/** A finding as Markdown. */
export function findingText(cause: RankedCause): string {
  const { sentence, confidence, evidence, propagation } = cause;
  const lines = evidence.map(
    ({ stance, claim, rows, signal }) =>
      `- ${STANCE[stance].sign} ${claim} (${signal}, ${plural(rows, 'row')})`,
  );
  const ways = propagation.map((way) => `- way: ${propagationText(way)}`);
  return [
    `**${sentence}** (hit rate on labelled incidents ${confidence.toFixed(2)})`,
    '',
    ...lines,
    ...ways,
  ].join('\n');
}
