// Runs Azurite's blob service for as long as its parent lives: when standard input closes, because the parent ended it or
// was killed, the service closes in order, which is when it writes the last of its metadata.
//
//   node azurite.js MAIN LOCATION ARGUMENT...
//
// MAIN is Azurite's blob/main.js, LOCATION the folder with the data, '-' if everything is kept in memory.
'use strict';

const fs = require('fs');
const path = require('path');

const [, , main, location, ...rest] = process.argv;
const pidFile = location === '-' ? null : path.join(location, 'azurite.pid');
const closeWithinMilliseconds = 10_000;

let isListening = false;
let isEnding = false;

// Whoever read our output may be gone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.on('exit', () => {
  if (pidFile && isListening) fs.rmSync(pidFile, { force: true });
});

function end() {
  if (isEnding) return;
  isEnding = true;
  setTimeout(() => process.exit(1), closeWithinMilliseconds).unref();
  // Azurite listens to this only once it is up; before that there is nothing to close.
  if (!process.emit('SIGTERM')) process.exit(0);
}

process.stdin.on('end', end).on('close', end).on('error', end).resume();

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The service before us on the same data may still be closing; two at once would lose what one of them writes. */
async function waitForPredecessor() {
  const until = Date.now() + closeWithinMilliseconds + 1_000;
  while (fs.existsSync(pidFile) && Date.now() < until) {
    const pid = Number(fs.readFileSync(pidFile, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** Only the owner can read what is kept, also what was made before that was so. What cannot be changed stays as it is. */
function restrict(folder) {
  if (process.platform === 'win32') return;
  try {
    fs.chmodSync(folder, 0o700);
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const name = path.join(folder, entry.name);
      if (entry.isDirectory()) restrict(name);
      else if (entry.isFile()) fs.chmodSync(name, 0o600);
    }
  } catch {
    // Somebody else's, or a file system without modes.
  }
}

(async () => {
  process.umask(0o077);
  if (pidFile) {
    fs.mkdirSync(location, { recursive: true });
    await waitForPredecessor();
    restrict(location);
    fs.writeFileSync(pidFile, String(process.pid));
  }
  isListening = true;
  process.argv = [process.argv[0], main, ...rest];
  require(main);
})();
