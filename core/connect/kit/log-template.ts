import { isJsonObject, jsonText, type JsonObject } from '../import-json';

const HOLE = /\{\{|\}\}|\{[@$]?(\w+)(?:,-?\d+)?(:[^{}]*)?\}/g;

/**
 * A message template (messagetemplates.org) with its properties put in, as Serilog's CLEF leaves to the
 * reader: `renderings` are the holes with a format, in their order. A hole without a value stays.
 */
export function renderTemplate(
  template: string,
  properties: JsonObject,
  renderings?: unknown,
): string {
  let formatted = 0;
  return template.replace(HOLE, (hole, name: string | undefined, format: string | undefined) => {
    if (name === undefined) return hole.slice(0, 1);
    const given: unknown =
      format !== undefined && Array.isArray(renderings) ? renderings[formatted++] : undefined;
    // A rendering may itself be an object of formats by their text.
    const value = given === undefined || isJsonObject(given) ? properties[name] : given;
    return value === undefined || value === null ? hole : jsonText(value);
  });
}
