import { attempt, canPick, host, useApp } from '../../state';
import { Button, formatMs } from '../../ui';
import { lacking, type BackendForm } from './request';
import type { Backend, TestState } from './use-backend';

/** Which backend, where it is, how to sign in; and whether it answers. */
export function BackendFields({ backend }: { readonly backend: Backend }) {
  const { connectors, connections, form, connector, kept, tested, edit, choose, forget, test } =
    backend;
  const lack = lacking(form, connector, kept);
  return (
    <section className="pull-backend" aria-label="Backend">
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
            onChange={(event) => edit({ connector: event.target.value, config: {} })}
          >
            {connectors.map(({ id, title, signals }) => (
              <option key={id} value={id}>
                {title} ({signals.join(', ')})
              </option>
            ))}
          </select>
        </label>
      )}
      <label className="field">
        <span>Address</span>
        <input
          className="input mono"
          spellCheck={false}
          placeholder={connector?.exampleUrl}
          value={form.url}
          onChange={(event) => edit({ url: event.target.value })}
        />
      </label>
      <label className="field">
        <span>Name</span>
        <input
          className="input"
          placeholder="as you call it; may stay empty"
          value={form.name}
          onChange={(event) => edit({ name: event.target.value })}
        />
      </label>
      <SignIn form={form} kept={kept} edit={edit} />
      {connector?.fields.map(({ name, label, hint, required, options }) => (
        <label key={name} className="field">
          <span>
            {label}
            {required ? '' : ', optional'}
          </span>
          {options ? (
            <select
              className="select"
              value={form.config[name] ?? ''}
              onChange={(event) => edit({ config: { ...form.config, [name]: event.target.value } })}
            >
              <option value="">{required ? '' : 'as usual'}</option>
              {options.map((option) => (
                <option key={option}>{option}</option>
              ))}
            </select>
          ) : (
            <input
              className="input mono"
              spellCheck={false}
              value={form.config[name] ?? ''}
              onChange={(event) => edit({ config: { ...form.config, [name]: event.target.value } })}
            />
          )}
          <span className="small faint">{hint}</span>
        </label>
      ))}
      <div className="field-row">
        <Button
          disabled={lack !== undefined || tested?.kind === 'asking'}
          title={lack ?? 'Asks the backend who it is'}
          onClick={() => void test()}
        >
          Test
        </Button>
        <TestResult tested={tested} lack={lack} />
      </div>
    </section>
  );
}

function TestResult({
  tested,
  lack,
}: {
  readonly tested: TestState | undefined;
  readonly lack: string | undefined;
}) {
  return (
    <div className="pull-test" role="status">
      {!tested && <span className="faint">{lack ?? 'Not asked yet.'}</span>}
      {tested?.kind === 'asking' && <span className="faint">Asking…</span>}
      {tested?.kind === 'found' && (
        <>
          <p>
            <span className="ok" aria-hidden>
              ●{' '}
            </span>
            {tested.probe.product} <span className="faint num">{formatMs(tested.ms)}</span>
          </p>
          <p className="second num">{tested.probe.facts.join(', ')}</p>
          {tested.probe.notices.map(({ code, message }) => (
            <p key={code + message} className="warn">
              ▲ {message}
            </p>
          ))}
        </>
      )}
      {tested?.kind === 'failed' && (
        <>
          <p className="crit">■ {tested.message}</p>
          <p className="second">{WHAT_TO_DO[tested.code] ?? ''}</p>
        </>
      )}
    </div>
  );
}

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  'connector/unreachable': 'Is the address right, and does it answer from this machine?',
  'connector/auth': 'Check the sign-in above; what is kept may have expired with the last session.',
  'connector/bad-answer': 'Something answers there, but not as this kind of backend does.',
  'connector/refused': 'The backend is there and said no; its words are above.',
  'connector/config': 'One of the fields above does not fit.',
};

function SignIn({
  form,
  kept,
  edit,
}: {
  readonly form: BackendForm;
  readonly kept: boolean;
  readonly edit: (change: Partial<BackendForm>) => void;
}) {
  const keychain = useApp((state) => state.hostInfo?.can.includes('keychain') ?? false);
  const hint = kept ? 'kept; type to change' : '';
  return (
    <>
      <div className="field-row">
        <label className="field">
          <span>Sign-in</span>
          <select
            className="select"
            value={form.auth}
            onChange={(event) => edit({ auth: event.target.value as BackendForm['auth'] })}
          >
            <option value="none">none</option>
            <option value="basic">user name and password</option>
            <option value="bearer">bearer token</option>
          </select>
        </label>
        <label className="field grow">
          <span>Certificate authority, optional</span>
          <input
            className="input mono"
            spellCheck={false}
            placeholder="path of a PEM file"
            value={form.caFile}
            onChange={(event) => edit({ caFile: event.target.value })}
          />
        </label>
        {canPick() && (
          <Button
            onClick={() =>
              attempt('The file dialog failed', async () => {
                const title = 'Certificate authority';
                const picked = await host().pickOpen({
                  title,
                  multiple: false,
                  directories: false,
                });
                if (picked[0]) edit({ caFile: picked[0].path });
              })
            }
          >
            Choose…
          </Button>
        )}
      </div>
      {form.auth === 'basic' && (
        <div className="field-row">
          <label className="field grow">
            <span>User name</span>
            <input
              className="input"
              autoComplete="off"
              placeholder={hint}
              value={form.username}
              onChange={(event) => edit({ username: event.target.value })}
            />
          </label>
          <label className="field grow">
            <span>Password</span>
            <input
              className="input"
              type="password"
              autoComplete="new-password"
              placeholder={hint}
              value={form.password}
              onChange={(event) => edit({ password: event.target.value })}
            />
          </label>
        </div>
      )}
      {form.auth === 'bearer' && (
        <label className="field">
          <span>Token</span>
          <input
            className="input"
            type="password"
            autoComplete="new-password"
            placeholder={hint}
            value={form.token}
            onChange={(event) => edit({ token: event.target.value })}
          />
        </label>
      )}
      {form.auth !== 'none' && (
        <p className="small faint">
          {keychain
            ? 'Kept encrypted with a key of this system’s keychain; never in a case or a log.'
            : 'Kept in memory only, until Faultline ends; never in a file, a case or a log.'}
        </p>
      )}
    </>
  );
}
