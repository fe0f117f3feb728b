import { useDeferredValue, useState } from 'react';
import type { TimeWindow } from '../../../../core/base';
import {
  EXPLAIN_SIGNALS,
  parseEntityId,
  type Difference,
  type ExplainFilter,
  type ExplainRequest,
  type ExplainSignal,
  type Explanation,
} from '../../../../core/model';
import { caseRange, select, useApp, useExplanation } from '../../state';
import {
  Button,
  Empty,
  Failure,
  Grow,
  Skeleton,
  Toolbar,
  formatCount,
  plural,
  useTimeText,
} from '../../ui';
import './explain.css';
import { Lines } from './lines';
import {
  SIGNAL_WORD,
  asText,
  before,
  countBySignal,
  linesOf,
  requestOf,
  shareText,
  type SortKey,
} from './model';

/** What is compared with what, by the one selection and by what a person narrowed here. */
function useQuestion() {
  const range = useApp((state) => state.selection.range);
  const incident = useApp((state) => state.analysis?.incident);
  const baseline = useApp((state) => state.analysis?.baseline ?? undefined);
  const entityId = useApp((state) => state.selection.entityId);
  const whole = useApp(caseRange);
  const [entity, setEntity] = useState<string>();
  const [against, setAgainst] = useState<ExplainFilter>();
  // A brush that is being drawn asks once it rests.
  const selected = useDeferredValue(range ?? incident);
  const reference = baseline ?? (selected && before(selected, whole));
  const request = requestOf(selected, reference, { entity, against });
  return { range, selected, reference, entityId, entity, setEntity, against, setAgainst, request };
}

/** "Explain this selection": what differs from the baseline, over all signals, in one ranked list. */
export default function ExplainPanel() {
  const question = useQuestion();
  const { selected, request } = question;
  const { data, loading, error } = useExplanation(request);
  if (!selected) {
    return (
      <Empty title="Nothing is selected to explain">
        Brush a stretch of time on the timeline: it is compared with the baseline, signal by signal.
      </Empty>
    );
  }
  if (!request) {
    return (
      <Empty title="There is nothing to compare it with">
        Nothing was recorded before the selection. Brush a later stretch, or make another stretch
        the baseline (right click on the timeline).
      </Empty>
    );
  }
  return (
    <div className="panel explain">
      <Question {...question} request={request} />
      {error ? (
        <Failure error={error} />
      ) : data ? (
        <Answer explanation={data} loading={loading} onAgainst={question.setAgainst} />
      ) : (
        <Skeleton lines={10} />
      )}
    </div>
  );
}

function Question({
  range,
  reference,
  entityId,
  entity,
  setEntity,
  against,
  setAgainst,
  request,
}: ReturnType<typeof useQuestion> & { readonly request: ExplainRequest }) {
  const time = useTimeText();
  const text = ({ from, to }: TimeWindow): string => `${time(from)} – ${time(to)}`;
  const offered = entity ?? entityId;
  return (
    <Toolbar label="What is compared">
      <span className="num cut" title="Brush the timeline to choose another stretch">
        <span className="strong">{text(request.selected)}</span>
        {range ? '' : ' (incident)'}
        {against ? (
          <>
            {' '}
            with <span className="strong">{filterText(against)}</span> against the rest
          </>
        ) : (
          reference && (
            <>
              {' '}
              against <span className="base">{text(reference)}</span>
            </>
          )
        )}
      </span>
      <Grow />
      {against && (
        <Button
          tone="quiet"
          title="Compare with the baseline again"
          onClick={() => setAgainst(undefined)}
        >
          {filterText(against)} ✕
        </Button>
      )}
      {offered !== undefined && (
        <Button
          tone="quiet"
          aria-pressed={entity !== undefined}
          title="Compare only what belongs to it"
          onClick={() => setEntity(entity === undefined ? offered : undefined)}
        >
          Only {parseEntityId(offered).name}
        </Button>
      )}
      {range && (
        <Button tone="quiet" onClick={() => select({ range: undefined })}>
          Explain the incident
        </Button>
      )}
    </Toolbar>
  );
}

const filterText = ({ operation, key, value }: ExplainFilter): string =>
  operation ?? `${key ?? ''} = ${value ?? ''}`;

interface AnswerProps {
  readonly explanation: Explanation;
  readonly loading: boolean;
  readonly onAgainst: (filter: ExplainFilter) => void;
}

function Answer({ explanation, loading, onAgainst }: AnswerProps) {
  const [signals, setSignals] = useState<ReadonlySet<ExplainSignal>>(new Set());
  const [text, setText] = useState('');
  const [sort, setSort] = useState<SortKey>('rank');
  const lines = linesOf(explanation.differences, signals, text, sort);
  return (
    <>
      <Filters {...{ explanation, lines, signals, text }} onSignals={setSignals} onText={setText} />
      {explanation.differences.length === 0 ? (
        <Empty title="Both sides are alike">
          None of {plural(explanation.tested, 'comparison')} differs beyond chance. Brush another
          stretch, or choose another baseline.
        </Empty>
      ) : (
        <Lines
          {...{ explanation, lines, sort, onAgainst }}
          dimmed={loading}
          onSort={setSort}
          onReset={() => {
            setText('');
            setSignals(new Set());
          }}
        />
      )}
      <Summary explanation={explanation} />
    </>
  );
}

interface FiltersProps {
  readonly explanation: Explanation;
  readonly lines: readonly Difference[];
  readonly signals: ReadonlySet<ExplainSignal>;
  readonly text: string;
  readonly onSignals: (signals: ReadonlySet<ExplainSignal>) => void;
  readonly onText: (text: string) => void;
}

function Filters({ explanation, lines, signals, text, onSignals, onText }: FiltersProps) {
  const counts = countBySignal(explanation.differences);
  const toggle = (signal: ExplainSignal): void => {
    const next = new Set(signals);
    if (!next.delete(signal)) next.add(signal);
    onSignals(next);
  };
  return (
    <Toolbar label="Which differences">
      <input
        className="input explain-filter"
        aria-label="Only lines that contain"
        placeholder="Filter"
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
      {EXPLAIN_SIGNALS.filter((signal) => (counts.get(signal) ?? 0) > 0).map((signal) => (
        <Button
          key={signal}
          tone="quiet"
          aria-pressed={signals.has(signal)}
          title={`Only this signal: ${SIGNAL_WORD[signal]}`}
          onClick={() => toggle(signal)}
        >
          {SIGNAL_WORD[signal]} <span className="faint num">{counts.get(signal)}</span>
        </Button>
      ))}
      <Grow />
      <Button
        tone="quiet"
        title="Copy the list as text"
        onClick={() => void navigator.clipboard.writeText(asText(lines))}
      >
        Copy
      </Button>
    </Toolbar>
  );
}

const CORRECTED =
  'Differ beyond the noise within each side, corrected for the number of comparisons (Benjamini and Hochberg, 1 %). What drifts slowly differs, too.';

/** How many comparisons were made and what was sampled or left out. */
function Summary({ explanation }: { readonly explanation: Explanation }) {
  const { differ, always, tested } = shareText(explanation);
  return (
    <p className="explain-foot small faint" title={CORRECTED}>
      {formatCount(differ)} of {plural(tested, 'comparison')} differ
      {always > 0 && `, ${formatCount(always)} are bad and were always so`}. A difference is not a
      cause.
      {explanation.notices.map(({ code, message }) => (
        <span key={code + message} className="second">
          {' '}
          {message}
        </span>
      ))}
    </p>
  );
}
