import { useState } from 'react';
import { attempt, canPick, host } from '../../state';
import { Button } from '../../ui';
import { TextField } from '../text-field';
import { looksSecret, type AccessName, type HeaderField } from './access';
import type { BackendForm } from './request';

interface WayProps {
  readonly form: BackendForm;
  readonly edit: (change: Partial<BackendForm>) => void;
}

/** What of the way is not as usual, in a few words. */
function waySummary({ caFile, access, headers }: BackendForm): string {
  const { certFile, proxy } = access;
  const parts = [
    ...(proxy ? [proxy === 'direct' ? 'no proxy' : 'a proxy'] : []),
    ...(caFile ? ['own authority'] : []),
    ...(certFile ? ['client certificate'] : []),
    ...headers.map(({ name }) => name),
  ];
  return parts.join(', ');
}

/** Proxy, certificates and headers: folded away, because most backends need none of them. */
export function Way({ form, edit }: WayProps) {
  const [open, setOpen] = useState(false);
  const { access, secrets } = form;
  const set = (name: AccessName) => (value: string) =>
    edit({ access: { ...access, [name]: value } });
  return (
    <section className="pull-way">
      <button
        type="button"
        className="pull-way-head"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden>{open ? '▾' : '▸'}</span>
        <span className="pull-way-title">Proxy, certificates, headers</span>
        <span className="faint cut">{waySummary(form)}</span>
      </button>
      {open && (
        <div className="pull-way-fields">
          <TextField
            label="HTTP proxy, optional"
            mono
            placeholder="as the system says; http://proxy:3128, or direct"
            value={access.proxy ?? ''}
            onChange={set('proxy')}
          />
          <PemFile
            label="Certificate authority, optional"
            value={form.caFile}
            onChange={(caFile) => edit({ caFile })}
          />
          <PemFile
            label="Client certificate, optional"
            value={access.certFile ?? ''}
            onChange={set('certFile')}
          />
          {access.certFile && (
            <>
              <PemFile
                label="Its key, where it is in another file"
                value={access.keyFile ?? ''}
                onChange={set('keyFile')}
              />
              <TextField
                label="Passphrase of the key, optional"
                secret
                value={secrets.keyPassphrase ?? ''}
                onChange={(keyPassphrase) => edit({ secrets: { ...secrets, keyPassphrase } })}
              />
            </>
          )}
          <Headers headers={form.headers} onChange={(headers) => edit({ headers })} />
        </div>
      )}
    </section>
  );
}

function PemFile({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (path: string) => void;
}) {
  const choose = (): void =>
    attempt('The file dialog failed', async () => {
      const ask = { title: label.replace(/,.*$/, ''), multiple: false, directories: false };
      const [picked] = await host().pickOpen(ask);
      if (picked) onChange(picked.path);
    });
  return (
    <div className="field-row">
      <TextField
        label={label}
        placeholder="path of a PEM file"
        grow
        mono
        value={value}
        onChange={onChange}
      />
      {canPick() && <Button onClick={choose}>Choose…</Button>}
    </div>
  );
}

/** Headers that go with every request; secret ones are not written to a file. */
function Headers({
  headers,
  onChange,
}: {
  readonly headers: readonly HeaderField[];
  readonly onChange: (headers: readonly HeaderField[]) => void;
}) {
  const change = (at: number, more: Partial<HeaderField>): void =>
    onChange(headers.map((header, i) => (i === at ? { ...header, ...more } : header)));
  return (
    <div className="field">
      <span>Headers, optional</span>
      {headers.map(({ name, value, secret }, i) => (
        // Rows have no identity but their place.
        <div className="pull-header" key={i}>
          <input
            className="input mono"
            aria-label="Name of a header"
            placeholder="X-Scope-OrgID"
            value={name}
            onChange={({ target }) =>
              change(i, { name: target.value, secret: secret || looksSecret(target.value) })
            }
          />
          <input
            className="input mono"
            aria-label={`Value of ${name}`}
            type={secret ? 'password' : 'text'}
            autoComplete="off"
            placeholder={secret ? 'kept in secret' : ''}
            value={value}
            onChange={({ target }) => change(i, { value: target.value })}
          />
          <label className="pull-header-secret">
            <input
              type="checkbox"
              checked={secret}
              onChange={({ target }) => change(i, { secret: target.checked })}
            />
            secret
          </label>
          <Button
            tone="quiet"
            aria-label={`Remove ${name}`}
            onClick={() => onChange(headers.filter((_, at) => at !== i))}
          >
            ✕
          </Button>
        </div>
      ))}
      <div>
        <Button onClick={() => onChange([...headers, { name: '', value: '', secret: false }])}>
          Add a header
        </Button>
      </div>
    </div>
  );
}
