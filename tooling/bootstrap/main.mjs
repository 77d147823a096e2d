// The entry of `npm run demo`, `npm test` and `npm run starling`. It must parse on any Node that knows
// modules, so that an old one gets a sentence instead of a syntax error: the rest loads afterwards.
const OLDEST_MAJOR = 18

if (Number(process.versions.node.split('.')[0]) < OLDEST_MAJOR) {
  process.stderr.write('starling: Node 18 or newer is needed to start, this is ' + process.versions.node + '\n')
  process.exitCode = 1
} else {
  void import('./src/jobs.mjs').then(function (jobs) {
    return jobs.main(process.argv.slice(2))
  })
}
