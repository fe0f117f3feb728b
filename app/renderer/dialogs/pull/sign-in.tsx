import { attempt, canPick, host, useApp } from '../../state';
import { Button } from '../../ui';
import { TextField } from '../text-field';
import type { BackendForm } from './request';

interface SignInProps {
  readonly form: BackendForm;
  /** The host may have credentials of the chosen kind already. */
  readonly kept: boolean;
  readonly edit: (change: Partial<BackendForm>) => void;
}

/** How the backend is signed in to, and whose certificate it may show. */
export function SignIn({ form, kept, edit }: SignInProps) {
  const keychain = useApp((state) => state.hostInfo?.can.includes('keychain') ?? false);
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
        <Authority caFile={form.caFile} onChange={(caFile) => edit({ caFile })} />
      </div>
      <Secrets form={form} kept={kept} edit={edit} />
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

function Authority({
  caFile,
  onChange,
}: {
  readonly caFile: string;
  readonly onChange: (path: string) => void;
}) {
  const choose = (): void =>
    attempt('The file dialog failed', async () => {
      const ask = { title: 'Certificate authority', multiple: false, directories: false };
      const [picked] = await host().pickOpen(ask);
      if (picked) onChange(picked.path);
    });
  return (
    <>
      <TextField
        label="Certificate authority, optional"
        placeholder="path of a PEM file"
        grow
        mono
        value={caFile}
        onChange={onChange}
      />
      {canPick() && <Button onClick={choose}>Choose…</Button>}
    </>
  );
}

function Secrets({ form, kept, edit }: SignInProps) {
  const hint = kept ? 'kept; type to change' : '';
  if (form.auth === 'bearer') {
    return (
      <TextField
        label="Token"
        secret
        placeholder={hint}
        value={form.token}
        onChange={(token) => edit({ token })}
      />
    );
  }
  if (form.auth !== 'basic') return null;
  return (
    <div className="field-row">
      <TextField
        label="User name"
        grow
        placeholder={hint}
        value={form.username}
        onChange={(username) => edit({ username })}
      />
      <TextField
        label="Password"
        grow
        secret
        placeholder={hint}
        value={form.password}
        onChange={(password) => edit({ password })}
      />
    </div>
  );
}
