/** Ids of 32 lower-case hex digits as indices may have them: without zeros at the front, and in capitals. */
export function spellingsOf(ids: readonly string[]): readonly string[] {
  const spelt = ids.flatMap((id) => [id, id.replace(/^0{16}/, ''), id.replace(/^0+/, '')]);
  return [...new Set(spelt.flatMap((id) => [id, id.toUpperCase()]))];
}
