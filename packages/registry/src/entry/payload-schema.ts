import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidEntryError } from "./errors.ts";

/** Any Standard Schema that answers at once, such as one of zod, valibot or arktype: what is discovered is read without waiting. */
export type PayloadSchema<Payload = unknown> = StandardSchemaV1<unknown, Payload>;

/** @throws InvalidEntryError */
export function validPayload<Payload>(
  payload: unknown,
  schema: PayloadSchema<Payload> | undefined,
  subject: { readonly op: string; readonly path: string },
): Payload {
  if (schema === undefined) return payload as Payload;
  const result = answerOf(schema, payload, subject);
  if (result instanceof Promise) {
    result.catch(() => {});
    throw new InvalidEntryError("the schema is asynchronous: one that answers at once is needed", subject);
  }
  if (result.issues === undefined) return result.value;
  throw new InvalidEntryError(`the payload does not fit the schema: ${placesOf(result.issues)}`, subject);
}

function answerOf<Payload>(
  schema: PayloadSchema<Payload>,
  payload: unknown,
  subject: { readonly op: string; readonly path: string },
): StandardSchemaV1.Result<Payload> | Promise<StandardSchemaV1.Result<Payload>> {
  try {
    return schema["~standard"].validate(payload);
  } catch {
    throw new InvalidEntryError("the schema failed on the payload", subject);
  }
}

/** Where, and not what: the schema's own messages may show the data. */
function placesOf(issues: readonly StandardSchemaV1.Issue[]): string {
  const places = issues.map(({ path = [] }) =>
    path.map((key) => String(typeof key === "object" ? key.key : key)).join("."),
  );
  return [...new Set(places.map((place) => (place === "" ? "as a whole" : `at ${place}`)))].join(", ");
}
