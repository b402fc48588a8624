/**
 * Whether a kept node is there, as far as this process knows.
 *
 * - `present`: created, and not known to be gone. Stands through a suspended connection; `EphemeralNode.isPresent` looks at the clock too.
 * - `absent`: not there, and on its way (back) as soon as the reason is gone.
 * - `closed`: final.
 */
export type NodeState =
  | {
      readonly kind: "present";
      /** With the sequence number in sequential mode. */
      readonly path: string;
      readonly czxid: bigint;
    }
  | {
      readonly kind: "absent";
      readonly reason: AbsenceReason;
      /** The server's refusal, where there was one. */
      readonly error?: Error | undefined;
    }
  | { readonly kind: "closed" };

/**
 * - `starting`: not created yet.
 * - `session-lost`: it went with its session.
 * - `deleted`: someone else removed it.
 * - `occupied`: a node that is not ours is at the path; waited for until it goes.
 * - `unhealthy`: withdrawn, or held back, by the health check.
 * - `refused`: the server refused to create it; tried again.
 */
export type AbsenceReason = "starting" | "session-lost" | "deleted" | "occupied" | "unhealthy" | "refused";
