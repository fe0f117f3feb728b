import type { Attributes } from '../../model';
import type { ReadChoices } from '../format';
import { LogObjects } from './log-object';
import { LogTexts } from './log-text';
import type { RowSink } from './rows';
import { objectIn } from './json-exact';

/** A message that goes on for longer is given as it is, and the rest as a message of its own: characters. */
export const MAX_MESSAGE = 4 << 20;

/** Messages that a container runtime took from its container's stdout and stderr, as rows. */
export class ContainerRows {
  private readonly texts: LogTexts;
  private readonly objects: LogObjects;

  constructor(
    private readonly sink: RowSink,
    choices: ReadChoices | undefined,
  ) {
    this.texts = new LogTexts(sink.notices);
    this.objects = new LogObjects(sink, choices);
  }

  /** A record turned out to go on with the message before it. */
  joined(): void {
    this.sink.notices.add(
      'lines-joined',
      'info',
      (n) => `${n} records go on with the message before them and were joined to it.`,
    );
  }

  /** A message was longer than MAX_MESSAGE and had not ended. */
  split(): void {
    this.sink.notices.add(
      'message-split',
      'warning',
      (n) => `${n} messages have over ${MAX_MESSAGE >> 20} million characters and were split.`,
    );
  }

  /** `stream`: stdout, stderr, or '' where it is not said. */
  row(ts: bigint, stream: string, body: string, resource: Attributes): void {
    const attributes: Attributes = stream === '' ? {} : { 'log.iostream': stream };
    // What the application wrote as JSON has fields of its own.
    const doc = objectIn(body);
    if (doc && this.objects.add(doc, { ts, resource, attributes }) === '') return;
    this.sink.log({ ts, ...this.texts.read(body), resource, attributes });
  }
}
