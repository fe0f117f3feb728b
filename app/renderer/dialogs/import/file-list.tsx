import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { TimeWindow } from '../../../../core/base';
import { useApp } from '../../state';
import { formatTime } from '../../ui';
import { FileCard, type FormatInfo } from './file-card';
import type { Entries } from './use-entries';

/** The cards, virtual: a folder may hold thousands of files. */
export function FileList({
  entries: { list = [], ranges, change, take },
  formats,
  onMap,
}: {
  readonly entries: Entries;
  readonly formats: readonly FormatInfo[];
  readonly onMap: (at: number) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: list.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => (list[at]?.open ? 140 : 34),
    getItemKey: (at) => list[at]?.name ?? at,
    overscan: 8,
  });
  const { main } = ranges;
  return (
    <>
      <FileHead main={main} />
      <div ref={scroller} className="file-list" role="list" aria-label="Files" tabIndex={0}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const entry = list[index];
            if (!entry) return null;
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                role="listitem"
                className="file-item"
                style={{ transform: `translateY(${start}px)` }}
              >
                <FileCard
                  entry={entry}
                  at={index}
                  outlier={ranges.outliers.get(index)}
                  unit={ranges.units.get(index)}
                  main={main}
                  formats={formats}
                  onMap={onMap}
                  onChange={change}
                  onTake={take}
                />
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

function FileHead({ main }: { readonly main: TimeWindow | undefined }) {
  const zone = useApp((state) => state.zone);
  return (
    <div className="file-row file-head" aria-hidden>
      <span />
      <span />
      <span>File</span>
      <span>Taken for</span>
      <span className="right">Rows</span>
      <span>Range, {zone}</span>
      <span className="num cut">
        {main &&
          `${formatTime(main.from, zone, 'minute')} to ${formatTime(main.to, zone, 'minute')}`}
      </span>
      <span className="right">Size</span>
    </div>
  );
}
