/* Tables of any length: presets, search, filters, sort, exports. Only the rows in sight are drawn,
   and a row that stays in sight stays the same element, so that the focus is never lost. One row at
   a time is in the order of tabs; the arrows go from row to row. */
const LISTINGS = {}, FILLS = {};
let LISTED = null;
const LINE = 44, SPARE = 8, PRINTED = 40, TALL = 528;
const marks = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
function element(tag, facts = {}, ...inside) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) one.setAttribute(name, value);
  one.append(...inside);
  return one;
}

function listing(place, common) {
  const name = place.dataset.listing;
  const script = place.querySelector("script");
  const own = JSON.parse(script.textContent);
  const held = (LISTED ??= JSON.parse(document.getElementById("data").textContent))[name];
  const state = LISTINGS[name] ??= { preset: own.opens, search: "", filters: {}, sort: own.sort, down: false, told: -1 };
  const t = common.t;
  const kinds = new Map(own.columns.map((one) => [one.name, one.kind]));
  for (const title of own.points) kinds.set(title, "points");
  const numeric = (column) => ["number", "share", "points", "frequency"].includes(kinds.get(column));
  const named = [...new Set([...own.columns.flatMap((one) => [one.name, one.under]), ...own.detail, ...own.further])]
    .filter((title) => held.columns[title]);

  /* A column of text is values and an index: what can be said of a value is said once. */
  const column = (title) => held.columns[title] ?? [];
  for (const [title, words] of Object.entries(own.values)) {
    if (Array.isArray(words)) own.values[title] = Object.fromEntries((held.columns[title]?.values ?? []).map((value, at) => [value, words[at]]));
  }
  const raw = (title, row) => {
    const one = column(title);
    return Array.isArray(one) ? one[row] : one.values[one.index[row]];
  };
  const worded = (title, value) => {
    const words = own.values[title];
    if (!words) return value;
    if (Object.hasOwn(words, value)) return words[value];
    if (own.detail.includes(title) || kinds.get(title) === "text") return value;
    const marks = { "+": " + ", "&": ", ", ", ": ", " };
    return value.split(/([+&]|, )/).map((part) => marks[part] ?? (Object.hasOwn(words, part) ? words[part] : part)).join("");
  };
  const marked = (text) => text.replace(".", common.mark).replace("-", "\u2212");
  const points = (value) => {
    const part = String(Math.abs(value) % 1000).padStart(3, "0").replace(/0+$/, "") || "0";
    return marked(`${value < 0 ? "-" : value > 0 ? "+" : ""}${Math.trunc(Math.abs(value) / 1000)}.${part}`);
  };
  const share = (value) => {
    const text = value < 0.001 ? "<\u00a00.1" : value > 0.999 ? ">\u00a099.9" : (100 * value).toFixed(1);
    return text.replace(".", common.mark) + common.percent;
  };
  const said = (title, value) => {
    if (value === null || value === "") return "";
    if (title === "place") return value > 0 ? t.place.replace("{place}", grouped(value)) : "";
    if (title === "late") return value > 0 ? t.late.replace("{days}", grouped(value)) : "";
    if (title === "posterior_before") return t.before.replace("{share}", share(value));
    if (kinds.get(title) === "share") return share(value);
    if (kinds.get(title) === "points") return points(value);
    if (kinds.get(title) === "frequency") return marked(String(Number(value.toPrecision(3))));
    return typeof value === "number" ? String(value) : worded(title, value);
  };
  /* A frequency that is not known says why: the column `frequency_state`. */
  const shown = (title, row) => {
    const value = raw(title, row);
    return value === null && kinds.get(title) === "frequency" ? said(`${title}_state`, raw(`${title}_state`, row)) : said(title, value);
  };
  const memo = new Map();
  const once = (key, make) => {
    if (!memo.has(key)) memo.set(key, make());
    return memo.get(key);
  };
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  /* The place of each row by a column; what is not known comes last, whichever way. */
  const order = (title) => once(`order ${title}`, () => {
    const one = column(title);
    if (Array.isArray(one)) return one;
    const words = one.values.map((value) => said(title, value));
    const ranks = [];
    [...words.keys()].sort((a, b) => collator.compare(words[a], words[b])).forEach((at, rank) => { ranks[at] = words[at] === "" ? null : rank; });
    return one.index.map((at) => ranks[at]);
  });
  const containing = (title, wanted) => {
    const one = column(title);
    if (Array.isArray(one)) return (row) => marks(shown(title, row)).includes(wanted);
    const words = once(`words ${title}`, () => one.values.map((value) => marks(said(title, value))));
    const good = words.map((word) => word.includes(wanted));
    return (row) => good[one.index[row]];
  };
  const searched = named.filter((title) => !Array.isArray(held.columns[title]));
  const test = (title, wanted) => {
    const kind = kinds.get(title);
    if (kind === "choice") return (row) => raw(title, row) === wanted;
    const bound = wanted.match(/^([<>]=?|=)\s*(.+)$/);
    if (bound && (numeric(title) || kind === "date")) {
      const limit = kind === "date" ? bound[2].trim()
        : Number(bound[2].replace(",", ".").replace("\u2212", "-").replace(/\s*%$/, "")) * (/%$/.test(bound[2]) ? 0.01 : kind === "points" ? 1000 : 1);
      const compare = {
        "<": (a) => a < limit, "<=": (a) => a <= limit, ">": (a) => a > limit, ">=": (a) => a >= limit, "=": (a) => a === limit,
      }[bound[1]];
      if (!Number.isNaN(limit)) return (row) => raw(title, row) !== null && raw(title, row) !== "" && compare(raw(title, row));
    }
    const tests = [title, own.columns.find((one) => one.name === title).under].filter(Boolean).map((part) => containing(part, marks(wanted)));
    return (row) => tests.some((one) => one(row));
  };
  const all = [...Array(held.rows).keys()];
  function chosen() {
    const steps = [];
    if (state.preset) steps.push([own.presets.find(([key]) => key === state.preset)[1], (row) => raw(state.preset, row) === 1]);
    if (state.search.trim()) {
      const tests = searched.map((title) => containing(title, marks(state.search.trim())));
      steps.push([t.search, (row) => tests.some((one) => one(row))]);
    }
    for (const { name: title } of own.columns) {
      const wanted = (state.filters[title] ?? "").trim();
      if (wanted) steps.push([own.titles[title], test(title, wanted)]);
    }
    let rows = all;
    const told = [];
    for (const [title, keep] of steps) {
      const before = rows.length;
      rows = rows.filter(keep);
      told.push([title, before - rows.length]);
    }
    if (state.sort) {
      const key = order(state.sort), turn = state.down ? -1 : 1;
      rows = [...rows].sort((a, b) => {
        const [x, y] = [key[a], key[b]];
        if (x === null || y === null) return (x === null) - (y === null) || a - b;
        return turn * (x - y) || a - b;
      });
    }
    return [rows, told];
  }

  /* What stands around the rows. */
  const presets = element("div", { class: "presets", role: "group", "aria-label": t.presets });
  const every = ["", t.all];
  for (const [key, title] of own.opens ? [...own.presets, every] : [every, ...own.presets]) {
    const number = key ? column(key).reduce((sum, one) => sum + one, 0) : held.rows;
    const button = element("button", { type: "button", "data-preset": key }, `${title} (${grouped(number)})`);
    button.onclick = () => { state.preset = key; draw(); };
    presets.append(button);
  }
  const id = `${name}-search`;
  const search = element("input", { type: "search", id });
  search.value = state.search;
  search.oninput = () => { state.search = search.value; draw(); };
  const clear = element("button", { type: "button", "data-clear": "" }, t.clear);
  clear.onclick = () => {
    Object.assign(state, { preset: "", search: "", filters: {}, sort: own.sort, down: false });
    search.value = "";
    for (const one of filters.querySelectorAll("input, select")) one.value = "";
    draw();
  };
  const exported = (kind) => {
    const button = element("button", { type: "button", "data-export": kind }, t[kind]);
    button.onclick = () => {
      const rows = chosen()[0].map((row) => named.map((title) => {
        const value = raw(title, row);
        if (value === null) return shown(title, row);
        if (typeof value === "number") return kinds.get(title) === "points" ? value / 1000 : value;
        return own.coded ? value : worded(title, value);
      }));
      saveTable(kind, `${common.file}.${name}`, named.map((title) => own.titles[title]), rows, name);
    };
    return button;
  };
  const told = element("output", { class: "small steps", "aria-live": "polite" });
  const heads = element("tr"), filters = element("tr", { class: "filters" });
  if (own.detail.length) {
    heads.append(element("th", { scope: "col", "data-column": "more", class: "aside" }, element("span", { class: "sr" }, t.more)));
    filters.append(element("td", { class: "aside" }));
  }
  for (const { name: title, kind } of own.columns) {
    const words = own.titles[title];
    const sort = element("button", { type: "button", title: t.sort.replace("{column}", words) }, words);
    sort.onclick = () => {
      state.down = state.sort === title && !state.down;
      state.sort = title;
      draw();
    };
    heads.append(element("th", { scope: "col", "data-column": title, class: numeric(title) ? "n" : "" }, sort));
    const label = t.filter.replace("{column}", words);
    const values = kind === "choice" ? column(title).values ?? [] : [];
    const field = kind === "choice"
      ? element("select", { "aria-label": label }, element("option", { value: "" }, t.any),
        ...values.filter(Boolean).map((value) => element("option", { value }, worded(title, value))))
      : element("input", { "aria-label": label, placeholder: numeric(title) ? "> <" : kind === "date" ? "< 2026-01" : "" });
    field.value = state.filters[title] ?? "";
    field.oninput = () => { state.filters[title] = field.value; draw(); };
    filters.append(element("td", {}, field));
  }
  const width = heads.cells.length;
  const spacer = () => {
    const cell = element("td", { colspan: width });
    return element("tr", { class: "gap", "aria-hidden": "true" }, cell);
  };
  const above = spacer(), below = spacer();
  const body = element("tbody", {}, above, below);
  const table = element("table", { class: `findings listing ${name}`, "aria-labelledby": name }, element("thead", {}, heads, filters), body);
  const sight = element("div", { class: "rows", tabindex: "0", role: "region", "aria-labelledby": name });
  const detail = element("div", { class: "detail", "aria-live": "polite" });
  sight.append(table, detail);

  /* The rows in sight. */
  let rows = [], at = 0;
  const drawn = new Map();
  const leads = (kind) => kind === "case" || kind === "gene";
  /* A case leads to its page, a gene to its candidate further up. */
  function link(kind, text, row) {
    if (kind === "case") return common.linked ? element("a", { href: `cases/${encodeURIComponent(text)}.html` }, text) : text;
    const candidate = raw("rank", row) && document.getElementById(`candidate-${raw("rank", row)}`);
    if (!candidate) return text;
    const one = element("a", { href: `#${candidate.id}` }, text);
    one.onclick = () => { candidate.open = true; };
    return one;
  }
  function line(row) {
    const tr = element("tr");
    if (own.detail.length) {
      const button = element("button", { type: "button", class: "more", "aria-label": `${t.more} ${raw("case", row)}` });
      button.onclick = () => tell(state.told === row ? -1 : row);
      tr.append(element("td", { class: "aside" }, button));
    }
    for (const { name: title, kind, under } of own.columns) {
      const text = shown(title, row), less = under ? shown(under, row) : "";
      const cell = element(leads(kind) ? "th" : "td", leads(kind) ? { scope: "row" } : {});
      if (numeric(title)) cell.className = "n";
      const first = element("div", {}, leads(kind) ? link(kind, text, row) : text || "\u2013");
      cell.append(first);
      if (less) {
        first.className = "one";
        cell.append(element("div", { class: `one under ${under}` }, less));
      }
      if (`${text}${less}`.length > 22) cell.title = less ? `${text} \u00b7 ${less}` : text;
      const hint = own.hints[title];
      if (hint && Object.hasOwn(hint, text)) cell.title = hint[text];
      if (title === "status" || title === "reason") cell.dataset.value = raw(title, row);
      tr.append(cell);
    }
    return tr;
  }
  function mark() {
    for (const [row, tr] of drawn) {
      for (const one of tr.querySelectorAll("a, button")) {
        one.tabIndex = row === rows[at] ? 0 : -1;
        if (one.className === "more") one.setAttribute("aria-expanded", String(row === state.told));
      }
      tr.classList.toggle("told", row === state.told);
    }
  }
  function tell(row) {
    state.told = row;
    mark();
    if (row < 0) return detail.replaceChildren();
    const facts = element("dl", { class: "facts" });
    for (const title of own.detail) {
      const text = shown(title, row);
      if (!text) continue;
      const english = text === raw(title, row) && ["sentence", "why", "source"].includes(title);
      const words = element("dd", english ? { lang: "en" } : {}, text);
      facts.append(element("div", {}, element("dt", {}, own.titles[title]), words));
    }
    const close = element("button", { type: "button" }, t.close);
    close.onclick = () => {
      tell(-1);
      step(at, "button");
    };
    detail.replaceChildren(element("h3", {}, raw("case", row)), facts, close);
    detail.scrollIntoView({ block: "nearest" });
  }
  /* The height of the rows in sight: as much as the window may have, for it grows with them. */
  const inside = () => Math.max(sight.clientHeight, TALL) - table.tHead.offsetHeight - detail.offsetHeight;
  function fill(paper = false) {
    const top = sight.scrollTop;
    const first = paper ? 0 : Math.max(0, Math.floor(top / LINE) - SPARE);
    const last = Math.min(rows.length, paper ? PRINTED : Math.ceil((top + inside()) / LINE) + SPARE);
    const wanted = rows.slice(first, last);
    const stays = new Set(wanted);
    for (const [row, tr] of drawn) if (!stays.has(row)) { tr.remove(); drawn.delete(row); }
    let next = above.nextSibling;
    wanted.forEach((row, n) => {
      if (!drawn.has(row)) drawn.set(row, line(row));
      const tr = drawn.get(row);
      tr.setAttribute("aria-rowindex", first + n + 3);
      if (tr === next) next = next.nextSibling;
      else body.insertBefore(tr, next);
    });
    above.firstChild.style.height = `${first * LINE}px`;
    below.firstChild.style.height = `${(rows.length - last) * LINE}px`;
    above.hidden = !first;
    below.hidden = paper || last === rows.length;
    if (sight.scrollTop !== top) sight.scrollTop = top; // the table was shorter while rows changed
    if (at < first || at >= last) at = Math.min(Math.ceil(top / LINE), Math.max(rows.length - 1, 0));
    mark();
  }
  function step(to, what) {
    at = Math.max(0, Math.min(rows.length - 1, to));
    if (at * LINE < sight.scrollTop) sight.scrollTop = at * LINE;
    if ((at + 1) * LINE > sight.scrollTop + inside()) sight.scrollTop = (at + 1) * LINE - inside();
    fill();
    drawn.get(rows[at])?.querySelector(what)?.focus({ preventScroll: true });
  }
  body.onkeydown = (event) => {
    const leap = Math.max(1, Math.floor(sight.clientHeight / LINE) - 2);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + leap, PageUp: at - leap, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    step(to, event.target.matches("button") ? "button" : "a");
  };
  body.addEventListener("focusin", (event) => {
    at = Number(event.target.closest("tr").getAttribute("aria-rowindex")) - 3;
    mark();
  });
  function draw() {
    const [kept, removed] = chosen();
    rows = kept;
    sight.scrollTop = 0;
    table.setAttribute("aria-rowcount", rows.length + 2);
    for (const cell of heads.cells) {
      cell.removeAttribute("aria-sort");
      if (cell.dataset.column === state.sort) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    }
    for (const one of presets.children) one.setAttribute("aria-pressed", String(one.dataset.preset === state.preset));
    told.textContent = [t.stored.replace("{number}", grouped(held.rows)),
      ...removed.map(([title, number]) => t.removed.replace("{step}", title).replace("{number}", grouped(number))),
      t.kept.replace("{number}", grouped(rows.length))].join(" \u2192 ");
    at = 0;
    if (!rows.includes(state.told)) tell(-1);
    fill();
  }
  FILLS[name] = fill;
  sight.onscroll = () => requestAnimationFrame(() => fill());
  place.replaceChildren(
    script, presets,
    element("div", { class: "handle" }, element("label", { for: id }, t.search), search, clear, told, exported("tsv"), exported("xlsx")),
    sight, element("p", { class: "small on-paper" }, t.on_paper.replace("{number}", PRINTED)),
  );
  draw();
  if (state.told >= 0) tell(state.told);
  return (key) => {
    clear.click();
    state.preset = key;
    draw();
  };
}
addEventListener("resize", () => Object.values(FILLS).forEach((fill) => fill()));
addEventListener("beforeprint", () => Object.values(FILLS).forEach((fill) => fill(true)));
addEventListener("afterprint", () => Object.values(FILLS).forEach((fill) => fill()));
starters.push((page) => {
  const common = page.querySelector("#listing-words");
  if (!common) return;
  const words = JSON.parse(common.textContent);
  /* In a report of Snakemake the pages of cases lie elsewhere: what leads nowhere is no link. */
  words.linked = !/\/data\/raw\/[0-9a-f]+\/[^/]*$/.test(location.pathname);
  const choose = {};
  for (const place of page.querySelectorAll("[data-listing]")) choose[place.dataset.listing] = listing(place, words);
  for (const one of page.querySelectorAll("a[data-preset-of]")) {
    const [name, key] = one.dataset.presetOf.split(" ");
    one.onclick = () => choose[name](key);
  }
});
