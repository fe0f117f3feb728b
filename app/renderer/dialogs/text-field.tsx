/** A labelled line of text. */
export function TextField({
  label,
  value,
  onChange,
  onPaste,
  placeholder,
  hint,
  grow = false,
  mono = false,
  secret = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** Whether it has taken what is pasted, which then does not go into the field. */
  readonly onPaste?: (text: string) => boolean;
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
        onPaste={(event) => {
          if (onPaste?.(event.clipboardData.getData('text'))) event.preventDefault();
        }}
      />
      {hint !== undefined && <span className="small faint">{hint}</span>}
    </label>
  );
}
