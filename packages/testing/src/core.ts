export {
  AbortedError,
  InvalidArgumentError,
  TimeoutError,
  UnsupportedError,
} from "../../core/src/errors/client-errors.ts";
