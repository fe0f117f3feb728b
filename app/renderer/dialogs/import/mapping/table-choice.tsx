import type { Mapping, TablePreview } from '../../../../../core/connect';
import { fateOf, fateText, takenText, type TableChoices } from './tables';

/** Of a database of several tables: which one is looked at, whether it is taken, and which are. */
export function TableChoice({
  tables,
  chosen,
  table,
  mapping,
  onShow,
  onChoose,
}: {
  readonly tables: NonNullable<TablePreview['tables']>;
  readonly chosen: TableChoices;
  readonly table: string;
  /** As the table's columns are mapped now; undefined where that can't be used. */
  readonly mapping: Mapping | undefined;
  readonly onShow: (table: string) => void;
  readonly onChoose: (table: string, choice: Mapping | null | undefined) => void;
}) {
  const own = tables.find(({ name }) => name === table);
  const fate = own && fateOf(own, chosen);
  const taken = fate !== undefined && fate.how !== 'left';
  const toggle = (take: boolean): void => {
    if (!take) return onChoose(table, null);
    // What would be left by itself is taken by the mapping that is shown.
    onChoose(table, own?.how === 'left' ? mapping : undefined);
  };
  return (
    <div className="map-tables">
      <label className="map-field">
        <span>Table</span>
        <select className="select" value={table} onChange={(event) => onShow(event.target.value)}>
          {tables.map((one) => (
            <option key={one.name} value={one.name}>
              {one.name} – {fateText(fateOf(one, chosen))}
            </option>
          ))}
        </select>
      </label>
      <label className="map-check">
        <input
          type="checkbox"
          checked={taken}
          disabled={!taken && own?.how === 'left' && mapping === undefined}
          onChange={(event) => toggle(event.target.checked)}
        />
        take this table
      </label>
      <p className="small faint" role="note">
        {takenText(tables, chosen)}
      </p>
    </div>
  );
}
