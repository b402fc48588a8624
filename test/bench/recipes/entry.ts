/** As Curator's ServiceDiscovery writes it. */
export function entryOf(index: number): string {
  const id = String(index);
  const place = { address: `10.0.${index >> 8}.${index & 255}`, port: 8080, sslPort: null, payload: null };
  return JSON.stringify({
    name: "orders",
    id,
    ...place,
    registrationTimeUTC: 1,
    serviceType: "DYNAMIC",
    uriSpec: null,
  });
}
