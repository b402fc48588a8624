/** Lets everything happen that needs neither I/O nor time. */
export async function turns(count = 100): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/** The error a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(
    (value) => Promise.reject(new Error(`it was expected to reject, not to resolve with ${String(value)}`)),
    (error: Error) => error,
  );
}

/** What has become of a promise by now. */
export function watched<T>(promise: Promise<T>): {
  readonly promise: Promise<T>;
  state: "pending" | "done" | "failed";
} {
  const seen = { promise, state: "pending" as "pending" | "done" | "failed" };
  promise.then(
    () => {
      seen.state = "done";
    },
    () => {
      seen.state = "failed";
    },
  );
  return seen;
}
