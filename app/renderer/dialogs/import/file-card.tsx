import { ChevronDown, ChevronRight } from 'lucide-react';
import type { TimeWindow } from '../../../../core/base';
import type { FileReport, ReadChoices, TimeUnit } from '../../../../core/connect';
import { useApp } from '../../state';
import {
  Button,
  formatBytes,
  formatCount,
  formatDate,
  formatDateTime,
  formatTime,
  plural,
} from '../../ui';
import { LIGHT, droppedOf, lightOf, rangeOf, rowsOf, timesText, type Entry } from './report';

export interface FormatInfo {
  readonly id: string;
  readonly title: string;
  readonly table: boolean;
}

export interface CardProps {
  readonly entry: Entry;
  readonly at: number;
  readonly outlier: string | undefined;
  /** The unit that would put its times among the others'. */
  readonly unit: TimeUnit | undefined;
  readonly main: TimeWindow | undefined;
  readonly formats: readonly FormatInfo[];
  /** Asks what is what in it, for a table or what nothing knows. */
  readonly onMap: (at: number) => void;
  readonly onChange: (at: number, change: Partial<Entry>) => void;
  readonly onTake: (at: number, as: string | undefined, choices?: ReadChoices) => void;
}

/** One file: what it was taken for, what it brings, and what would be lost. */
export function FileCard(props: CardProps) {
  const { entry, at, outlier, main, onChange } = props;
  const { name, files, report, included, open, busy } = entry;
  const light = LIGHT[lightOf(report, outlier)];
  const skipped = report.state === 'skipped';
  const rows = rowsOf(report);
  return (
    <div className={`file-card ${open ? 'open' : ''} ${skipped || !included ? 'off' : ''}`}>
      <div className="file-row">
        <input
          type="checkbox"
          aria-label={`Import ${name}`}
          checked={included && report.state === 'ok'}
          disabled={report.state !== 'ok'}
          onChange={(event) => onChange(at, { included: event.target.checked })}
        />
        <span className={light.tone} role="img" aria-label={light.word} title={light.word}>
          {light.sign}
        </span>
        <button
          type="button"
          className="file-name"
          aria-expanded={open}
          title={pathOf(name, files)}
          onClick={() => onChange(at, { open: !open })}
        >
          <span className="strong cut">{name}</span>
          {open ? <ChevronDown size={12} aria-hidden /> : <ChevronRight size={12} aria-hidden />}
        </button>
        <span className="second cut" title={report.why}>
          {busy ? 'Looking…' : report.title}{' '}
          <span className="faint">{report.parts.map(({ signal }) => signal).join(', ')}</span>
        </span>
        <span className="num right">{rows > 0 ? formatCount(rows) : ''}</span>
        <RangeText report={report} wrong={outlier !== undefined} />
        <RangeBar range={rangeOf(report)} main={main} />
        <span className="num right faint">
          {report.size === null ? '' : formatBytes(report.size)}
        </span>
      </div>
      {skipped && !open && <p className="file-why faint">{report.why}</p>}
      {open && <Details {...props} />}
    </div>
  );
}

/** Where it lies on disk, as far as that is known. */
function pathOf(name: string, files: Entry['files']): string {
  const [only] = files;
  return files.length === 1 && only?.kind === 'path' && only.name === name ? only.path : name;
}

function RangeText({ report, wrong }: { readonly report: FileReport; readonly wrong: boolean }) {
  const zone = useApp((state) => state.zone);
  const range = rangeOf(report);
  if (!range) return <span className="faint">{report.state === 'ok' ? 'no times' : ''}</span>;
  const sameDay = formatDate(range.from, zone) === formatDate(range.to, zone);
  const to = sameDay ? formatTime(range.to, zone) : formatDateTime(range.to, zone);
  return (
    <span
      className={`num cut ${wrong ? 'warn' : 'second'}`}
      title={`${zone}, first to last record`}
    >
      {formatDateTime(range.from, zone)} – {to}
    </span>
  );
}

/** Where the file lies in what most of the files span. */
function RangeBar({
  range,
  main,
}: {
  readonly range: TimeWindow | undefined;
  readonly main: TimeWindow | undefined;
}) {
  if (!range || !main) return <span className="range-bar" />;
  const whole = Number(main.to - main.from) || 1;
  const share = (ns: bigint): number => Math.min(1, Math.max(0, Number(ns - main.from) / whole));
  const outside = range.to < main.from || range.from > main.to;
  const left = share(range.from) * 100;
  const width = Math.max(1, share(range.to) * 100 - left);
  return (
    <span className="range-bar" aria-hidden>
      {!outside && <i style={{ left: `${Math.min(99, left)}%`, width: `${width}%` }} />}
    </span>
  );
}

function Details(card: CardProps) {
  const { entry, at, outlier, unit, onTake } = card;
  const { report, as, busy, choices } = entry;
  const times = timesText(report);
  const several = report.parts.length > 1;
  return (
    <div className="file-details">
      {report.state !== 'ok' && <p className="second">{report.why}</p>}
      {report.state === 'ok' && (
        <p className="faint">
          {as === undefined ? 'Taken for this because: ' : ''}
          {report.why}
        </p>
      )}
      {times !== '' && <p className="faint">{times}.</p>}
      <Outlier
        text={outlier}
        unit={unit}
        busy={busy}
        onUnit={(timeUnit) => onTake(at, as, { ...choices, timeUnit })}
      />
      {several && <p className="second num">{report.parts.map(partText).join(' · ')}</p>}
      <Dropped report={report} />
      {report.notices
        .filter(({ message }) => message !== report.why)
        .map(({ code, severity, message, count }) => (
          <p key={`${code} ${message}`} className={severity === 'info' ? 'faint' : 'warn'}>
            {severity === 'info' ? '' : '▲ '}
            {message}
            {count > 1 && !message.includes(String(count)) && ` (${formatCount(count)})`}
          </p>
        ))}
      <TakeAs {...card} />
    </div>
  );
}

/** Another format than its content says, or a mapping. */
function TakeAs({ entry, at, formats, onTake, onMap }: CardProps) {
  const { report, as, busy, name, choices } = entry;
  if (report.title === 'Answer, not read' || report.title.endsWith(' archive')) return null;
  return (
    <div className="file-take">
      <label className="file-take">
        <span className="small second">Take it as</span>
        <select
          className="select"
          aria-label={`Take ${name} as`}
          disabled={busy}
          value={as ?? ''}
          // A mapping was made for what it was taken for before.
          onChange={(event) =>
            onTake(at, event.target.value || undefined, {
              ...choices,
              mapping: undefined,
              tables: undefined,
            })
          }
        >
          <option value="">by its content</option>
          {formats.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {isTable(report, formats) && (
        <Button disabled={busy} onClick={() => onMap(at)}>
          {report.mapped?.guessed === false ? 'Change the mapping…' : 'Map columns…'}
        </Button>
      )}
    </div>
  );
}

/** What a mapping may help with: tables, and what nothing knows. */
function isTable({ format, state }: FileReport, formats: readonly FormatInfo[]): boolean {
  if (format === null) return state === 'failed';
  return formats.some(({ id, table }) => id === format && table);
}

/** "spans: 1 204, 3 dropped" */
function partText({ signal, rows, dropped }: FileReport['parts'][number]): string {
  const lost = dropped > 0 ? `, ${formatCount(dropped)} dropped` : '';
  return `${signal}: ${formatCount(rows)}${lost}`;
}

/** Times that look wrong beside the others', and the unit that would set them right. */
function Outlier({
  text,
  unit,
  busy,
  onUnit,
}: {
  readonly text: string | undefined;
  readonly unit: TimeUnit | undefined;
  readonly busy: boolean;
  readonly onUnit: (unit: TimeUnit) => void;
}) {
  if (text === undefined) return null;
  return (
    <p className="warn">
      ▲ {text}{' '}
      {unit && (
        <Button disabled={busy} onClick={() => onUnit(unit)}>
          Read them in {unit}
        </Button>
      )}
    </p>
  );
}

/** What would be lost, with the first records of each signal as they stand in the file. */
function Dropped({ report }: { readonly report: FileReport }) {
  const dropped = droppedOf(report);
  if (dropped === 0) return null;
  const examples = report.parts.flatMap(({ droppedExamples }) => droppedExamples).slice(0, 3);
  return (
    <div>
      <p className="warn">
        ▲ {plural(dropped, 'record')} would be dropped
        {examples[0] ? `: ${examples[0].reason}` : '.'}
      </p>
      <ul className="file-examples mono" aria-label="Examples">
        {examples.map(({ where, text, reason }) => (
          <li key={`${where} ${text}`} title={reason}>
            <span className="faint">{where}</span> {text}
          </li>
        ))}
      </ul>
    </div>
  );
}
