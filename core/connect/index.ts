export type {
  Catalog,
  CatalogGroup,
  CatalogItem,
  ConfigField,
  Connector,
  ConnectorEnv,
  ConnectorFactory,
  Coverage,
  Estimate,
  LinkPlace,
  LinkSource,
  PageLink,
  Probe,
  PullItem,
  PullLink,
  PullRequest,
  Upstream,
  UpstreamRequest,
  UpstreamResponse,
} from './seam';
export type {
  ByteSource,
  CaseHints,
  DroppedRecord,
  FileFormat,
  FileReport,
  FormatItem,
  Head,
  OpenDatabase,
  OpenedDatabase,
  PartReport,
  ReadTools,
  Sniff,
} from './format';
export {
  linkToExplore,
  readGrafanaDashboard,
  readGrafanaExplore,
  tracesOfQueries,
} from './grafana-link';
export type { GrafanaReading } from './grafana-link';
export { isTimeless } from './timeless';
export { addressAbove, linkSourceOf, readLink, traceOfAddress } from './links';
export { readFile, sniffFormats } from './import-read';
export { placeOfSource } from './import-place';
export { prepareSources } from './import-prepare';
export type { Prepared } from './import-prepare';
export { inflate } from './containers/inflate';
export { randomAccess } from './containers/random';
export type { RandomBytes } from './containers/random';
export type { ReadOptions, Sniffed } from './import-read';
export { chunksOf } from './import-bytes';
export { decodeUtf8, excerpt, lineBlocks } from './import-lines';
export type { LineBlock } from './import-lines';
export { NoticeCounts } from './import-tally';
export {
  asList,
  asObject,
  asText,
  bytesOf,
  isJsonObject,
  jsonAttributes,
  jsonDocument,
  jsonText,
  readJsonTable,
} from './import-json';
export type { JsonLine, JsonObject } from './import-json';
export { RetryCount, parseAnswer, send, sendJson } from './request';
export type { SendOptions } from './request';
export { proposeWithin } from './propose';
export type { Proposal } from './propose';
export { PREVIEW_BY, PreviewGrid, PreviewTally, levelName, totalOf } from './preview';
export type { Preview, PreviewBy, PreviewGroup, PreviewRequest } from './preview';
export { disjointWindows, inSample, planBudget } from './budget';
export type { BudgetPlan } from './budget';
export { familyOf, parseGoFloat, splitLabels, temporalityOf } from './prometheus-labels';
export type { MetricFamily } from './prometheus-labels';
export { alertBatches, alertFingerprint, alertsWithin, placeOf } from './alert-rows';
export type { AlertRecord } from './alert-rows';
export type { Described, FileGroup, ListedFile, ReadChoices, TimeUnit } from './format';
export { readPosted, readPostedBy, recordsIn } from './kit/posted';
export type { PostedRecords } from './kit/posted';
export { batchColumn, rowsWithin } from './kit/rows-within';
export type { Wanted } from './kit/rows-within';
export { RowSink } from './kit/rows';
export { inZone, placeInText, placeOfDropped } from './kit/dropped-place';
export type { DroppedPlace } from './kit/dropped-place';
export { DroppedTally, droppedCounts } from './dropped-tally';
export type { DroppedAt } from './dropped-tally';
export type { AlertRow, ChangeRow, DefinitionRow, LogRow, SeriesHead, SpanRow } from './kit/rows';
export { jsonLines, readRecords, textLines } from './kit/records';
export type { RawRecord, RecordBlock, RecordReader } from './kit/records';
export { jsonElements, jsonElementTexts } from './kit/json-elements';
export type { ElementsOptions, JsonElement, JsonElementText } from './kit/json-elements';
export { jsonRecords } from './kit/json-records';
export type { JsonRecord, JsonRecordsOptions } from './kit/json-records';
export { peekSource } from './kit/peek';
export { csvFields, csvRecords, headCsv } from './kit/csv';
export type { CsvHead, Delimiter } from './kit/csv';
export { mappingText, mappingWords, parseMapping } from './kit/mapping';
export { MappedRows } from './kit/mapping-rows';
export type { MapFrom, Mapping, MappingTarget } from './kit/mapping';
export { guessMapping } from './kit/mapping-guess';
export type { TableHead } from './kit/mapping-guess';
export { cellText, jsonShape, leaves, rowShape } from './kit/mapping-shape';
export type { RecordShape } from './kit/mapping-shape';
export { describeMapped, readMapped } from './kit/mapped-table';
export type { MappedTable } from './kit/mapped-table';
export { previewMapped } from './kit/mapping-preview';
export { previewTable } from './import-preview';
export type { MappingPreview, TableInDatabase, TablePreview } from './format';
export { peeked } from './import-bytes';
export { EqualDigits, TimeReader, epochNs, guessTimeUnit } from './kit/times';
export { REDACTED, Redactor, isSecretName, redactText } from './kit/redact';
export { BatchRedactor } from './kit/redact-batch';
export { zoneOffset } from './kit/zones';
export { traceparentOf } from './kit/trace-ids';
export { levelInText, severityOfSyslog, severityOfTens, severityOfWord } from './kit/severity';
export { LogTexts, withoutColours } from './kit/log-text';
export type { LogText } from './kit/log-text';
export { traceInText } from './kit/trace-text';
export { headJson, headJsonLines, headLines, headObject, shareOfLines } from './kit/head';
export {
  PrometheusSeries,
  boundsOfBuckets,
  exemplarOf,
  kindOfName,
  unitOfName,
} from './kit/prometheus-series';
export { nativeBuckets, indexesOfSpans } from './kit/native-buckets';
export type { BucketSpan, NativeShape } from './kit/native-buckets';
export { snappyLiterals, unsnappy } from './kit/snappy';
export { decodeChunk } from './kit/chunks';
export type { DecodedChunk } from './kit/chunk-decoded';
export { BitReader, XorFloat, floatOf, isStale } from './kit/chunk-bits';
export { crc32c } from './kit/crc32c';
export { BYTES, FIXED32, FIXED64, VARINT, WireReader } from './kit/wire';
export { labelMatchers, quotedLabel } from './kit/label-matchers';
export { labelsEnd, parseLabels } from './kit/label-set';
export { placeOfTags } from './kit/tags';
export type { NativeBucket, NativePoint } from './kit/prometheus-series';
export { parseExact } from './kit/json-exact';
export { jsonObjects } from './kit/json-objects';
export { logShapeOf, timeWritten } from './kit/log-fields';
export { LogObjects } from './kit/log-object';
export { ContainerRows, MAX_MESSAGE } from './kit/container-rows';
export { discoverTraces } from './traces/discover';
export { TRACE_FIELD, namedTraces, traceIds } from './traces/named';
export { decodedTraces } from './traces/otlp';
export type { DecodeTraces } from './traces/otlp';
export { pullTraces } from './traces/pull';
export { TraceTally } from './traces/tally';
export type {
  FoundTrace,
  ServiceCalls,
  StoredSpan,
  TracePage,
  TraceQuery,
  TraceStore,
} from './traces/store';
export type { Sentences } from './traces/tally';
export { columnsKey, fitting } from './kit/column-rows';
export type { Column, ColumnFile, Columns, RowGroup } from './kit/column-rows';
export { OtelRows } from './kit/otel-columns';
export { columnOf, knownColumns, shapeOf, SIGNAL_OF_SHAPE } from './kit/otel-names';
export type { OtelName, Shape } from './kit/otel-names';
export { Lz4Error, unlz4 } from './kit/lz4';
export { ParquetFile } from './kit/parquet-file';
export type { ParquetGroup } from './kit/parquet-file';
export { objectPath, readObjectList, xmlText } from './kit/object-list';
export type { ObjectList } from './kit/object-list';
export { COLUMNAR_TABLES, columnTable, readKnown } from './kit/column-table';
export { previewDatabase, readDatabase } from './kit/database-tables';
export type { DatabaseTable } from './kit/database-tables';
