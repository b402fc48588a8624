/** The request makes no sense as a whole: MARSHALLING_ERROR, whatever there is in it. */
export class Malformed extends Error {
  constructor() {
    super("the request is malformed");
    this.name = "Malformed";
  }
}
