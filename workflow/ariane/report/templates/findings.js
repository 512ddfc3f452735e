/* The table of all findings: filters, sort, search, presets; only the rows in sight are drawn. */
const FINDINGS = { preset: "", search: "", filters: {}, sort: "rank", down: false };
const NUMBERS = new Set(["rank", "posterior", "total", "local", "phenotype", "frequency", "diseases"]);
const CHOSEN = new Set(["mode", "zygosity", "inherited", "class"]);
const ROW = 44;
const BEYOND = 8;
const ON_PAPER = 40;

function findingsTable(page) {
  const place = page.querySelector("#table");
  const held = document.getElementById("data");
  if (!place || !held) return;
  if (place.refresh) {
    place.refresh();
    return;
  }
  const words = JSON.parse(page.querySelector("#words").textContent);
  const data = JSON.parse(held.textContent).findings;
  const columns = data.columns;
  const raw = (name, row) => {
    const column = columns[name];
    return Array.isArray(column) ? column[row] : column.values[column.index[row]];
  };
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const worded = (name, text) =>
    text.split("+").map((part) => part.split("&").map((one) => words.values[name][one] ?? one).join(", ")).join(" + ");
  const marked = (text) => text.replace(".", words.mark).replace("-", "\u2212");
  const share = (value) => {
    const text = value < 0.001 ? "<\u00a00.1" : value > 0.999 ? ">\u00a099.9" : (100 * value).toFixed(1);
    return marked(text) + words.percent;
  };
  const points = (value) => {
    const sign = value < 0 ? "-" : value > 0 ? "+" : "";
    const part = String(Math.abs(value) % 1000).padStart(3, "0").replace(/0+$/, "") || "0";
    return marked(`${sign}${Math.trunc(Math.abs(value) / 1000)}.${part}`);
  };
  const shown = (name, row) => {
    const value = raw(name, row);
    if (name === "frequency" && value === null) {
      const state = raw("frequency_state", row);
      return state ? words.values.frequency_state[state] ?? state : "\u2013";
    }
    if (value === null || value === "") return "\u2013";
    if (name === "posterior") return share(value);
    if (["total", "local", "phenotype"].includes(name)) return points(value);
    if (name === "frequency") return marked(String(Number(value.toPrecision(3))));
    if (words.values[name]) return worded(name, value);
    return String(value);
  };
  const all = [...Array(data.rows).keys()];
  const texts = new Map();
  const text = (row) => {
    if (!texts.has(row)) {
      const names = [...words.shown, ...words.further];
      texts.set(row, plain(names.map((name) => shown(name, row)).join("\n")));
    }
    return texts.get(row);
  };

  /* Each step keeps some rows and says how many it removed. */
  function steps() {
    const list = [];
    if (FINDINGS.preset) {
      list.push([words.values.preset[FINDINGS.preset], (row) => raw(FINDINGS.preset, row) === 1]);
    }
    if (FINDINGS.search.trim()) {
      const wanted = plain(FINDINGS.search.trim());
      list.push([words.t.search, (row) => text(row).includes(wanted)]);
    }
    for (const name of words.shown) {
      const wanted = (FINDINGS.filters[name] ?? "").trim();
      if (wanted) list.push([words.titles[name], test(name, wanted)]);
    }
    return list;
  }
  function test(name, wanted) {
    if (CHOSEN.has(name)) return (row) => raw(name, row) === wanted;
    const bound = NUMBERS.has(name) && wanted.match(/^([<>]=?|=)\s*([-\u2212+]?[\d.,eE-]+)\s*(%?)$/);
    if (bound) {
      const scale = bound[3] ? 0.01 : ["total", "local", "phenotype"].includes(name) ? 1000 : 1;
      const limit = Number(bound[2].replace(",", ".").replace("\u2212", "-")) * scale;
      const compare = {
        "<": (a) => a < limit, "<=": (a) => a <= limit, ">": (a) => a > limit,
        ">=": (a) => a >= limit, "=": (a) => a === limit,
      }[bound[1]];
      return (row) => raw(name, row) !== null && compare(raw(name, row));
    }
    const part = plain(wanted);
    return (row) => plain(shown(name, row)).includes(part);
  }
  function chosen() {
    let rows = all;
    const told = [];
    for (const [title, keep] of steps()) {
      const before = rows.length;
      rows = rows.filter(keep);
      told.push([title, before - rows.length, rows.length]);
    }
    const name = FINDINGS.sort;
    const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const turn = FINDINGS.down ? -1 : 1;
    rows = [...rows].sort((a, b) => {
      const [x, y] = [raw(name, a), raw(name, b)];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      const ahead = NUMBERS.has(name) ? x - y : order.compare(shown(name, a), shown(name, b));
      return turn * ahead || a - b;
    });
    return [rows, told];
  }

  const make = (tag, facts = {}, ...inside) => {
    const one = document.createElement(tag);
    for (const [name, value] of Object.entries(facts)) one.setAttribute(name, value);
    one.append(...inside);
    return one;
  };
  const presets = make("div", { class: "presets", role: "group", "aria-label": words.t.presets });
  for (const name of ["", ...words.presets]) {
    const number = name ? all.filter((row) => raw(name, row) === 1).length : data.rows;
    const title = name ? words.values.preset[name] : words.t.all;
    const button = make("button", { type: "button", "data-preset": name }, `${title} (${number})`);
    button.onclick = () => { FINDINGS.preset = name; draw(); };
    presets.append(button);
  }
  const search = make("input", { type: "search", id: "findings-search" });
  search.oninput = () => { FINDINGS.search = search.value; draw(); };
  const clear = make("button", { type: "button", "data-clear": "" }, words.t.clear);
  clear.onclick = () => {
    Object.assign(FINDINGS, { preset: "", search: "", filters: {}, sort: "rank", down: false });
    place.refresh();
  };
  const exported = (kind) => {
    const button = make("button", { type: "button", "data-export": kind }, words.t[kind]);
    button.onclick = () => {
      const names = [...words.shown, ...words.further];
      const rows = chosen()[0].map((row) => names.map((name) => cellOf(name, row)));
      saveTable(kind, `${place.dataset.case}.${place.dataset.cycle}.findings`, names.map((n) => words.titles[n]), rows);
    };
    return button;
  };
  const cellOf = (name, row) => {
    const value = raw(name, row);
    if (value === null) return name === "frequency" ? shown(name, row) : "";
    return ["total", "local", "phenotype"].includes(name) ? value / 1000 : value;
  };
  const told = make("output", { class: "small steps", "aria-live": "polite" });
  const heads = make("tr"), filters = make("tr", { class: "filters" }), fields = {};
  for (const name of words.shown) {
    const title = words.titles[name];
    const sort = make("button", { type: "button", title: words.t.sort.replace("{column}", title) }, title);
    sort.onclick = () => {
      FINDINGS.down = FINDINGS.sort === name && !FINDINGS.down;
      FINDINGS.sort = name;
      draw();
    };
    heads.append(make("th", { scope: "col", "data-column": name }, sort));
    const label = words.t.filter.replace("{column}", title);
    const field = CHOSEN.has(name)
      ? make("select", { "aria-label": label }, make("option", { value: "" }, words.t.any),
        ...[...columns[name]?.values ?? []].map((value) => make("option", { value }, words.values[name] ? worded(name, value) : value || "\u2013")))
      : make("input", { "aria-label": label, placeholder: NUMBERS.has(name) ? "> <" : "" });
    fields[name] = field;
    field.oninput = () => { FINDINGS.filters[name] = field.value; draw(); };
    filters.append(make("td", {}, field));
  }
  const body = make("tbody");
  const table = make("table", { class: "findings", "aria-labelledby": "findings" }, make("thead", {}, heads, filters), body);
  const window_ = make("div", { class: "rows", tabindex: "0", role: "region", "aria-labelledby": "findings" }, table);
  let rows = [];
  const line = (row, at) => {
    const tr = make("tr", { "aria-rowindex": at + 3 });
    for (const name of words.shown) {
      const cell = make(name === "gene" ? "th" : "td", name === "gene" ? { scope: "row" } : {});
      if (NUMBERS.has(name)) cell.className = "n";
      const words_ = shown(name, row);
      const rank = raw("rank", row);
      if (name === "gene" && rank && page.querySelector(`#candidate-${rank}`)) {
        const link = make("a", { href: `#candidate-${rank}` }, words_);
        link.onclick = () => { page.querySelector(`#candidate-${rank}`).open = true; };
        cell.append(make("div", {}, link));
      } else cell.append(make("div", {}, words_));
      if (name === "mode") cell.title = words.modes[words_] ?? words_;
      else if (words_.length > 24) cell.title = words_;
      tr.append(cell);
    }
    return tr;
  };
  const gap = (number) => {
    const cell = make("td", { colspan: words.shown.length });
    cell.style.height = `${number * ROW}px`;
    return make("tr", { class: "gap", "aria-hidden": "true" }, cell);
  };
  let paper = false;
  function window_rows() {
    const first = paper ? 0 : Math.max(0, Math.floor(window_.scrollTop / ROW) - BEYOND);
    const seen = Math.ceil(window_.clientHeight / ROW) + 2 * BEYOND;
    const last = Math.min(rows.length, paper ? ON_PAPER : first + seen);
    const lines = rows.slice(first, last).map((row, n) => line(row, first + n));
    body.replaceChildren(...(first ? [gap(first)] : []), ...lines, ...(last < rows.length && !paper ? [gap(rows.length - last)] : []));
  }
  function draw() {
    const [kept, list] = chosen();
    rows = kept;
    window_.scrollTop = 0;
    table.setAttribute("aria-rowcount", rows.length + 2);
    for (const cell of heads.cells) {
      cell.removeAttribute("aria-sort");
      if (cell.dataset.column === FINDINGS.sort) cell.setAttribute("aria-sort", FINDINGS.down ? "descending" : "ascending");
    }
    for (const one of presets.children) one.setAttribute("aria-pressed", String(one.dataset.preset === FINDINGS.preset));
    const removed = list.map(([title, number]) => words.t.removed.replace("{step}", title).replace("{number}", number));
    told.textContent = [words.t.stored.replace("{number}", data.rows), ...removed, words.t.kept.replace("{number}", rows.length)].join(" \u2192 ");
    window_rows();
  }
  window_.onscroll = () => requestAnimationFrame(window_rows);
  addEventListener("beforeprint", () => { paper = true; window_rows(); });
  addEventListener("afterprint", () => { paper = false; window_rows(); });
  place.replaceChildren(
    presets,
    make("div", { class: "tools" }, make("div", {}, make("label", { for: "findings-search" }, words.t.search), search), clear, exported("tsv"), exported("xlsx")),
    told, window_, make("p", { class: "small on-paper" }, words.t.on_paper.replace("{number}", ON_PAPER)),
  );
  /* What is chosen outlives a change of language: the other table takes it up. */
  place.refresh = () => {
    search.value = FINDINGS.search;
    for (const [name, field] of Object.entries(fields)) field.value = FINDINGS.filters[name] ?? "";
    draw();
  };
  place.refresh();
}
starters.push(findingsTable);
