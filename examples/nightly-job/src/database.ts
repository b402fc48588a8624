export interface Database {
  /** `$1`, `$2`, ... in `sql` stand for `parameters`. */
  query<Row>(sql: string, parameters?: readonly (string | number)[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** The server at DATABASE_URL; without it, PostgreSQL in this process, in memory. */
export async function openDatabase(url: string | undefined = process.env["DATABASE_URL"]): Promise<Database> {
  const database = url === undefined ? await embedded() : await remote(url);
  await database.query(`
    create table if not exists reports (
      name text primary key,
      day date not null default '-infinity',
      total bigint not null default 0,
      token bigint not null default 0
    )`);
  await database.query("insert into reports (name) values ('sales') on conflict do nothing");
  return database;
}

async function embedded(): Promise<Database> {
  const { PGlite } = await import("@electric-sql/pglite");
  const database = new PGlite();
  return {
    query: async <Row>(sql: string, parameters: readonly (string | number)[] = []) =>
      (await database.query<Row>(sql, [...parameters])).rows,
    close: () => database.close(),
  };
}

async function remote(url: string): Promise<Database> {
  const { Client } = await import("pg");
  const client = new Client(url);
  await client.connect();
  return {
    query: async <Row>(sql: string, parameters: readonly (string | number)[] = []) =>
      (await client.query(sql, [...parameters])).rows as Row[],
    close: () => client.end(),
  };
}
