/** A labelled line of text. */
export function TextField({
  label,
  value,
  onChange,
  placeholder,
  hint,
  grow = false,
  mono = false,
  secret = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly placeholder?: string;
  /** Below the field. */
  readonly hint?: string;
  readonly grow?: boolean;
  /** For addresses, paths and times: not spell-checked. */
  readonly mono?: boolean;
  readonly secret?: boolean;
}) {
  return (
    <label className={grow ? 'field grow' : 'field'}>
      <span>{label}</span>
      <input
        className={mono ? 'input mono' : 'input'}
        type={secret ? 'password' : 'text'}
        autoComplete={secret ? 'new-password' : 'off'}
        spellCheck={mono || secret ? false : undefined}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint !== undefined && <span className="small faint">{hint}</span>}
    </label>
  );
}
