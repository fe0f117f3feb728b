import { useEffect, useState } from 'react';
import type { Job } from '../../../core/session';
import { shiftsInForce } from '../../../core/model';
import {
  attempt,
  openDialog,
  setTheme,
  setZone,
  showPanel,
  toggleRawClocks,
  useApp,
  workbench,
} from '../state';
import { Bar, Button, amountText, formatBytes, formatMs, plural } from '../ui';

/** Jobs without an end of their own: what they brought stays when they are stopped. */
const STOPPED: ReadonlySet<Job['kind']> = new Set(['receive', 'follow']);

function RunningJob({ job }: { readonly job: Job }) {
  return (
    <span className="job">
      <span className="strong">{job.title}</span>
      {job.total !== null && job.total > 0 && (
        <Bar value={job.done / job.total} label={`Progress of ${job.title}`} />
      )}
      <span className="num cut">{[job.label, amountText(job)].filter(Boolean).join(' · ')}</span>
      <Button
        tone="quiet"
        aria-label={`${STOPPED.has(job.kind) ? 'Stop' : 'Cancel'} ${job.title}`}
        onClick={() =>
          attempt('The job could not be cancelled', () => workbench().cancelJob(job.id))
        }
      >
        {STOPPED.has(job.kind) ? 'Stop' : 'Cancel'}
      </Button>
    </span>
  );
}

function Summary() {
  const info = useApp((state) => state.info);
  const analysis = useApp((state) => state.analysis);
  if (!info) return null;
  const of = (table: string): number =>
    info.facts.counts.find((count) => count.table === table)?.rows ?? 0;
  const parts = [
    [of('spans'), 'span'],
    [of('samples'), 'sample'],
    [of('logs'), 'log line'],
    [of('alerts'), 'alert'],
  ] as const;
  const text = parts
    .filter(([rows]) => rows > 0)
    .map(([rows, word]) => plural(rows, word))
    .join(', ');
  const ms = analysis ? analysis.timings.detectMs + analysis.timings.rankMs : undefined;
  return (
    <span className="num cut">
      {text === '' ? 'No telemetry yet' : `${ms === undefined ? '' : 'Analysed '}${text}`}
      {ms !== undefined && text !== '' && ` in ${formatMs(ms)}`}
    </span>
  );
}

function Notices() {
  const stored = useApp((state) => state.info?.facts.notices.length ?? 0);
  const found = useApp((state) => state.analysis?.notices.length ?? 0);
  const all = stored + found;
  if (all === 0) return <span className="faint">no notices</span>;
  return (
    <button type="button" className="plain warn" onClick={() => showPanel('sources')}>
      ▲ {plural(all, 'notice')}
    </button>
  );
}

/** Jobs with progress and cancel, what was analysed, notices, engine, zone, theme. */
export function StatusBar() {
  const jobs = useApp((state) => state.jobs);
  const info = useApp((state) => state.info);
  const zone = useApp((state) => state.zone);
  const theme = useApp((state) => state.theme);
  const version = useApp((state) => state.hostInfo?.version);
  const disconnected = useApp((state) => state.disconnected);
  const running = jobs.filter((job) => job.state === 'running');
  return (
    <footer className="status" aria-label="Status">
      {running.map((job) => (
        <RunningJob key={job.id} job={job} />
      ))}
      {running.length === 0 && info && (
        <>
          <span className="ok" aria-hidden>
            ●
          </span>
          <Summary />
          <span className="sep" />
          <Notices />
        </>
      )}
      {!info && <span className="faint">{version}</span>}
      <span className="grow" />
      {disconnected && (
        <span className="crit">The program behind this page has ended; start it again</span>
      )}
      <ShiftedClocks />
      {info && <Engine />}
      <button
        type="button"
        className="plain num"
        title="Change between UTC and the zone of this machine"
        onClick={() => setZone(zone === 'UTC' ? localZone() : 'UTC')}
      >
        {zone}
      </button>
      <button
        type="button"
        className="plain"
        title="Change between dark and light"
        onClick={() => setTheme(theme === 'light' ? 'dark' : 'light')}
      >
        {theme === 'light' ? 'Light' : theme === 'dark' ? 'Dark' : 'System'}
      </button>
      <button
        type="button"
        className="plain"
        onClick={() => openDialog({ kind: 'shortcuts' })}
        aria-label="Shortcuts"
        title="Shortcuts  ?"
      >
        ?
      </button>
    </footer>
  );
}

/** A mark for as long as any clock is set: times are not those that came, or could be others. */
function ShiftedClocks() {
  const clocks = useApp((state) => state.info?.facts.clocks);
  const set = clocks?.settings.filter(({ applied }) => applied).length ?? 0;
  if (!clocks || set === 0) return null;
  const shifted = shiftsInForce(clocks).length;
  return (
    <button
      type="button"
      className={shifted > 0 ? 'plain warn' : 'plain'}
      title={`${shifted > 0 ? 'Shows all times as they came' : 'Shows times on the clocks that were set'}  C`}
      onClick={toggleRawClocks}
    >
      {shifted > 0 ? `▲ ${plural(shifted, 'clock')} shifted` : 'raw clocks'}
    </button>
  );
}

const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

const ENGINE_NAME: Readonly<Record<string, string>> = { wasm: 'DuckDB-WASM', native: 'DuckDB' };

function Engine() {
  const engine = useApp((state) => state.info?.engine);
  const dataVersion = useApp((state) => state.dataVersion);
  const [memory, setMemory] = useState(engine?.memoryBytes ?? null);
  useEffect(() => {
    let current = true;
    const ask = (): void =>
      void workbench()
        .current()
        .then(
          (info) => current && setMemory(info?.engine.memoryBytes ?? null),
          () => undefined,
        );
    ask();
    return () => {
      current = false;
    };
  }, [dataVersion]);
  if (!engine) return null;
  return (
    <span className="num" title={`DuckDB ${engine.version}`}>
      {ENGINE_NAME[engine.kind] ?? engine.kind}
      {memory !== null && ` · ${formatBytes(memory)}`}
    </span>
  );
}
