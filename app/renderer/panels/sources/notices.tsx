import { useMemo, useState } from 'react';
import { attempt, tell, useApp } from '../../state';
import { Button, Empty, formatCount, openMenu } from '../../ui';
import { detailLines, listNotices, noticeText, type ListedNotice } from './describe';

const SHOWN = 200;
const NONE: readonly never[] = [];

const SIGN = {
  error: { sign: '■', tone: 'crit', word: 'Error' },
  warning: { sign: '▲', tone: 'warn', word: 'Warning' },
  info: { sign: 'i', tone: 'faint', word: 'Note' },
} as const;

export function useNotices(): readonly ListedNotice[] {
  const stored = useApp((state) => state.info?.facts.notices ?? NONE);
  const found = useApp((state) => state.analysis?.notices ?? NONE);
  const sources = useApp((state) => state.info?.facts.sources ?? NONE);
  return useMemo(() => listNotices(stored, found, sources), [stored, found, sources]);
}

function copy(notices: readonly ListedNotice[]): void {
  attempt('The notices could not be copied', async () => {
    await navigator.clipboard.writeText(notices.map(noticeText).join('\n'));
    tell('Copied', notices.length === 1 ? 'The notice.' : `${notices.length} notices.`);
  });
}

/** Everything that was cut, sampled, skipped, guessed or late, with its count. */
export function Notices() {
  const all = useNotices();
  const [grave, setGrave] = useState(false);
  const [more, setMore] = useState(false);
  const warned = all.filter(({ severity }) => severity !== 'info');
  const wanted = grave ? warned : all;
  const shown = more ? wanted : wanted.slice(0, SHOWN);
  if (all.length === 0) {
    return (
      <Empty title="No notices">
        Nothing was cut, sampled, skipped or guessed on the way into this case.
      </Empty>
    );
  }
  return (
    <>
      <div className="notice-bar">
        <Button tone="quiet" aria-pressed={!grave} onClick={() => setGrave(false)}>
          All {formatCount(all.length)}
        </Button>
        <Button tone="quiet" aria-pressed={grave} onClick={() => setGrave(true)}>
          Warnings and errors {formatCount(warned.length)}
        </Button>
        <span className="grow" />
        <Button tone="quiet" onClick={() => copy(wanted)}>
          Copy
        </Button>
      </div>
      {wanted.length === 0 && <p className="notice-none faint">No warnings and no errors.</p>}
      <ul className="plain-list">
        {shown.map((notice, at) => (
          <NoticeItem key={`${at} ${notice.code}`} notice={notice} />
        ))}
      </ul>
      {shown.length < wanted.length && (
        <Button tone="quiet" onClick={() => setMore(true)}>
          Show {formatCount(wanted.length - shown.length)} more
        </Button>
      )}
    </>
  );
}

function NoticeItem({ notice }: { readonly notice: ListedNotice }) {
  const [open, setOpen] = useState(false);
  const { severity, message, code, count, from, detail } = notice;
  const { sign, tone, word } = SIGN[severity];
  const lines = detailLines(detail);
  return (
    <li
      className="notice"
      onContextMenu={(event) => openMenu(event, [{ title: 'Copy', run: () => copy([notice]) }])}
    >
      <span className={tone} role="img" aria-label={word} title={word}>
        {sign}
      </span>
      <div className="grow">
        <p>{message}</p>
        <p className="small faint num">
          {from} · {code} · {formatCount(count)}
          {lines.length > 0 && (
            <button
              type="button"
              className="notice-more"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {open ? 'less' : 'details'}
            </button>
          )}
        </p>
        {open && (
          <dl className="mono">
            {lines.map(([key, value]) => (
              <div key={key}>
                <dt className="faint">{key}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </li>
  );
}
