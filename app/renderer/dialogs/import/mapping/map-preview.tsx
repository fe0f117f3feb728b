import type { TablePreview } from '../../../../../core/connect';
import { plural } from '../../../ui';
import { shownFields } from './draft';

/** The first records as they would be; those that would be dropped with the reason in their place. */
export function MapPreview({ preview }: { readonly preview: TablePreview }) {
  const { rows, faults, missing, notices } = preview;
  return (
    <section className="map-preview" aria-label="Preview">
      <div className="map-words" role="status">
        <Summary preview={preview} />
        {missing !== '' && <p className="warn">▲ The table has no column {missing}.</p>}
        {notices.map(({ code, severity, message }) => (
          <p key={code} className={severity === 'info' ? 'faint' : 'warn'}>
            {severity === 'info' ? '' : '▲ '}
            {message}
          </p>
        ))}
      </div>
      {rows.length > 0 ? <Rows rows={rows} /> : <Columns columns={preview.columns} />}
      {faults.length === 0 && rows.length === 0 && (
        <p className="faint">The table has no records.</p>
      )}
    </section>
  );
}

function Summary({
  preview: { mapping, rows, faults, guessed },
}: {
  readonly preview: TablePreview;
}) {
  if (!mapping) {
    return (
      <p className="warn">
        ▲ No column is known as a time. Choose what is what; this is in the columns:
      </p>
    );
  }
  if (faults.length > 0) {
    return <p className="warn">▲ To see rows: {faults.join('; ')}. This is in the columns:</p>;
  }
  const dropped = rows.filter(({ reason }) => reason !== '').length;
  return (
    <p className="second num">
      {guessed ? 'Guessed. ' : ''}
      The first {plural(rows.length, 'record')} as they would be
      {dropped > 0 && <span className="warn"> ▲ {dropped} would be dropped</span>}
    </p>
  );
}

function Rows({ rows }: { readonly rows: TablePreview['rows'] }) {
  const { names, more } = shownFields(rows);
  return (
    <div className="map-scroll" tabIndex={0} role="region" aria-label="First records">
      <table className="table mono">
        <thead>
          <tr>
            <th scope="col">where</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {more > 0 && <th scope="col">and {more} more</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ where, fields, reason }) => (
            <tr key={where}>
              <td className="faint">{where}</td>
              {reason === '' ? (
                <Cells names={names} fields={fields} />
              ) : (
                <td className="warn" colSpan={Math.max(1, names.length)}>
                  ▲ dropped: {reason}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cells({
  names,
  fields,
}: {
  readonly names: readonly string[];
  readonly fields: TablePreview['rows'][number]['fields'];
}) {
  const texts = new Map(fields);
  return names.map((name) => {
    const text = texts.get(name) ?? '';
    return (
      <td key={name} title={text}>
        {text.slice(0, 120)}
      </td>
    );
  });
}

function Columns({ columns }: { readonly columns: TablePreview['columns'] }) {
  return (
    <div className="map-scroll" tabIndex={0} role="region" aria-label="Columns">
      <table className="table mono">
        <thead>
          <tr>
            <th scope="col">column</th>
            <th scope="col">examples</th>
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, examples }) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="second">{examples.length === 0 ? 'empty' : examples.join(' · ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
