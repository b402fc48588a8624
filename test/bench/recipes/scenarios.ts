/** What is asked of every host alike. */
export interface Scenario {
  readonly name: string;
  readonly command: "cycles" | "handOvers" | "views" | "arrivals" | "fanOut";
  readonly numbers: readonly number[];
  /** So many instances of a service are there. */
  readonly instances?: number;
  /** The round trip is made longer by this, milliseconds. */
  readonly delayMs?: number;
  readonly targets: readonly Target[];
}

/** At least (`rate`), or at most (`p50`, `cpu`), this much of the other library's figure. */
export interface Target {
  readonly figure: "rate" | "p50" | "cpu";
  readonly library: "curator" | "kazoo";
  readonly ratio: number;
}

interface Cycles {
  readonly clients: number;
  readonly locks: number;
  readonly inFlight: number;
  readonly count: number;
}

function cycles({ clients, locks, inFlight, count }: Cycles): Pick<Scenario, "command" | "numbers"> {
  return { command: "cycles", numbers: [clients, locks, inFlight, count] };
}

export const scenarios: readonly Scenario[] = [
  {
    name: "lock, 1 client",
    ...cycles({ clients: 1, locks: 1, inFlight: 1, count: 1000 }),
    targets: [
      { figure: "rate", library: "curator", ratio: 1.2 },
      { figure: "cpu", library: "curator", ratio: 0.45 },
    ],
  },
  {
    name: "lock, 1 client, 1 ms away",
    ...cycles({ clients: 1, locks: 1, inFlight: 1, count: 250 }),
    delayMs: 1,
    targets: [{ figure: "rate", library: "curator", ratio: 1.4 }],
  },
  {
    name: "lock, 10 clients contending",
    ...cycles({ clients: 10, locks: 1, inFlight: 10, count: 600 }),
    targets: [{ figure: "rate", library: "curator", ratio: 1.1 }],
  },
  {
    name: "1,000 locks, 1 client, 100 in flight",
    ...cycles({ clients: 1, locks: 1000, inFlight: 100, count: 1000 }),
    targets: [
      { figure: "rate", library: "curator", ratio: 3 },
      { figure: "rate", library: "kazoo", ratio: 3 },
    ],
  },
  {
    name: "latch, resign to next term",
    command: "handOvers",
    numbers: [80],
    targets: [
      { figure: "p50", library: "curator", ratio: 0.6 },
      { figure: "p50", library: "kazoo", ratio: 0.9 },
    ],
  },
  {
    name: "2,000 instances, full view",
    command: "views",
    numbers: [5, 2000],
    instances: 2000,
    targets: [
      { figure: "p50", library: "curator", ratio: 0.2 },
      { figure: "p50", library: "kazoo", ratio: 1 },
    ],
  },
  {
    name: "2,000 instances, a new one seen",
    command: "arrivals",
    numbers: [50],
    instances: 2000,
    targets: [{ figure: "p50", library: "curator", ratio: 1 }],
  },
  {
    name: "200 sessions, one znode set",
    command: "fanOut",
    numbers: [200, 20],
    targets: [{ figure: "p50", library: "curator", ratio: 0.7 }],
  },
];
