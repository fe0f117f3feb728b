import { useState } from 'react';
import { asFaultlineError } from '../../../../core/base';
import type { DataSource } from '../../../../core/session';
import { Button } from '../../ui';
import { TextField } from '../text-field';
import type { Backend } from './use-backend';

/** Whether the address is Grafana's, and which of its data sources is to be asked. */
export function ThroughGrafana({ backend }: { readonly backend: Backend }) {
  const { form, connector, edit } = backend;
  const chosen = form.access.grafana;
  if (!connector?.throughGrafana) return null;
  const toggle = (on: boolean): void =>
    edit({
      access: { ...form.access, grafana: on ? '' : undefined },
      // Grafana's tokens are bearer tokens.
      ...(on && form.auth === 'none' ? { auth: 'bearer' } : {}),
    });
  return (
    <>
      <label className="pull-through">
        <input
          type="checkbox"
          checked={chosen !== undefined}
          onChange={(event) => toggle(event.target.checked)}
        />
        <span>
          Through Grafana <span className="faint">with a token of Grafana’s alone</span>
        </span>
      </label>
      {chosen !== undefined && (
        // What one Grafana listed is not another's.
        <DataSourceChoice key={form.url} backend={backend} chosen={chosen} />
      )}
    </>
  );
}

type Listed =
  | { readonly kind: 'asking' }
  | { readonly kind: 'there'; readonly sources: readonly DataSource[] }
  | { readonly kind: 'failed'; readonly why: string };

/** Listed by Grafana where the token may list them; a uid can be typed always. */
function DataSourceChoice({
  backend: { form, edit, dataSources },
  chosen,
}: {
  readonly backend: Backend;
  readonly chosen: string;
}) {
  const [listed, setListed] = useState<Listed>();
  const list = async (): Promise<void> => {
    setListed({ kind: 'asking' });
    try {
      setListed({ kind: 'there', sources: await dataSources() });
    } catch (error) {
      setListed({ kind: 'failed', why: asFaultlineError(error).message });
    }
  };
  const choose = (grafana: string, connector = form.connector): void =>
    edit({
      access: { ...form.access, grafana },
      ...(connector === form.connector ? {} : { connector, config: {} }),
    });
  const sources = listed?.kind === 'there' ? listed.sources : [];
  return (
    <>
      <div className="field-row">
        <SourceField sources={sources} chosen={chosen} onChoose={choose} />
        <Button
          disabled={form.url.trim() === '' || listed?.kind === 'asking'}
          title="Asks Grafana for its data sources"
          onClick={() => void list()}
        >
          List
        </Button>
      </div>
      {listed?.kind === 'failed' && (
        <p className="small crit" role="status">
          ■ {listed.why}
        </p>
      )}
      {listed?.kind === 'there' && sources.length === 0 && (
        <p className="small warn" role="status">
          ▲ Grafana lists no data source of a kind that can be pulled from. Type the uid.
        </p>
      )}
    </>
  );
}

function SourceField({
  sources,
  chosen,
  onChoose,
}: {
  readonly sources: readonly DataSource[];
  readonly chosen: string;
  readonly onChoose: (uid: string, connector?: string) => void;
}) {
  if (sources.length === 0) {
    return (
      <TextField
        label="Data source"
        grow
        mono
        placeholder="its uid, as in its address in Grafana"
        value={chosen}
        onChange={(uid) => onChoose(uid.trim())}
      />
    );
  }
  const connectorOf = (of: string): string | undefined =>
    sources.find(({ uid }) => uid === of)?.connector;
  return (
    <label className="field grow">
      <span>Data source</span>
      <select
        className="select"
        value={chosen}
        onChange={({ target }) => onChoose(target.value, connectorOf(target.value))}
      >
        <option value="">choose…</option>
        {sources.map(({ uid, name, type }) => (
          <option key={uid} value={uid}>
            {name} ({type})
          </option>
        ))}
      </select>
    </label>
  );
}
