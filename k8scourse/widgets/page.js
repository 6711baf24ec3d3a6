// The board on a page of its own: a socket in the place of Jupyter's model, the same module draws.
import board from "/board/board.js";

const values = {};
const listeners = new Map();
const tell = (name, ...given) => [...(listeners.get(name) ?? [])].forEach((listener) => listener(...given));
const address = new URL("/board/socket" + location.search, location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
let socket;

const model = {
  get: (name) => values[name],
  set: (name, value) => { values[name] = value; },
  save_changes: () => socket.send(JSON.stringify({ ui: values.ui })),
  send: (message) => socket.send(JSON.stringify(message)),
  on: (name, listener) => listeners.set(name, [...(listeners.get(name) ?? []), listener]),
  off: (name, listener) => listeners.set(name, (listeners.get(name) ?? []).filter((each) => each !== listener)),
};

let drawn = false;
const arrived = (message) => {
  if (message.reply) return tell("msg:custom", message.reply);
  Object.assign(values, message);
  if (drawn) return tell("change:frame");
  drawn = true;
  return board.render({ model, el: document.getElementById("board") });
};

const connect = () => {
  socket = new WebSocket(address);
  socket.onmessage = (event) => arrived(JSON.parse(event.data));
  socket.onclose = () => setTimeout(connect, 1000);
};
connect();
