import type { ContainerRuntimeClient } from "testcontainers";
import { EnsembleError } from "../errors.ts";
import type { ProxyTarget } from "../proxy/proxied-connection.ts";
import type { BackendMember, ClientPort } from "./backend.ts";

type Container = ReturnType<ContainerRuntimeClient["container"]["getById"]>;

const stopBoundS = 10;
const logLines = 40;

/** A member in a container. Testcontainers has no word for most faults, so Docker's own API is asked. */
export class DockerMember implements BackendMember {
  readonly #id: number;
  readonly #container: Container;
  readonly #host: string;
  readonly #ports: Readonly<Record<ClientPort, number>>;
  #addresses = new Map<ClientPort, ProxyTarget>();

  constructor(id: number, container: Container, host: string, ports: Readonly<Record<ClientPort, number>>) {
    this.#id = id;
    this.#container = container;
    // Docker may map a port differently for IPv4 and IPv6, and `localhost` is either.
    this.#host = host === "localhost" ? "127.0.0.1" : host;
    this.#ports = ports;
  }

  async address(port: ClientPort): Promise<ProxyTarget> {
    const known = this.#addresses.get(port);
    if (known !== undefined) return known;
    const { NetworkSettings } = await this.#container.inspect();
    const bindings = NetworkSettings.Ports[`${this.#ports[port]}/tcp`] ?? [];
    const binding = bindings.find(({ HostIp }) => !HostIp.includes(":")) ?? bindings[0];
    if (binding === undefined) throw new EnsembleError(`member ${this.#id} has no open port`, { memberId: this.#id });
    const address = { host: this.#host, port: Number(binding.HostPort) };
    this.#addresses.set(port, address);
    return address;
  }

  /** Docker gives a container other ports with each start. */
  forgetAddresses(): void {
    this.#addresses = new Map();
  }

  async isAlive(): Promise<boolean> {
    return (await this.#container.inspect()).State.Running;
  }

  async start(): Promise<void> {
    this.forgetAddresses();
    await this.#container.start();
  }

  async stop(): Promise<void> {
    this.forgetAddresses();
    await this.#container.stop({ t: stopBoundS });
  }

  async kill(): Promise<void> {
    this.forgetAddresses();
    await this.#container.kill({ signal: "SIGKILL" });
    await this.#container.wait({ condition: "not-running" });
  }

  async pause(): Promise<void> {
    await this.#container.pause();
  }

  async resume(): Promise<void> {
    await this.#container.unpause();
  }

  logs(): Promise<string> {
    return logsOf(this.#container);
  }
}

/** What the container has printed last. */
export async function logsOf(container: Container): Promise<string> {
  const output = await container.logs({ stdout: true, stderr: true, follow: false, tail: logLines });
  return withoutFrameHeaders(output);
}

/** Docker sends the two output streams interleaved, each piece behind 8 bytes that end in its length. */
function withoutFrameHeaders(output: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= output.length; ) {
    const end = at + 8 + output.readUInt32BE(at + 4);
    pieces.push(output.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(pieces).toString("utf8");
}
