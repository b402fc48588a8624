/** The server's answer to a request it does not grant: a code of ErrorCode. */
export class Refusal extends Error {
  readonly errorCode: number;

  constructor(errorCode: number) {
    super(`refused with ${errorCode}`);
    this.name = "Refusal";
    this.errorCode = errorCode;
  }
}
