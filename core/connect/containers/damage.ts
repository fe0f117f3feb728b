/** The bytes of a source end before their time; what came before was handed out. */
export class SourceDamage extends Error {
  constructor(
    /** Offset in the decompressed bytes. */
    readonly offset: number,
    readonly reason: string,
    /** True where the reading was stopped because it grew beyond all proportion. */
    readonly bomb = false,
  ) {
    super(reason);
  }
}
