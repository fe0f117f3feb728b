import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { keyLabel } from '../state';

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly tone?: 'plain' | 'quiet' | 'primary' | 'danger';
  /** Shown in the tooltip: 'Mod+S'. */
  readonly shortcut?: string;
};

/** A text button; with `tone="quiet"` without a border, for toolbars. */
export function Button({ tone = 'plain', shortcut, title, className = '', ...rest }: ButtonProps) {
  const tip = [title, shortcut && keyLabel(shortcut)].filter(Boolean).join('  ');
  return (
    <button
      type="button"
      className={`btn btn-${tone} ${className}`}
      title={tip === '' ? undefined : tip}
      {...rest}
    />
  );
}

export function Kbd({ keys }: { readonly keys: string }) {
  return <kbd>{keyLabel(keys)}</kbd>;
}

/** A small label with a border: bucket, kind, state. The tone is never the only sign: the word says it. */
export function Tag({
  tone = 'plain',
  children,
}: {
  readonly tone?: 'plain' | 'crit' | 'warn' | 'ok' | 'change' | 'base';
  readonly children: ReactNode;
}) {
  return <span className={`tag tag-${tone}`}>{children}</span>;
}

/** A neutral bar for a share between 0 and 1. */
export function Bar({ value, label }: { readonly value: number; readonly label: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <span
      className="bar"
      role="meter"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <b style={{ width: `${percent}%` }} />
    </span>
  );
}

/** A designed empty state: what is not here and what to do. */
export function Empty({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

/** An error in the place of what could not be shown. */
export function Failure({
  error,
  action,
}: {
  readonly error: { readonly message: string; readonly code: string };
  readonly action?: ReactNode;
}) {
  return (
    <div className="empty" role="alert">
      <p className="empty-title crit">{error.message}</p>
      <p className="mono faint">{error.code}</p>
      {action}
    </div>
  );
}

/** Grey lines of the size of what comes. */
export function Skeleton({ lines = 6 }: { readonly lines?: number }) {
  return (
    <div className="skeleton" role="progressbar" aria-label="Loading">
      {Array.from({ length: lines }, (_, at) => (
        <i key={at} style={{ width: `${90 - ((at * 37) % 50)}%` }} />
      ))}
    </div>
  );
}

/** Toolbar of a panel: 28 px, controls left to right, what belongs to the right after <Grow/>. */
export function Toolbar({
  children,
  label,
}: {
  readonly children: ReactNode;
  readonly label: string;
}) {
  return (
    <div className="toolbar" role="toolbar" aria-label={label}>
      {children}
    </div>
  );
}

export function Grow() {
  return <span className="grow" />;
}
