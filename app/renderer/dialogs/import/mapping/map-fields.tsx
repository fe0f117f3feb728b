import type { ReactNode } from 'react';
import type { MapFrom, Mapping, MappingTarget, TimeUnit } from '../../../../../core/connect';
import {
  TARGET_WORD,
  roleOf,
  takenBy,
  withField,
  withRole,
  withTarget,
  withTime,
  withWide,
  type Role,
} from './draft';
import type { Draft } from './use-preview';

interface Props extends Draft {
  readonly onChange: (mapping: Mapping) => void;
}

const UNITS: readonly TimeUnit[] = ['s', 'ms', 'µs', 'ns'];

/** What the records become, and where each field comes from. */
export function MapFields({ children, ...props }: Props & { readonly children?: ReactNode }) {
  const { mapping, preview, onChange } = props;
  const { target } = mapping;
  const wide = mapping.values !== undefined;
  const fields = preview.fields[target].filter(
    ({ name }) => !(wide && (name === 'metric' || name === 'value')),
  );
  return (
    <section className="map-fields" aria-label="What is what">
      {children}
      <label className="map-field">
        <span>Records become</span>
        <select
          className="select"
          autoFocus
          value={target}
          onChange={(event) =>
            onChange(withTarget(mapping, event.target.value as MappingTarget, preview.fields))
          }
        >
          {Object.entries(TARGET_WORD).map(([id, word]) => (
            <option key={id} value={id}>
              {word}
            </option>
          ))}
        </select>
      </label>
      {target === 'samples' && (
        <label className="map-field">
          <span>A row has</span>
          <select
            className="select"
            value={wide ? 'wide' : 'long'}
            onChange={(event) => onChange(withWide(mapping, event.target.value === 'wide'))}
          >
            <option value="long">one value and the metric&apos;s name</option>
            <option value="wide">a column of values for each metric</option>
          </select>
        </label>
      )}
      {fields.map((field) => (
        <Field key={field.name} {...props} {...field} />
      ))}
      <Times {...props} />
      <Others {...props} />
    </section>
  );
}

function Field({
  mapping,
  preview,
  name,
  what,
  required,
  onChange,
}: Props & { readonly name: string; readonly what: string; readonly required?: boolean }) {
  const from = mapping.fields[name];
  const needed =
    required ?? (mapping.target === 'samples' && (name === 'metric' || name === 'value'));
  const set = (next: MapFrom | undefined): void => onChange(withField(mapping, name, next));
  const constant = from && 'constant' in from ? from.constant : undefined;
  const column = from && 'column' in from ? from.column : undefined;
  const unknown = column !== undefined && !preview.columns.some((c) => c.name === column);
  return (
    <div className={`map-field ${needed && !from ? 'missing' : ''}`}>
      <label htmlFor={`map-${name}`} title={what}>
        {name.replaceAll('_', ' ')}
        {needed && <span className="faint"> needed</span>}
      </label>
      <select
        id={`map-${name}`}
        className="select"
        value={column !== undefined ? `c:${column}` : constant !== undefined ? 'constant' : ''}
        onChange={({ target: { value } }) => {
          if (value.startsWith('c:')) set({ column: value.slice(2) });
          else set(value === 'constant' ? { constant: '' } : undefined);
        }}
      >
        <option value="">–</option>
        {unknown && <option value={`c:${column}`}>{column} (not in this table)</option>}
        {preview.columns.map(({ name: title, examples }) => (
          <option key={title} value={`c:${title}`}>
            {title}
            {examples[0] === undefined ? ' (empty)' : `   ${examples[0].slice(0, 32)}`}
          </option>
        ))}
        <option value="constant">the same for all…</option>
      </select>
      {constant !== undefined && (
        <input
          className="input"
          aria-label={`${name}, for all records`}
          placeholder={what}
          value={constant}
          onChange={(event) => set({ constant: event.target.value })}
        />
      )}
    </div>
  );
}

function Times({ mapping, onChange }: Props) {
  const unit = (
    value: TimeUnit | undefined,
    none: string,
    label: string,
    set: (v: string) => void,
  ) => (
    <label className="map-field">
      <span>{label}</span>
      <select className="select" value={value ?? ''} onChange={(event) => set(event.target.value)}>
        <option value="">{none}</option>
        {UNITS.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
  return (
    <>
      {unit(mapping.time?.unit, 'by their magnitude', 'times that are numbers', (value) =>
        onChange(withTime(mapping, 'unit', value)),
      )}
      {mapping.target === 'spans' &&
        unit(mapping.duration, 'ms, with a notice', 'durations', (value) => {
          const { duration: _, ...rest } = mapping;
          const [chosen] = UNITS.filter((one) => one === value);
          onChange(chosen ? { ...rest, duration: chosen } : rest);
        })}
      <label className="map-field">
        <span>zone, where none is named</span>
        <input
          className="input mono"
          spellCheck={false}
          placeholder="UTC, +02:00, Europe/Berlin"
          value={mapping.time?.zone ?? ''}
          onChange={(event) => onChange(withTime(mapping, 'zone', event.target.value.trim()))}
        />
      </label>
    </>
  );
}

/** Columns that no field takes: values and labels of samples one by one, else all or none. */
function Others({ mapping, preview, onChange }: Props) {
  const taken = takenBy(mapping);
  const others = preview.columns.filter(({ name }) => !taken.has(name));
  if (mapping.target !== 'samples') {
    return (
      <label className="map-check">
        <input
          type="checkbox"
          checked={mapping.rest !== 'leave'}
          onChange={(event) => {
            const { rest: _, ...kept } = mapping;
            onChange(event.target.checked ? kept : { ...kept, rest: 'leave' });
          }}
        />
        Keep other columns as attributes ({others.length})
      </label>
    );
  }
  return (
    <fieldset className="map-others">
      <legend className="small second">Other columns</legend>
      {others.map(({ name, examples }) => (
        <label key={name} className="map-field">
          <span className="cut" title={`${name}: ${examples.join(', ')}`}>
            {name}
          </span>
          <select
            className="select"
            value={roleOf(mapping, name)}
            onChange={(event) => onChange(withRole(mapping, name, event.target.value as Role))}
          >
            <option value="">left out</option>
            {mapping.values && <option value="value">a metric</option>}
            <option value="label">a label</option>
          </select>
        </label>
      ))}
    </fieldset>
  );
}
