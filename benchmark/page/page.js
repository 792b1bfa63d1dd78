// Sorting, the slider, comparing, copying, keys. No library, no request; without it the page reads.
"use strict";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const announce = (text) => { document.getElementById("announce").textContent = text; };

function svg(tag, attributes = {}, text = null) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  return node;
}

function show(value, digits) {
  return value === null ? "–" : value.toFixed(digits).replace("-", "−");
}

// ---- tables -------------------------------------------------------------------------------------

function cellKey(row, column) {
  const cell = row.cells[column];
  const raw = cell.dataset.value ?? cell.textContent.trim();
  const number = raw === "" ? NaN : Number(raw);
  return Number.isNaN(number) ? { text: raw, missing: raw === "" || raw === "–" } : { number };
}

function compareKeys(a, b, sign) {
  if (a.missing || b.missing) return (a.missing ? 1 : 0) - (b.missing ? 1 : 0); // always last
  if (a.number !== undefined && b.number !== undefined) return sign * (a.number - b.number);
  return sign * String(a.text ?? a.number).localeCompare(String(b.text ?? b.number), "en", { numeric: true });
}

function sortBy(table, header) {
  const column = header.cellIndex;
  const direction = header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
  header.setAttribute("aria-sort", direction);
  const sign = direction === "ascending" ? 1 : -1;
  for (const body of table.tBodies) {
    const rows = [...body.rows].map((row) => ({ row, key: cellKey(row, column) }));
    rows.sort((a, b) => compareKeys(a.key, b.key, sign));
    body.append(...rows.map((entry) => entry.row));
  }
  showRanks(table, header);
  announce(`Sorted by ${header.textContent.trim()}, ${direction}`);
}

// The rank column always tells the rank in the metric that the table is sorted by.
function showRanks(table, header) {
  if (!header.dataset.metric) return;
  const heading = table.querySelector("[data-rank-heading]");
  if (heading) heading.textContent = `Rank by ${header.textContent.trim()}`;
  for (const row of all("tbody tr", table)) {
    const cell = row.querySelector("td.rank");
    if (!cell) continue;
    const { rank, tied } = row.cells[header.cellIndex].dataset;
    cell.dataset.value = rank ?? "";
    cell.textContent = rank ?? "–";
    if (tied) cell.append(Object.assign(document.createElement("span"), { className: "tie", textContent: " =", title: tied }));
  }
}

function prepareTables() {
  for (const table of all("table.sortable")) {
    for (const button of all("thead th button", table)) {
      button.addEventListener("click", () => sortBy(table, button.closest("th")));
    }
  }
}

// ---- an image's viewer --------------------------------------------------------------------------

function layer(viewer, side) {
  const [width, height] = [viewer.dataset.width, viewer.dataset.height];
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  const size = { width, height, x: 0, y: 0, preserveAspectRatio: "none" };
  const mask = svg("mask", { id: `${viewer.id}-${side}`, maskUnits: "userSpaceOnUse", ...size, style: "mask-type:luminance" });
  const matte = svg("image", size);
  const ground = svg("rect", size);
  const picture = svg("image", size);
  mask.append(matte);
  root.append(mask, ground, picture);
  return { root, matte, ground, picture, mask };
}

function fill(viewer, part, source, composite, colour) {
  const input = viewer.pictures.get("input");
  const asComposite = composite && source.dataset.kind === "matte";
  part.ground.setAttribute("fill", asComposite ? colour : "none");
  part.matte.setAttribute("href", asComposite ? source.src : "");
  part.picture.setAttribute("href", asComposite ? input.src : source.src);
  if (asComposite) part.picture.setAttribute("mask", `url(#${CSS.escape(part.mask.id)})`);
  else part.picture.removeAttribute("mask");
  part.root.setAttribute("aria-label", source.alt + (asComposite ? ", on a plain colour" : ""));
}

function prepareViewer(viewer) {
  const view = viewer.closest(".view");
  viewer.pictures = new Map(all("img[data-picture]", view).map((image) => [image.dataset.picture, image]));
  const [left, right] = all("select", viewer);
  const colour = viewer.querySelector("input[type=color]");
  const range = viewer.querySelector("input[type=range]");
  const buttons = all("button[data-mode]", viewer);
  const stage = viewer.querySelector(".stage");
  const parts = [layer(viewer, "left"), layer(viewer, "right")];
  stage.append(...parts.map((part) => part.root));
  let composite = false;

  const draw = () => [left, right].forEach((select, i) =>
    fill(viewer, parts[i], viewer.pictures.get(select.value), composite, colour.value));
  const slide = () => {
    stage.style.setProperty("--split", `${range.value}%`);
    range.setAttribute("aria-valuetext", `${range.value} % left`);
  };
  const choose = (mode) => {
    composite = mode === "composite";
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mode === mode)));
    draw();
  };
  [left, right].forEach((select) => select.addEventListener("change", draw));
  colour.addEventListener("input", () => choose("composite"));
  range.addEventListener("input", slide);
  buttons.forEach((button) => button.addEventListener("click", () => choose(button.dataset.mode)));
  const drag = (event) => {
    const box = stage.getBoundingClientRect();
    range.value = Math.round(100 * Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1));
    slide();
  };
  stage.addEventListener("pointerdown", (event) => { stage.setPointerCapture(event.pointerId); drag(event); });
  stage.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });
  viewer.hidden = false;
  slide();
  choose("plain");
}

// ---- numbers by image ---------------------------------------------------------------------------

const arrived = new Map();
const waiting = new Map();

// A data file is a script that calls this: a page on disk may not read files, but may run its own.
function receive(path, content) {
  arrived.set(path, content);
  waiting.get(path)?.(content);
}

function load(up, path) {
  const embedded = all("script[data-path]").find((script) => script.dataset.path === path);
  if (embedded && !arrived.has(path)) arrived.set(path, JSON.parse(embedded.textContent));
  if (arrived.has(path)) return Promise.resolve(arrived.get(path));
  return new Promise((resolve, reject) => {
    waiting.set(path, resolve);
    const script = Object.assign(document.createElement("script"), { src: up + path });
    script.addEventListener("error", () => { announce(`${path} is missing`); reject(new Error(`${path} is missing`)); });
    document.head.append(script);
  });
}

const unpacked = new Map();

function unpack(text) {
  if (!unpacked.has(text)) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    unpacked.set(text, new Float64Array(bytes.buffer));
  }
  return unpacked.get(text);
}

function address(holder, key) {
  return key === null ? null : `${holder.dataset.before}${key}${holder.dataset.after}`;
}

function preparePaged(table) {
  const pager = table.closest(".view").querySelector(".pager");
  const data = JSON.parse(pager.querySelector("script").textContent);
  const words = pager.querySelector("span");
  const buttons = all("button", pager);
  const headers = all("thead th", table);
  let [rows, start] = [null, 0];
  const order = (column, sign) => rows.sort((a, b) => compareKeys(a.keys[column], b.keys[column], sign));
  const fetchRows = async () => {
    if (rows) return;
    const { up } = table.dataset;
    const [images, ...numbers] = await Promise.all([data.images, ...data.metrics.map((metric) => metric.path)].map((path) => load(up, path)));
    const columns = numbers.map((each) => unpack(each.values[data.method]));
    rows = images.map(([name, key], i) => {
      const values = columns.map((column) => column[i]);
      const keys = [{ text: name }, ...values.map((value) => (Number.isNaN(value) ? { missing: true } : { number: value }))];
      return { name, href: address(table, key), values, keys };
    });
    order(1, -1);
  };
  const draw = () => {
    table.tBodies[0].replaceChildren(...rows.slice(start, start + data.rows).map((row) => drawRow(row, data.metrics)));
    label(rows.length);
  };
  const label = (count) => {
    words.textContent = `${start + 1} to ${Math.min(start + data.rows, count)} of ${count}`;
    buttons[0].disabled = start === 0;
    buttons[1].disabled = start + data.rows >= count;
  };
  buttons.forEach((button) => button.addEventListener("click", async () => {
    await fetchRows();
    start = Math.min(Math.max(start + Number(button.dataset.step) * data.rows, 0), rows.length - 1);
    draw();
  }));
  headers.forEach((header, column) => header.querySelector("button").addEventListener("click", async () => {
    await fetchRows();
    const sign = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    headers.forEach((other) => other.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    order(column, sign);
    start = 0;
    draw();
    announce(`Sorted by ${header.textContent.trim()}, ${header.getAttribute("aria-sort")}`);
  }));
  buttons[0].disabled = true;
  words.textContent = `1 to ${data.rows}`;
  pager.hidden = false;
}

function nameCell(name, href) {
  const cell = document.createElement("th");
  cell.scope = "row";
  if (href) cell.append(Object.assign(document.createElement("a"), { href, textContent: name }));
  else cell.textContent = name;
  return cell;
}

function numberCell(value, digits) {
  const cell = document.createElement("td");
  cell.dataset.value = Number.isNaN(value) ? "" : value;
  cell.textContent = show(Number.isNaN(value) ? null : value, digits);
  return cell;
}

function drawRow(image, metrics) {
  const row = document.createElement("tr");
  row.append(nameCell(image.name, image.href), ...image.values.map((value, i) => numberCell(value, metrics[i].digits)));
  return row;
}

// ---- two methods --------------------------------------------------------------------------------

const PLOT = { width: 560, height: 420, left: 58, right: 14, top: 14, bottom: 48 };

function axis(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const log = low > 0 && high / low > 20;
  const bottom = log ? low / 1.15 : Math.min(0, low);
  const top = (log ? high * 1.15 : high * 1.04) || 1;
  const place = log
    ? (value) => Math.log(value / bottom) / Math.log(top / bottom)
    : (value) => (value - bottom) / (top - bottom);
  return { log, place, ticks: log ? logTicks(bottom, top) : ticks(bottom, top) };
}

function ticks(low, high) {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= raw);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(Number((k * step).toPrecision(6)));
  return found;
}

function logTicks(low, high) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
    for (const k of [1, 2, 5]) if (k * 10 ** power >= low && k * 10 ** power <= high) found.push(Number((k * 10 ** power).toPrecision(3)));
  }
  return found;
}

function linked(target, title, node) {
  const anchor = target ? svg("a", { href: target }) : svg("g");
  anchor.append(node);
  node.append(svg("title", {}, title));
  return anchor;
}

function scatter(root, points, names, label, digits) {
  const { width, height, left, right, top, bottom } = PLOT;
  const scale = axis(points.flatMap((point) => [point.a, point.b]));
  const x = (value) => left + scale.place(value) * (width - left - right);
  const y = (value) => height - bottom - scale.place(value) * (height - top - bottom);
  root.replaceChildren();
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const tick of scale.ticks) {
    root.append(svg("line", { class: "grid", x1: x(tick), x2: x(tick), y1: top, y2: height - bottom }));
    root.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }));
    root.append(svg("text", { class: "quiet", x: x(tick), y: height - bottom + 17, "text-anchor": "middle" }, tick));
    root.append(svg("text", { class: "quiet", x: left - 7, y: y(tick) + 4, "text-anchor": "end" }, tick));
  }
  const ends = [[left, height - bottom], [width - right, top]];
  root.append(svg("line", { class: "axis", "stroke-dasharray": "5 4", x1: ends[0][0], y1: ends[0][1], x2: ends[1][0], y2: ends[1][1] }));
  root.append(svg("text", { x: (left + width - right) / 2, y: height - 9, "text-anchor": "middle" }, `${label} of ${names[0]}${scale.log ? " (log scale)" : ""}`));
  root.append(svg("text", { x: 13, y: (top + height - bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 13 ${(top + height - bottom) / 2})` }, `${label} of ${names[1]}`));
  for (const point of points) {
    const better = point.a <= point.b;
    const mark = better
      ? svg("circle", { class: "dot first", cx: x(point.a), cy: y(point.b), r: 5 })
      : svg("rect", { class: "dot second", x: x(point.a) - 4.5, y: y(point.b) - 4.5, width: 9, height: 9 });
    root.append(linked(point.href, `${point.name}: ${show(point.a, digits)} and ${show(point.b, digits)}`, mark));
  }
}

function differences(root, points, digits) {
  const [width, height, middle] = [560, 200, 100];
  const sorted = [...points].sort((p, q) => p.d - q.d);
  const reach = Math.max(...sorted.map((point) => Math.abs(point.d))) || 1;
  const step = (width - 60) / sorted.length;
  root.replaceChildren();
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const value of [reach, 0, -reach]) {
    const y = middle - (value / reach) * 84;
    root.append(svg("line", { class: value === 0 ? "axis" : "grid", x1: 56, x2: width, y1: y, y2: y }));
    root.append(svg("text", { class: "quiet", x: 50, y: y + 4, "text-anchor": "end" }, show(value, digits > 3 ? 3 : 1)));
  }
  sorted.forEach((point, i) => {
    const length = (Math.abs(point.d) / reach) * 84;
    const bar = svg("rect", { class: `dot ${point.d <= 0 ? "first" : "second"}${step < 4 ? " thin" : ""}`, x: 58 + i * step, width: Math.max(step - 1.5, 0.8), y: point.d > 0 ? middle - length : middle, height: Math.max(length, 0.6) });
    root.append(linked(point.href, `${point.name}: ${show(point.d, digits)}`, bar));
  });
}

function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function verdict(pair, names, label, digits, sign) {
  if (!pair) return "";
  const [mean, low, high, p, images, clusters] = pair;
  const ends = low === null ? "" : ` (95 % interval ${show(Math.min(sign * low, sign * high), digits)} to ${show(Math.max(sign * low, sign * high), digits)})`;
  const apart = low !== null && (low > 0 || high < 0);
  const text = `${label}: ${names[0]} minus ${names[1]} is ${show(sign * mean, digits)}${ends} over ${counted(images, "image")} of ${counted(clusters, "foreground")}; permutation test p ${p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`}. `;
  return text + (apart ? `${sign * mean < 0 ? names[0] : names[1]} has the smaller error.` : "They cannot be told apart here.");
}

function prepareCompare(form) {
  const data = JSON.parse(form.querySelector("script[type='application/json']").textContent);
  const [first, second, metric] = all("select", form);
  const { up } = form.dataset;
  const draw = async () => {
    const [a, b] = [Number(first.value), Number(second.value)];
    const chosen = data.metrics[Number(metric.value)];
    const names = [data.methods[a], data.methods[b]];
    const [images, numbers] = await Promise.all([load(up, data.images), load(up, chosen.path)]);
    if (a !== Number(first.value) || b !== Number(second.value) || chosen !== data.metrics[Number(metric.value)]) return;
    const [one, other] = [unpack(numbers.values[a]), unpack(numbers.values[b])];
    const points = images
      .map(([name, key], i) => ({ name, href: address(form, key), a: one[i], b: other[i], d: one[i] - other[i] }))
      .filter((point) => !Number.isNaN(point.d));
    form.querySelector("[data-verdict]").textContent = a === b
      ? "Choose two different methods."
      : verdict(pairOf(numbers, Math.min(a, b), Math.max(a, b), data.methods.length), names, chosen.label, chosen.digits, a < b ? 1 : -1);
    all("[data-name-first]", form).forEach((node) => { node.textContent = names[0]; });
    all("[data-name-second]", form).forEach((node) => { node.textContent = names[1]; });
    scatter(form.querySelector("svg[data-plot=scatter]"), points, names, chosen.label, chosen.digits);
    differences(form.querySelector("svg[data-plot=differences]"), points, chosen.digits);
    listLargest(form, points, chosen);
    form.dataset.drawn = `${first.value} ${second.value} ${metric.value}`;
  };
  [first, second, metric].forEach((select) => select.addEventListener("change", draw));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  draw();
}

// The pairs are in the order (0, 1), (0, 2), …, (1, 2), …, six numbers each.
function pairOf(numbers, first, second, methods) {
  const place = first * methods - (first * (first + 1)) / 2 + second - first - 1;
  const pair = [...unpack(numbers.pairs).subarray(6 * place, 6 * place + 6)].map((value) => (Number.isNaN(value) ? null : value));
  return pair.length === 6 && pair[0] !== null ? pair : null;
}

function listLargest(form, points, chosen) {
  const body = form.querySelector("tbody");
  const largest = [...points].sort((p, q) => Math.abs(q.d) - Math.abs(p.d)).slice(0, 12);
  body.replaceChildren(...largest.map((point) => {
    const row = document.createElement("tr");
    row.append(nameCell(point.name, point.href), ...[point.a, point.b, point.d].map((value) => numberCell(value, chosen.digits)));
    return row;
  }));
}

// ---- choosing, copying, keys, one file --------------------------------------------------------------------

function prepareCopy(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = button.parentElement.querySelector("code");
    const range = document.createRange();
    range.selectNodeContents(text);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    let copied = false;
    try { await navigator.clipboard.writeText(text.textContent); copied = true; }
    catch { copied = document.execCommand("copy"); }
    button.textContent = copied ? "Copied" : "Press Ctrl+C";
    announce(button.textContent);
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
}

function prepareSwitch(select) {
  const parts = all("[data-switched]", select.closest(".view"));
  const choose = () => parts.forEach((part) => { part.hidden = part.id !== select.value; });
  select.addEventListener("change", choose);
  choose();
}

function turn(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea, .scroll")) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = rel && all(`a[rel=${rel}]`).find((anchor) => anchor.offsetParent !== null);
  if (link) { event.preventDefault(); link.click(); }
}

function prepareView(view) {
  if (view.dataset.ready) return;
  view.dataset.ready = "yes";
  all(".viewer", view).forEach(prepareViewer);
  all("select[data-switch]", view).forEach(prepareSwitch);
  all("form.compare", view).forEach(prepareCompare);
  all("table.paged", view).forEach(preparePaged);
}

// In the single file every view is there, and the address after # chooses one.
function route() {
  const views = all(".view");
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const chosen = target?.closest(".view") ?? (target ? null : views[0]);
  if (!chosen) return;
  views.forEach((view) => { view.hidden = view !== chosen; });
  document.title = chosen.dataset.title;
  prepareView(chosen);
  if (target && target !== chosen) target.scrollIntoView();
  else if (views.length > 1) scrollTo(0, 0);
}

prepareTables();
all(".copy button").forEach(prepareCopy);
document.addEventListener("keydown", turn);
addEventListener("hashchange", route);
route();
