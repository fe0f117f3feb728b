import { useEffect, useState } from 'react';
import { openDialog, useApp } from '../../state';
import { Button, Empty, Grow, Toolbar, formatCount } from '../../ui';
import { Clocks } from './clocks';
import { Kept } from './kept';
import { Notices, useNotices } from './notices';
import { SourceCard } from './source-card';
import './sources.css';

type Tab = 'sources' | 'clocks' | 'kept' | 'notices';
const NONE: readonly never[] = [];

/** Where the case comes from, how much of it there is, and what one must know about it. */
export default function Sources() {
  const sources = useApp((state) => state.info?.facts.sources ?? NONE);
  const front = useApp((state) => state.front);
  const notices = useNotices();
  const [tab, setTab] = useState<Tab>('sources');
  const wrong = notices.filter(({ code }) => code === 'clocks-differ').length;
  const warned = notices.filter(({ severity }) => severity !== 'info').length;
  // The status bar's "3 notices" leads here.
  useEffect(() => {
    if (front?.panel === 'sources') setTab('notices');
  }, [front]);
  const choice = (id: Tab, title: string) => (
    <Button tone="quiet" aria-pressed={tab === id} onClick={() => setTab(id)}>
      {title}
    </Button>
  );
  return (
    <div className="panel">
      <Toolbar label="Sources">
        {choice('sources', `Sources ${formatCount(sources.length)}`)}
        {choice('clocks', wrong > 0 ? `▲ Clocks ${wrong}` : 'Clocks')}
        {choice('kept', 'Kept')}
        {choice('notices', `${warned > 0 ? '▲ ' : ''}Notices ${formatCount(notices.length)}`)}
        <Grow />
        <Button tone="quiet" shortcut="P" onClick={() => openDialog({ kind: 'pull' })}>
          Pull…
        </Button>
      </Toolbar>
      <div className="panel-body" tabIndex={0} role="region" aria-label={`Sources, ${tab}`}>
        {tab === 'clocks' && <Clocks />}
        {tab === 'kept' && <Kept />}
        {tab === 'notices' && <Notices />}
        {tab === 'sources' && sources.length === 0 && (
          <Empty title="Nothing has come in yet">Drop files here, or pull from a backend.</Empty>
        )}
        {tab === 'sources' && (
          <ul className="plain-list">
            {sources.map((source) => (
              <SourceCard key={source.sourceId} source={source} />
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
