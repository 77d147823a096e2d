// Runs statements on a server the way another program does. Takes them from stdin and prints the rows of the last one.
import { text } from 'node:stream/consumers'
import pg from 'pg'

const { url, statements } = JSON.parse(await text(process.stdin))
const client = new pg.Client(url)
await client.connect()
let rows: unknown[] = []
for (const statement of statements) ({ rows } = await client.query(statement))
await client.end()
process.stdout.write(JSON.stringify(rows ?? []))
