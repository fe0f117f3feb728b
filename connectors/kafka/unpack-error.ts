/** Why the records of a batch can't be decompressed, to stand behind "…: ". */
export class UnpackError extends Error {}
