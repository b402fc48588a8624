import type { Dispatcher } from "undici";

/** What is told of one request, once. */
export interface RequestEnd {
  /** Undefined if no final answer came. */
  readonly status: number | undefined;
  readonly error: Error | undefined;
  /** Whether the caller gave up. */
  readonly isCancelled: boolean;
}

export interface Observer {
  ended(end: RequestEnd): void;
  /** Nothing of the request was sent. @returns whether it is taken care of, so that the caller is not told. */
  failedEarly(error: Error): boolean;
}

type Handler = Dispatcher.DispatchHandler;
type Arguments = readonly unknown[];

/**
 * The same handler, with someone looking on. undici has two kinds of handlers: those of its versions up to 6, which `fetch` still uses, and
 * those of version 7; whatever the handler does not have must stay away.
 */
export function observed(handler: Handler, observer: Observer): Handler {
  const looks = looksOf(observer);
  return new Proxy(handler, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      const look = looks.get(key);
      return (...args: Arguments): unknown => {
        const passedOn = look === undefined ? args : look(args);
        return passedOn === undefined ? undefined : Reflect.apply(value, target, passedOn);
      };
    },
  });
}

/** What to do before each call is passed on. Each gives the arguments to pass on, or nothing if the call stops there. */
function looksOf(observer: Observer): ReadonlyMap<unknown, (args: Arguments) => Arguments | undefined> {
  let hasBegun = false;
  let isAborted = false;
  let isOver = false;
  let status: number | undefined;
  const began = (args: Arguments): Arguments => {
    hasBegun = true;
    return args;
  };
  const answered = (code: unknown): void => {
    // Others are only on the way to the answer.
    if ((code as number) >= 200 || code === 101) status = code as number;
  };
  const ended = (error?: Error, isCancelled = false): void => {
    if (!isOver) observer.ended({ status, error, isCancelled });
    isOver = true;
  };
  const upgraded = (code: unknown, args: Arguments): Arguments => {
    answered(code);
    ended();
    return args;
  };
  const failed = (error: Error, isCancelled: boolean, args: Arguments): Arguments | undefined => {
    if (!hasBegun && observer.failedEarly(error)) return undefined;
    ended(error, isCancelled);
    return args;
  };
  const abortable = ([abort, ...rest]: Arguments): Arguments => [
    (reason: unknown): void => {
      isAborted = true;
      (abort as (reason: unknown) => void)(reason);
    },
    ...rest,
  ];
  return new Map<unknown, (args: Arguments) => Arguments | undefined>([
    ["onConnect", (args) => abortable(began(args))],
    ["onHeaders", (args) => (answered(args[0]), args)],
    ["onUpgrade", (args) => upgraded(args[0], args)],
    ["onComplete", (args) => (ended(), args)],
    ["onError", (args) => failed(args[0] as Error, isAborted, args)],
    ["onRequestStart", began],
    ["onResponseStart", (args) => (answered(args[1]), args)],
    ["onRequestUpgrade", (args) => upgraded(args[1], args)],
    ["onResponseEnd", (args) => (ended(), args)],
    ["onResponseError", (args) => failed(args[1] as Error, isAbortedBy(args[0]), args)],
  ]);
}

function isAbortedBy(controller: unknown): boolean {
  return (controller as { readonly aborted?: unknown } | null | undefined)?.aborted === true;
}
