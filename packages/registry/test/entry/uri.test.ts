import { describe, expect, it } from "vitest";
import { type ResolveOptions, resolve } from "../../src/entry/resolve.ts";
import type { ServiceInstance } from "../../src/entry/service-instance.ts";
import { buildUri, parseUriSpec } from "../../src/entry/uri-spec.ts";
import { instance } from "../support/instances.ts";

const hrefOf = (details: Partial<ServiceInstance>, options?: ResolveOptions): string =>
  resolve(instance("1", details), options).href;

describe("a URI specification", () => {
  it("is read as Curator reads it", () => {
    expect(parseUriSpec("{scheme}://{ address }:{port}/api").parts).toEqual([
      { value: "scheme", variable: true },
      { value: "://", variable: false },
      { value: "address", variable: true },
      { value: ":", variable: false },
      { value: "port", variable: true },
      { value: "/api", variable: false },
    ]);
    expect(parseUriSpec("").parts).toEqual([]);
    expect(() => parseUriSpec("{scheme}://{address")).toThrow(SyntaxError);
  });

  it("knows Curator's variables, and those that are given", () => {
    const build = (text: string, variables?: Record<string, string>): string =>
      buildUri(parseUriSpec(text), instance("1", { sslPort: 8443 }), variables);
    expect(build("{name} {id} {ssl-port} {registration-time-utc} {service-type}")).toBe(
      "orders 1 8443 1700000000000 dynamic",
    );
    expect(build("{scheme} {port}")).toBe("https 8080");
    expect(build("{[}{x}{]}{unknown}", { x: "y" })).toBe("{y}");
  });
});

describe("resolve", () => {
  it("by address and port, TLS where there is nothing else", () => {
    expect(hrefOf({})).toBe("http://10.0.0.1:8080/");
    expect(hrefOf({ sslPort: 8443 })).toBe("http://10.0.0.1:8080/");
    expect(hrefOf({ port: undefined, sslPort: 8443 })).toBe("https://10.0.0.1:8443/");
    expect(hrefOf({ port: undefined })).toBe("http://10.0.0.1/");
    expect(hrefOf({ address: "::1" })).toBe("http://[::1]:8080/");
  });

  it("by the scheme asked for", () => {
    expect(hrefOf({ sslPort: 8443 }, { scheme: "https" })).toBe("https://10.0.0.1:8443/");
    expect(hrefOf({}, { scheme: "https" })).toBe("https://10.0.0.1:8080/");
    expect(hrefOf({ sslPort: 8443 }, { scheme: "ws" })).toBe("ws://10.0.0.1:8080/");
    const uriSpec = parseUriSpec("{scheme}://{address}:{port}/v1");
    expect(hrefOf({ sslPort: 8443, uriSpec }, { scheme: "https" })).toBe("https://10.0.0.1:8443/v1");
  });

  it("by its specification", () => {
    expect(
      hrefOf({ uriSpec: parseUriSpec("{scheme}://{address}:{port}/{tenant}") }, { variables: { tenant: "t" } }),
    ).toBe("http://10.0.0.1:8080/t");
    expect(hrefOf({ address: "::1", uriSpec: parseUriSpec("tcp://{address}:{port}") })).toBe("tcp://[::1]:8080");
  });

  it("a path goes below what the instance has", () => {
    expect(hrefOf({}, { path: "/orders/1?x=2" })).toBe("http://10.0.0.1:8080/orders/1?x=2");
    const uriSpec = parseUriSpec("{scheme}://{address}:{port}/api");
    expect(hrefOf({ uriSpec }, { path: "orders/1" })).toBe("http://10.0.0.1:8080/api/orders/1");
    expect(hrefOf({ uriSpec }, { path: "//other/x" })).toBe("http://10.0.0.1:8080/api/other/x");
    expect(hrefOf({}, { path: "http://other/x" })).toMatch(/^http:\/\/10\.0\.0\.1:8080\//);
  });

  it("what makes no URL is refused", () => {
    for (const details of [{ address: undefined }, { address: "a b" }, { uriSpec: parseUriSpec("{unknown}") }]) {
      expect(() => hrefOf(details)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    }
  });
});
