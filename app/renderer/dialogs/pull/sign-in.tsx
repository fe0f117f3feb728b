import { useApp } from '../../state';
import { TextField } from '../text-field';
import { AUTH, type AuthField } from './access';
import type { BackendForm } from './request';

interface SignInProps {
  readonly form: BackendForm;
  /** The host may have credentials of the chosen kind already. */
  readonly kept: boolean;
  readonly edit: (change: Partial<BackendForm>) => void;
}

/** How the backend is signed in to: the kind, and the fields that it needs. */
export function SignIn({ form, kept, edit }: SignInProps) {
  const keychain = useApp((state) => state.hostInfo?.can.includes('keychain') ?? false);
  const secret = form.auth !== 'none' || form.headers.some((header) => header.secret);
  return (
    <>
      <label className="field">
        <span>Sign-in</span>
        <select
          className="select"
          value={form.auth}
          onChange={(event) => edit({ auth: event.target.value as BackendForm['auth'] })}
        >
          {Object.entries(AUTH).map(([kind, { title }]) => (
            <option key={kind} value={kind}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {AUTH[form.auth].fields.length > 0 && (
        <div className="pull-sign-in">
          {AUTH[form.auth].fields.map((field) => (
            <SignInField key={field.label} field={field} form={form} kept={kept} edit={edit} />
          ))}
        </div>
      )}
      {secret && (
        <p className="small faint">
          {keychain
            ? 'Kept encrypted with a key of this system’s keychain; never in a case or a log.'
            : 'Kept in memory only, until Faultline ends; never in a file, a case or a log.'}
        </p>
      )}
    </>
  );
}

function SignInField({ field, form, kept, edit }: SignInProps & { readonly field: AuthField }) {
  const label = field.optional ? `${field.label}, optional` : field.label;
  if ('secret' in field) {
    const name = field.secret;
    return (
      <TextField
        label={name === 'password' ? field.label : label}
        secret={!field.shown}
        placeholder={kept ? 'kept; type to change' : field.hint}
        value={form.secrets[name] ?? ''}
        onChange={(value) => edit({ secrets: { ...form.secrets, [name]: value } })}
      />
    );
  }
  const { access: name, options } = field;
  const set = (value: string): void => edit({ access: { ...form.access, [name]: value } });
  const value = form.access[name] ?? '';
  if (!options) {
    return <TextField label={label} mono placeholder={field.hint} value={value} onChange={set} />;
  }
  return (
    <label className="field">
      <span>{label}</span>
      <select className="select" value={value} onChange={(event) => set(event.target.value)}>
        <option value="" />
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}
