import type { PullLink } from '../../../../core/connect';
import type { ConnectorInfo } from '../../../../core/session';
import { Button } from '../../ui';
import { LoadMapping } from '../load-mapping';
import { TextField } from '../text-field';
import { ThroughGrafana } from './grafana';
import { SignIn } from './sign-in';
import { Test } from './test-result';
import type { Backend } from './use-backend';
import { Way } from './way';

/** Which backend, where it is, how to sign in; and whether it answers. */
export function BackendFields({
  backend,
  link,
  onAddress,
  onPaste,
}: {
  readonly backend: Backend;
  /** What the address was read from, where a page's was pasted. */
  readonly link: PullLink | undefined;
  readonly onAddress: (text: string) => void;
  readonly onPaste: (text: string) => boolean;
}) {
  const { form, connector, kept, edit, named } = backend;
  return (
    <section className="pull-backend" aria-label="Backend">
      <Which backend={backend} />
      <TextField
        label="Address"
        mono
        placeholder={
          form.access.grafana === undefined ? connector?.exampleUrl : 'https://grafana.example'
        }
        value={form.url}
        onChange={onAddress}
        onPaste={onPaste}
        hint={linkText(link, form.url === '' && named['trace'] !== undefined)}
      />
      <TraceStores backend={backend} />
      <TextField
        label="Name"
        placeholder="as you call it; may stay empty"
        value={form.name}
        onChange={(name) => edit({ name })}
      />
      <ThroughGrafana backend={backend} />
      <SignIn form={form} kept={kept} edit={edit} />
      {connector?.fields.map((field) => (
        <ConnectorField
          key={field.name}
          field={field}
          value={form.config[field.name] ?? ''}
          onChange={(value) => edit({ config: { ...form.config, [field.name]: value } })}
        />
      ))}
      <Way form={form} edit={edit} />
      <Test backend={backend} />
    </section>
  );
}

/** Other kept backends that could have the traces which are asked for. */
function TraceStores({ backend: { stores, form, named, choose } }: { readonly backend: Backend }) {
  const others = stores.filter(({ id }) => id !== form.id);
  if (named['trace'] === undefined || others.length === 0) return null;
  return (
    <div className="pull-stores">
      <span className="second">Ask in its place</span>
      {others.map(({ id, name }) => (
        <button key={id} type="button" className="chip" onClick={() => choose(id)}>
          {name}
        </button>
      ))}
    </div>
  );
}

/** `unplaced`: a trace is asked for, and nothing says where it is kept. */
function linkText(link: PullLink | undefined, unplaced: boolean): string {
  if (unplaced && !link)
    return 'A trace id does not say where its trace is kept: give the address of the store of traces, and its kind above.';
  if (!link) return 'Or paste the address of a graph, a search or a trace, or a trace id.';
  const filled = [
    ...(link.url === '' ? [] : ['address']),
    ...Object.keys(link.config),
    ...(link.from === undefined ? [] : ['time']),
  ];
  const read = filled.length === 0 ? '' : `: ${filled.join(', ')}`;
  return `Read from ${link.title}${read}.${link.lacks === undefined ? '' : ` ${link.lacks}`}`;
}

/** A kept backend, or a new one of a kind. */
function Which({
  backend: { connectors, connections, form, choose, chooseKind, forget },
}: {
  readonly backend: Backend;
}) {
  return (
    <>
      <div className="field-row">
        <label className="field grow">
          <span>Backend</span>
          <select
            className="select"
            autoFocus
            value={form.id}
            onChange={(event) => choose(event.target.value)}
          >
            {connections.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            <option value="">a new one</option>
          </select>
        </label>
        {form.id !== '' && (
          <Button tone="quiet" title="Removes it from the list, with its sign-in" onClick={forget}>
            Forget
          </Button>
        )}
      </div>
      {form.id === '' && (
        <label className="field">
          <span>Kind</span>
          <select
            className="select"
            value={form.connector}
            onChange={(event) => chooseKind(event.target.value)}
          >
            {connectors.map(({ id, title, signals }) => (
              <option key={id} value={id}>
                {title} ({signals.join(', ')})
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

/** A field that only this kind of backend has. */
function ConnectorField({
  field: { label, hint, required, options, mapping },
  value,
  onChange,
}: {
  readonly field: ConnectorInfo['fields'][number];
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const title = required ? label : `${label}, optional`;
  if (mapping) return <MappingField title={title} hint={hint} value={value} onChange={onChange} />;
  if (!options) {
    return <TextField label={title} hint={hint} mono value={value} onChange={onChange} />;
  }
  return (
    <label className="field">
      <span>{title}</span>
      <select className="select" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{required ? '' : 'as usual'}</option>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
      <span className="small faint">{hint}</span>
    </label>
  );
}

/** The text of a mapping file, typed, pasted or loaded. */
function MappingField({
  title,
  hint,
  value,
  onChange,
}: {
  readonly title: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <div className="field">
      <label className="field">
        <span>{title}</span>
        <textarea
          className="input mono pull-mapping"
          rows={value === '' ? 1 : 6}
          spellCheck={false}
          placeholder='{"version": 1, "target": "logs", "fields": {"time": {"column": "at"}, …}}'
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </label>
      <span className="field-row">
        <span className="small faint grow">{hint}</span>
        <LoadMapping onText={onChange} />
      </span>
    </div>
  );
}
