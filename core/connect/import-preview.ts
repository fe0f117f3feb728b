import { prepareSources } from './import-prepare';
import { OpenedSource } from './import-bytes';
import { sniffFormats } from './import-read';
import type { ByteSource, FileFormat, ReadChoices, ReadTools, TablePreview } from './format';
import { MAPPING_FIELDS } from './kit/mapping';

/**
 * A table among the files given (itself, or a member of an archive), with its first records by
 * `choices.mapping`, else by a guess. Null where no format for tables can read it.
 */
export async function previewTable(
  files: readonly ByteSource[],
  path: string,
  formats: readonly FileFormat[],
  {
    signal,
    as,
    choices,
    tools,
  }: { signal: AbortSignal; as?: string; choices?: ReadChoices; tools?: ReadTools },
): Promise<TablePreview | null> {
  const tables = formats.filter(({ preview }) => preview !== undefined);
  const { sources } = await prepareSources(files, formats, signal);
  const source = sources.find(({ name }) => name === path);
  if (!source) return null;
  const opened = await OpenedSource.open(source, signal);
  try {
    const head = await opened.head();
    const format = tables.find(({ id }) => id === as) ?? sniffFormats(head, tables)?.format;
    if (!format?.preview) return null;
    const preview = await format.preview(
      { ...opened.bytes(), parts: source.parts },
      signal,
      choices,
      tools,
    );
    return { ...preview, format: format.id, fields: MAPPING_FIELDS };
  } finally {
    await opened.close();
  }
}
