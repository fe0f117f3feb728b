import {
  CONFIDENCE_BINS,
  type AnalysisResult,
  type Bucket,
  type ConfidenceBin,
  type RankedCause,
} from '../../../../core/model';
import { currentRequest, judge, selectEntity, useApp } from '../../state';
import {
  Bar,
  Button,
  Empty,
  EntityName,
  Skeleton,
  Tag,
  entityMenu,
  openMenu,
  plural,
} from '../../ui';
import './findings.css';

const BUCKET: Readonly<
  Record<Bucket, { readonly word: string; readonly tone: 'crit' | 'warn' | 'plain' }>
> = {
  'state-change': { word: 'state change', tone: 'crit' },
  'first-symptom': { word: 'first symptom', tone: 'warn' },
  impact: { word: 'impact', tone: 'plain' },
};

function stances(cause: RankedCause): string {
  const count = (stance: string): number =>
    cause.evidence.filter((evidence) => evidence.stance === stance).length;
  return (['for', 'against', 'missing'] as const)
    .map((stance) => [count(stance), stance] as const)
    .filter(([n]) => n > 0)
    .map(([n, stance]) => `${n} ${stance}`)
    .join(' · ');
}

/** One dot a method: filled where it ranks this entity first. */
function Methods({ cause }: { readonly cause: RankedCause }) {
  const text = cause.methods.map((m) => `${m.id}: rank ${m.rank}`).join('\n');
  return (
    <span
      className="dots"
      title={text}
      role="img"
      aria-label={`${cause.methods.filter((m) => m.rank === 1).length} of ${plural(cause.methods.length, 'method')} rank it first`}
    >
      {cause.methods.map((m) => (
        <i key={m.id} className={m.rank === 1 ? 'first' : ''} />
      ))}
    </span>
  );
}

/** What an answer as sure as this one came to on incidents whose cause is known. */
export function saidText(
  bins: readonly ConfidenceBin[],
  { rank, confidence }: Pick<RankedCause, 'rank' | 'confidence'>,
): string {
  const head = 'Hit rate on labelled incidents';
  if (bins.length === 0) return `${head}; nobody has counted yet what it comes to.`;
  if (rank !== 1) return `${head}, of what is not first.`;
  const parts = [true, false].flatMap((simulated) => {
    const own = bins.filter((bin) => bin.simulated === simulated);
    const bin = own.find(({ to }) => confidence <= to) ?? own.at(-1);
    if (!bin) return [];
    const between = `${bin.from.toFixed(2)} to ${bin.to.toFixed(2)}`;
    const word = simulated ? 'simulated' : 'recorded';
    return [`${bin.hits} of ${bin.of} ${word} ones were right where it said ${between}`];
  });
  return `${head}: ${parts.join(', ')}.`;
}

function Finding({ cause }: { readonly cause: RankedCause }) {
  const selected = useApp((state) => state.selection.entityId === cause.entity.id);
  const { supported = [], ruledOut = [] } = currentRequest();
  const { id } = cause.entity;
  const bucket = BUCKET[cause.bucket];
  return (
    <li
      className={`finding ${selected ? 'on' : ''}`}
      aria-current={selected}
      onClick={() => selectEntity(id)}
      onContextMenu={(event) =>
        openMenu(
          event,
          entityMenu(cause.entity, [
            { title: 'Support', run: () => judge(id, 'support') },
            { title: 'Rule out', run: () => judge(id, 'rule-out') },
            'line',
          ]),
        )
      }
    >
      <span className="faint num">{cause.rank}</span>
      <span className="finding-name">
        <EntityName id={id} /> <Tag tone={bucket.tone}>{bucket.word}</Tag>
        {supported.includes(id) && <Tag tone="ok">supported</Tag>}
        {ruledOut.includes(id) && <Tag>ruled out</Tag>}
      </span>
      <span className="num strong right" title={saidText(CONFIDENCE_BINS, cause)}>
        {cause.confidence.toFixed(2)}
      </span>
      <span />
      <span className="second finding-sentence">{cause.sentence}</span>
      <span className="right">
        <Bar
          value={cause.confidence}
          label={`Hit rate on labelled incidents: ${cause.entity.name}`}
        />
      </span>
      <span />
      <span className="small faint">{stances(cause)}</span>
      <span className="right">
        <Methods cause={cause} />
      </span>
    </li>
  );
}

function RuledOut() {
  const request = useApp((state) => state.info?.facts.request);
  const ids = request?.ruledOut ?? [];
  const ranking = useApp((state) => state.analysis?.ranking);
  const gone = ids.filter((id) => !ranking?.some((cause) => cause.entity.id === id));
  if (gone.length === 0) return null;
  return (
    <div className="finding-foot">
      <p className="small faint">Ruled out</p>
      {gone.map((id) => (
        <p key={id}>
          <EntityName id={id} />{' '}
          <Button tone="quiet" onClick={() => judge(id, 'none')}>
            Take back
          </Button>
        </p>
      ))}
    </div>
  );
}

/** What was found on clocks that are not those of the sources says so first. */
function OnWhichClocks({ analysis }: { readonly analysis: AnalysisResult }) {
  return analysis.notices
    .filter(({ code }) => code === 'clock-shifted')
    .map(({ message }) => (
      <p key={message} className="finding-clocks small warn">
        ▲ {message}
      </p>
    ));
}

/** What probably broke first: ranked, with confidence and how many methods agree. */
export default function Findings() {
  const analysis = useApp((state) => state.analysis);
  const running = useApp((state) =>
    state.jobs.some((job) => job.kind === 'analyze' && job.state === 'running'),
  );
  if (!analysis) {
    return running ? (
      <Skeleton lines={8} />
    ) : (
      <Empty title="Nothing is ranked yet">
        Bring in telemetry: the analysis starts by itself as soon as there is some.
      </Empty>
    );
  }
  return (
    <div className="panel">
      <div className="panel-body">
        {analysis.verdict === 'insufficient-evidence' && (
          <Empty title="Not enough evidence">
            {analysis.headline}
            {analysis.missing.length > 0 && (
              <ul className="missing">
                {analysis.missing.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            )}
          </Empty>
        )}
        <OnWhichClocks analysis={analysis} />
        <ol className="findings" aria-label="Probable causes">
          {analysis.ranking.map((cause) => (
            <Finding key={cause.entity.id} cause={cause} />
          ))}
        </ol>
        <RuledOut />
        <p className="finding-foot small faint">
          {plural(analysis.methods.length, 'method')} ran. The figure is a hit rate on labelled
          incidents: how often what looked like this was a true cause. It need not add up to 1.
        </p>
      </div>
    </div>
  );
}
