import { AuthPacket, ErrorCode, GetSaslRequest, type Id, ProtocolError, type Reader } from "@quorate/protocol";
import { digestOf } from "../acl/digest.ts";
import { DigestMd5Conversation } from "../sasl/digest-md5.ts";
import type { ConnectionHost } from "./connection-host.ts";

/** The answer to a credential: any other code than 0 ends the connection. A SASL token is there even then, as null. */
export interface AuthAnswer {
  readonly err: number;
  readonly token?: Uint8Array | null;
}

/** What one connection is authenticated as: its address first, then what it has proved. Lost with the connection. */
export class Authentication {
  readonly #host: ConnectionHost;
  readonly #address: string;
  readonly #identities: Id[];
  #sasl: DigestMd5Conversation | undefined;

  constructor(host: ConnectionHost, address: string) {
    this.#host = host;
    this.#address = address;
    this.#identities = [{ scheme: "ip", id: address }];
  }

  get identities(): readonly Id[] {
    return this.#identities;
  }

  /** Whether requests are served already. */
  get isSufficient(): boolean {
    return !this.#host.options.requireSasl || this.#identities.some(({ scheme }) => scheme === "sasl");
  }

  /** An `auth` packet. */
  authenticate(reader: Reader): AuthAnswer {
    const { scheme, auth } = AuthPacket.read(reader);
    if (scheme === "ip") this.#add({ scheme, id: this.#address });
    else if (scheme === "digest" && auth !== null) this.#addDigest(Buffer.from(auth).toString("utf8"));
    else return { err: ErrorCode.AUTH_FAILED };
    return { err: 0 };
  }

  /**
   * A step of a SASL conversation.
   *
   * @throws ProtocolError when there is no token
   */
  converse(reader: Reader): AuthAnswer {
    const { token } = GetSaslRequest.read(reader);
    if (token === null) throw new ProtocolError("a SASL request without a token");
    const { saslUsers, requireSasl } = this.#host.options;
    // A server without users answers, but says nothing.
    if (saslUsers === undefined) return { err: 0, token: null };
    this.#sasl ??= new DigestMd5Conversation(saslUsers, Buffer.from(this.#host.random.uuid()).toString("base64"));
    const step = this.#sasl.next(token);
    if (step.kind === "refused") {
      const err = requireSasl ? ErrorCode.SESSION_CLOSED_REQUIRE_SASL_AUTH : ErrorCode.AUTH_FAILED;
      return { err, token: null };
    }
    if (step.kind === "done") this.#add({ scheme: "sasl", id: step.user });
    return { err: 0, token: step.token };
  }

  #addDigest(credential: string): void {
    const digest = digestOf(credential);
    if (digest === this.#host.options.superDigest) this.#add({ scheme: "super", id: "" });
    this.#add({ scheme: "digest", id: digest });
  }

  #add(identity: Id): void {
    const isKnown = this.#identities.some(({ scheme, id }) => scheme === identity.scheme && id === identity.id);
    if (!isKnown) this.#identities.push(identity);
  }
}
