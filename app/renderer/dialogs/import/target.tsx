import { useState } from 'react';
import { useApp } from '../../state';

export interface Target {
  /** True where the open case takes it; false for a new one. */
  readonly intoOpen: boolean;
  readonly openName: string | undefined;
  /** The new case's name, once somebody typed one. */
  readonly name: string | undefined;
  readonly choose: (intoOpen: boolean) => void;
  readonly rename: (name: string) => void;
}

/** Into the open case, or into a new one where none is open or somebody wants it so. */
export function useTarget(): Target {
  const [openName] = useState(() => useApp.getState().info?.name);
  const [intoOpen, setIntoOpen] = useState(openName !== undefined);
  const [name, setName] = useState<string>();
  return { intoOpen, openName, name, choose: setIntoOpen, rename: setName };
}

export function TargetChoice({
  target,
  name,
  disabled,
  onTarget,
}: {
  readonly target: Target;
  readonly name: string;
  readonly disabled: boolean;
  readonly onTarget?: (intoOpen: boolean) => void;
}) {
  const { intoOpen, openName, choose, rename } = target;
  return (
    <span className="target">
      <span className="second">{openName === undefined ? 'into a new case named' : 'into'}</span>
      {openName !== undefined && (
        <select
          className="select"
          aria-label="Which case"
          disabled={disabled}
          value={intoOpen ? 'open' : 'new'}
          onChange={(event) => {
            const into = event.target.value === 'open';
            choose(into);
            onTarget?.(into);
          }}
        >
          <option value="open">{openName}, which is open</option>
          <option value="new">a new case (closes {openName})</option>
        </select>
      )}
      {!intoOpen && (
        <input
          className="input"
          aria-label="Name of the new case"
          title="Name of the new case"
          disabled={disabled}
          value={name}
          onChange={(event) => rename(event.target.value)}
        />
      )}
    </span>
  );
}
