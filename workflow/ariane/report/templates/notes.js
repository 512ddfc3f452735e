/* Notes for the decisions file: rows made from what is marked. Nothing is kept anywhere. */
const NOTES = { marked: {}, facts: {} };
starters.push((page) => {
  const form = page.querySelector("#decision");
  if (!form) return;
  form.hidden = false;
  page.querySelector("[data-static]").hidden = true;
  const sheet = form.querySelector("#note-rows");
  const done = form.querySelector("output");
  const columns = sheet.dataset.columns.split(" ");
  const lines = [...form.querySelectorAll("tr[data-finding]")];
  const facts = ["actor", "role", "report", "date"];
  const field = (name) => form.querySelector(`#note-${name}`);
  const write = () => {
    const rows = [];
    for (const [n, line] of lines.entries()) {
      const outcome = line.querySelector("select").value;
      const comment = line.querySelector("input").value;
      NOTES.marked[n] = { outcome, comment };
      if (!outcome) continue;
      const told = { ...line.dataset, case_id: sheet.dataset.case, outcome, comment };
      for (const name of facts) told[name] = field(name).value.trim();
      rows.push(columns.map((name) => told[name] ?? ""));
    }
    for (const name of facts) NOTES.facts[name] = field(name).value;
    form.classList.toggle("filled", rows.length > 0);
    sheet.value = rows.length ? tsv([columns, ...rows]) : "";
    done.textContent = "";
  };
  for (const [n, line] of lines.entries()) {
    const kept = NOTES.marked[n] ?? { outcome: "", comment: "" };
    line.querySelector("select").value = kept.outcome;
    line.querySelector("input").value = kept.comment;
  }
  for (const name of facts) field(name).value = NOTES.facts[name] ?? "";
  form.oninput = write;
  form.onsubmit = (event) => event.preventDefault();
  form.querySelector("[data-copy]").onclick = () => {
    sheet.select();
    document.execCommand("copy");
    done.textContent = done.dataset.done;
  };
  form.querySelector("[data-save]").onclick = () => {
    if (sheet.value) saveText(`${sheet.dataset.case}.decisions.tsv`, sheet.value);
  };
  write();
});
addEventListener("beforeunload", (event) => {
  if (Object.values(NOTES.marked).some((one) => one.outcome || one.comment)) event.preventDefault();
});
