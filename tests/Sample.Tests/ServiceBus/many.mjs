// Opens connections to a port and says nothing on them, or the beginning of a greeting, until its input ends.
import net from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);
const greeting = Buffer.from([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0]);
let open = 0;

function connect() {
  if (open === count) {
    console.log('open');
    return;
  }
  const socket = net.connect(port, '127.0.0.1', () => {
    if (open++ % 2 === 0) socket.write(greeting);
    connect();
  });
  socket.on('data', () => {});
  socket.on('error', error => {
    console.log(`${open} are open; the next one: ${error.message}`);
    process.exit(1);
  });
}

connect();
process.stdin.on('end', () => process.exit(0)).resume();
