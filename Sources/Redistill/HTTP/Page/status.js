
"use strict";
// Asks for status.json every two seconds, keeps five minutes, and draws. Whatever the daemon says is set as text.
const EVERY_MS = 2000, KEPT = 150, LATENCY_OVER = 30, MOST_COMMANDS = 8;
const HEIGHT = 170, LEFT = 62, RIGHT = 8, TOP = 8, BOTTOM = 22, ROW = 38;

// ---- words and figures -------------------------------------------------------------------------------------------
function scaled(number, units, step) {
  let place = 0;
  while (Math.abs(number) >= step && place < units.length - 1) { number /= step; place++; }
  const places = number >= 100 || Number.isInteger(number) ? 0 : number >= 10 ? 1 : 2;
  return number.toFixed(places) + units[place];
}
const count = (number) => scaled(number, ["", " k", " M", " G"], 1000);
const bytes = (number) => scaled(number, [" B", " KiB", " MiB", " GiB", " TiB"], 1024);
const time = (ns) => scaled(ns, [" ns", " \u00b5s", " ms", " s"], 1000);
const percent = (share) => (share * 100).toFixed(1) + " %";

// ---- what was heard ----------------------------------------------------------------------------------------------
let samples = [], last = null;

function rate(now, before, name, seconds) {
  return Math.max(0, now[name] - before[name]) / seconds;
}

// After a restart and after CONFIG RESETSTAT what was counted before says nothing.
const follows = (now, before) =>
  before && now.run === before.run && now.time_us > before.time_us && now.commands_processed >= before.commands_processed;

function sampleOf(now, before) {
  const goesOn = follows(now, before), seconds = goesOn ? (now.time_us - before.time_us) / 1e6 : 0;
  const lookups = goesOn ? now.hits - before.hits + now.misses - before.misses : 0;
  return {
    time: now.time_us / 1000,
    operations: goesOn ? rate(now, before, "commands_processed", seconds) : undefined,
    hits: lookups > 0 ? (now.hits - before.hits) / lookups : undefined,
    evicted: goesOn ? rate(now, before, "evicted", seconds) : undefined,
    expired: goesOn ? rate(now, before, "expired", seconds) : undefined,
    connections: now.connections,
    memory: Object.values(now.memory_parts),
    commands: new Map(now.commands.map((command) => [command.name, command])),
  };
}

// Of each command, how long its calls took since some samples ago, or since the start.
function latencies() {
  const now = samples[samples.length - 1].commands;
  const before = samples[Math.max(0, samples.length - 1 - LATENCY_OVER)].commands;
  return [...now.values()].map((command) => {
    const old = before.get(command.name);
    const known = new Map(old && old.calls <= command.calls ? old.latency : []);
    const buckets = command.latency.map(([end, calls]) => [end, calls - (known.get(end) || 0)]).filter(([, calls]) => calls > 0);
    return { name: command.name, buckets, calls: buckets.reduce((sum, [, calls]) => sum + calls, 0) };
  }).filter((command) => command.calls > 0).sort((a, b) => b.calls - a.calls);
}

function percentile(command, share) {
  let seen = 0;
  for (const [end, calls] of command.buckets) {
    seen += calls;
    if (seen >= share * command.calls) return end;
  }
  return undefined;
}

// ---- drawing -----------------------------------------------------------------------------------------------------
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function draw(svg, name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  svg.append(element);
}

// The end of an axis from 0: 1, 2 or 5 and zeros, in powers of two for bytes.
function roundUp(value, step) {
  if (value <= 0) return 1;
  let unit = 1;
  while (step === 1024 && value >= unit * 1024) unit *= 1024;
  const size = value / unit, power = 10 ** Math.floor(Math.log10(size));
  return [1, 2, 5, 10].find((factor) => factor * power >= size) * power * unit;
}

let hovered = null; // the time under the pointer, in every chart

const charts = [
  { title: "Operations a second", format: count, lines: [["operations", (s) => s.operations]] },
  { title: "Hit ratio", format: percent, end: 1, lines: [["of lookups", (s) => s.hits]] },
  { title: "Memory by part", format: bytes, step: 1024, stacked: true, lines: [], limit: 0 },
  { title: "Evictions and expirations a second", format: count,
    lines: [["evicted", (s) => s.evicted], ["expired", (s) => s.expired]] },
  { title: "Connections", format: count, whole: true, lines: [["connections", (s) => s.connections]] },
];

function prepare(chart) {
  chart.legend = make("div", { class: "legend" });
  chart.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  chart.svg.setAttribute("role", "img");
  chart.svg.setAttribute("aria-label", chart.title + " over the last minutes; the tables below have the figures");
  document.getElementById("charts").append(make("section", {}, make("h2", {}, chart.title), chart.legend, chart.svg));
  chart.svg.addEventListener("pointermove", (event) => {
    if (samples.length === 0) return;
    const box = chart.svg.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
    const at = newest() - (1 - share) * KEPT * EVERY_MS;
    hovered = samples.reduce((best, s) => (Math.abs(s.time - at) < Math.abs(best.time - at) ? s : best), samples[0]).time;
    redraw();
  });
  chart.svg.addEventListener("pointerleave", () => { hovered = null; redraw(); });
}

const newest = () => samples[samples.length - 1].time;

function lineKeys(chart, shown) {
  const keys = chart.lines.map(([name, value], index) => {
    const figure = shown ? value(shown) : undefined;
    return make("span", {}, make("i", { class: "f" + index }), name + " " + (figure === undefined ? "\u2013" : chart.format(figure)));
  });
  if (chart.limit) keys.push(make("span", {}, make("i", { class: "flimit" }), "limit " + chart.format(chart.limit)));
  chart.legend.replaceChildren(...keys);
}

// Runs of neighbouring samples that have a figure, as corners of a line.
function runs(figures, x, y) {
  const found = [[]];
  figures.forEach((figure, index) => {
    if (figure === undefined) found.push([]);
    else found[found.length - 1].push([x(samples[index].time), y(figure)]);
  });
  return found.filter((run) => run.length > 0);
}

const corners = (run) => run.map(([x, y]) => x.toFixed(1) + "," + y.toFixed(1)).join(" ");

function drawChart(chart) {
  const svg = chart.svg, width = svg.clientWidth || 380, right = width - RIGHT, bottom = HEIGHT - BOTTOM;
  const rows = chart.lines.map(([, value]) => samples.map(value));
  const sums = samples.map((_, index) => rows.reduce((sum, row) => sum + (row[index] || 0), 0));
  const most = Math.max(0, chart.limit || 0, ...(chart.stacked ? sums : rows.flat().filter((figure) => figure !== undefined)));
  const end = chart.end || Math.max(roundUp(most, chart.step), chart.whole ? 2 : 0);
  const x = (at) => right - (newest() - at) / (KEPT * EVERY_MS) * (right - LEFT);
  const y = (figure) => bottom - figure / end * (bottom - TOP);
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.setAttribute("height", HEIGHT);
  svg.replaceChildren();
  for (const share of [0, 0.5, 1]) {
    draw(svg, "line", { class: "grid", x1: LEFT, x2: right, y1: y(end * share), y2: y(end * share) });
    if (chart.whole && !Number.isInteger(end * share)) continue;
    draw(svg, "text", { x: LEFT - 6, y: y(end * share) + 4, "text-anchor": "end" }, chart.format(end * share));
  }
  draw(svg, "text", { x: LEFT, y: HEIGHT - 5 }, "5 minutes ago");
  draw(svg, "text", { x: right, y: HEIGHT - 5, "text-anchor": "end" }, "now");
  let base = samples.map(() => 0);
  rows.forEach((row, index) => {
    if (chart.stacked) {
      const top = row.map((figure, place) => base[place] + figure);
      const [upper, lower] = [top, base].map((edge) => runs(edge, x, y)[0] || []);
      draw(svg, "polygon", { class: "f" + index, points: corners([...upper, ...lower.reverse()]) });
      base = top;
      return;
    }
    for (const run of runs(row, x, y)) {
      if (run.length > 1) draw(svg, "polyline", { class: "line s" + index, points: corners(run) });
      else draw(svg, "circle", { class: "f" + index, cx: run[0][0], cy: run[0][1], r: 2.5 });
    }
  });
  if (chart.limit) draw(svg, "line", { class: "limit", x1: LEFT, x2: right, y1: y(chart.limit), y2: y(chart.limit) });
  const shown = samples.find((s) => s.time === hovered);
  if (shown) draw(svg, "line", { class: "cursor", x1: x(shown.time), x2: x(shown.time), y1: TOP, y2: bottom });
  lineKeys(chart, shown || samples[samples.length - 1]);
}

const quick = { title: "Latency by command, in the last minute" };

// From the median to the 999th of a thousand, on an axis in powers of ten.
function drawLatencies() {
  const svg = quick.svg, width = svg.clientWidth || 380, right = width - RIGHT;
  const rows = latencies().slice(0, MOST_COMMANDS).map((command) => ({
    name: command.name, ends: [0.5, 0.99, 0.999].map((share) => percentile(command, share)),
  }));
  const all = rows.flatMap((row) => row.ends);
  const from = Math.floor(Math.log10(Math.min(1e5, ...all))), to = Math.ceil(Math.log10(Math.max(1e3, ...all)));
  const x = (ns) => 6 + (Math.log10(ns) - from) / (to - from) * (right - 6);
  const height = Math.max(HEIGHT, rows.length * ROW + BOTTOM);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("height", height);
  svg.replaceChildren();
  for (let power = from; power <= to; power++) {
    const at = x(10 ** power), anchor = power === from ? "start" : power === to ? "end" : "middle";
    draw(svg, "line", { class: "grid", x1: at, x2: at, y1: 0, y2: height - BOTTOM });
    draw(svg, "text", { x: at, y: height - 5, "text-anchor": anchor }, time(10 ** power));
  }
  rows.forEach((row, index) => {
    const y = index * ROW;
    draw(svg, "text", { class: "name", x: 6, y: y + 14 }, row.name);
    draw(svg, "text", { x: right, y: y + 14, "text-anchor": "end" }, row.ends.map(time).join(" \u00b7 "));
    draw(svg, "line", { class: "span s0", x1: x(row.ends[0]), x2: x(row.ends[2]), y1: y + 25, y2: y + 25 });
    row.ends.forEach((end, place) => draw(svg, "circle", { class: "f" + place, cx: x(end), cy: y + 25, r: 5 - place }));
  });
  if (rows.length === 0) draw(svg, "text", { x: 6, y: 20 }, "no calls");
}

function drawTiles() {
  const s = samples[samples.length - 1];
  const all = latencies().reduce((ends, command) => {
    command.buckets.forEach(([end, calls]) => ends.set(end, (ends.get(end) || 0) + calls));
    return ends;
  }, new Map());
  const buckets = [...all].sort((a, b) => a[0] - b[0]);
  const tail = percentile({ buckets, calls: buckets.reduce((sum, [, calls]) => sum + calls, 0) }, 0.99);
  const tiles = [
    ["operations a second", s.operations === undefined ? "\u2013" : count(s.operations)],
    ["hit ratio", s.hits === undefined ? "\u2013" : percent(s.hits)],
    [last.memory_limit ? "of " + bytes(last.memory_limit) + " in use" : "memory in use", bytes(last.memory_used)],
    ["keys", count(last.keys)],
    ["connections", count(s.connections)],
    ["p99 of all commands", tail === undefined ? "\u2013" : time(tail)],
  ];
  document.getElementById("tiles").replaceChildren(
    ...tiles.map(([name, figure]) => make("div", { class: "tile" }, make("b", {}, figure), make("span", {}, name))));
}

function redraw() {
  if (samples.length === 0) return;
  drawTiles();
  charts.forEach(drawChart);
  drawLatencies();
}

// The same as the daemon writes into the page.
function section(table) {
  const style = (index) => (table.figures[index] ? { class: "figure" } : {});
  const parts = [make("h2", {}, table.title)];
  if (table.note) parts.push(make("p", {}, table.note));
  if (table.rows.length > 0) {
    const head = table.columns.map((title, index) => make("th", { scope: "col", ...style(index) }, title));
    const body = table.rows.map((row) => make("tr", {}, ...row.map((cell, index) => make("td", style(index), cell))));
    parts.push(make("div", { class: "wide" }, make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body))));
  }
  return make("section", { id: table.id }, ...parts);
}

// Who selects text, or has scrolled a table aside, is not disturbed.
function renewTables(tables) {
  if (!getSelection().isCollapsed) return;
  const place = document.getElementById("tables");
  const aside = new Map([...place.querySelectorAll(".wide")].map((wide) => [wide.parentNode.id, wide.scrollLeft]));
  place.replaceChildren(...tables.map(section));
  place.querySelectorAll(".wide").forEach((wide) => { wide.scrollLeft = aside.get(wide.parentNode.id) || 0; });
}

// ---- asking ------------------------------------------------------------------------------------------------------
function tell(state, isGood) {
  const place = document.getElementById("state");
  if (place.textContent !== state) place.textContent = state;
  place.classList.toggle("bad", !isGood);
}

async function ask() {
  // Without a name and password, which the page's own address may have, and the browser knows.
  const address = location.origin + new URL("status.json", location.href).pathname;
  const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(8000) });
  if (!answer.ok) throw new Error(answer.status === 401 ? "the token is wrong now: load the page again" : "answers " + answer.status);
  const now = await answer.json();
  const kept = (sample) => sample.time > now.time_us / 1000 - KEPT * EVERY_MS;
  samples = [...(follows(now, last) ? samples.filter(kept) : []), sampleOf(now, last)];
  last = now;
  const memory = charts.find((chart) => chart.stacked);
  memory.lines = Object.keys(now.memory_parts).map((name, index) => [name, (s) => s.memory[index]]);
  memory.limit = now.memory_limit;
  tell(now.state, now.state === "ready");
  redraw();
  renewTables(now.tables);
}

async function goOn() {
  if (!document.hidden) {
    await ask().catch((problem) => tell("no answer: " + problem.message, false));
  }
  setTimeout(goOn, EVERY_MS);
}

charts.forEach(prepare);
quick.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
quick.svg.setAttribute("role", "img");
quick.svg.setAttribute("aria-label", "Latency by command; the table Commands below has the figures");
quick.legend = make("div", { class: "legend" }, ...["p50", "p99", "p99.9"].map((name, index) =>
  make("span", {}, make("i", { class: "f" + index }), name)));
document.getElementById("charts").append(make("section", {}, make("h2", {}, quick.title), quick.legend, quick.svg));
document.getElementById("live").hidden = false;
addEventListener("resize", redraw);
goOn();
